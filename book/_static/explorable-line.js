/* The line explorable: points on the line, the interpolants of two least norms, and what two ways of training pick; chapter 8. */
"use strict";

StableMinima.interpolants = (() => {
	/** Least sum of |m| cost over f = affine + sum m (x - knot)_+ through (x, y): { cost, masses, points: f at `at` }. */
	function cheapestBends(x, y, knots, costs) {
		return StableMinima.leastCost(knots.map((t) => x.map((xj) => Math.max(0, xj - t))), costs, [x.map(() => 1), x], y);
	}

	/** The interpolant with bends `masses` at `knots`: its values at `points`. */
	function values(x, y, knots, masses, points) {
		const bent = (p) => StableMinima.dot(masses, knots.map((t) => Math.max(0, p - t)));
		const [low, high] = [x.indexOf(Math.min(...x)), x.indexOf(Math.max(...x))];
		const rest = [low, high].map((j) => y[j] - bent(x[j]));
		const slope = (rest[1] - rest[0]) / (x[high] - x[low]);
		return points.map((p) => rest[0] + slope * (p - x[low]) + bent(p));
	}

	/** Gradient descent with weight decay on weights and output weights, as in the library; the rate falls over the last 40 %. */
	function decayed(net, x, y, stepSize, decay, steps, from = 0, until = steps) {
		const all = x.map((_, j) => j), fall = Math.max(1, 0.4 * steps);
		for (let t = from; t < until; t++) {
			const eta = stepSize * Math.min(1, (steps - t) / fall), w = net.w.slice(), v = net.v.slice();
			StableMinima.step(net, x, y, eta, all);
			for (let i = 0; i < w.length; i++) {
				net.w[i] -= eta * decay * w[i];
				net.v[i] -= eta * decay * v[i];
			}
		}
		return net;
	}

	return { cheapestBends, values, decayed };
})();

StableMinima.page.start("line", (root) => {
	const { element, set, inWords, Panel, movable, button, soon, write, within, pointsOf, assemble, stillness } = StableMinima.page;
	const { cheapestBends, values, decayed } = StableMinima.interpolants;
	const DEFAULTS = { x: [-1.8, -0.9, 0.9, 1.8], y: [1.8, 0.9, 0.9, 1.8] };
	const FRAME = { x: [-2.2, 2.2], y: [-1.5, 2] };
	const [FEWEST, MOST, STEPS, CHUNK] = [3, 8, 12000, 240];
	const GRID = StableMinima.evenly(-2, 2, 160); // where a bend may be; those outside of the points are free and of no use
	const state = { ...DEFAULTS, trained: null };

	const kinds = { norm: "least norm", stable: "least stability norm", decay: "weight decay", large: "a large step" };
	const graph = new Panel({ ...FRAME, role: "group", label: "The points and four functions through them. Points can be moved with the arrow keys." });
	const [normCurve, stableCurve, ...trainedCurves] = graph.curves("line stems", "line sharp", "line stems dashed", "line sharp dashed");
	const bends = new Panel({ x: FRAME.x, y: [-1, 1], label: "The bends: upwards of the least norm, downwards of the least stability norm" });
	const [area, up, down] = bends.curves("area", "line stems", "line sharp");

	const trainButton = button("Train", () => (state.timer ? stop() : train()), { class: "main" });
	const points = movable(graph, "Point", {
		at: () => state, few: FEWEST, many: MOST, room: 0.2, changed, tell: () => tell(),
		fit: (j) => { while (state.x.some((other, l) => l !== j && Math.abs(other - state.x[j]) < 0.0201)) state.x[j] = Math.round(100 * state.x[j] + (state.x[j] > 1.9 ? -5 : 3)) / 100; },
	});
	const resetButton = button("Reset", () => go(""));
	const table = element("table", { class: "compared" });

	const { say, go, open } = assemble(root, {
		draw, tell,
		controls: [trainButton, ...points.buttons, resetButton],
		verdict() {
			const at = (t) => inWords(StableMinima.dataWeight([[-1.8], [-0.9], [0.9], [1.8]], [1], t), 2);
			return { right: 2, why: `The slope must turn from −1 to 1, so every convex function has bends of 2 in all: the least norm has no opinion. The stability norm has: a bend costs ${at(0)} at the V’s tip and ${at(0.9001)} just outside an inner point, so it builds the roof.` };
		},
		address: {
			keys: ["x", "y", "train"], apply, read: () => ({ x: state.x, y: state.y, train: state.trained?.steps }),
		},
		panels: [
			[graph, "[stems]least norm: a bend costs 1, [sharp]least stability norm: a bend costs <i>g</i>; [decayed]trained with weight decay, [large]with a large step"],
			[bends, "their bends: [stems]upwards, [sharp]downwards; [area]<i>g</i>, on a scale of its own"],
		],
		below: [table],
	});

	function changed() {
		stop();
		state.trained = null;
		const { x, y } = state, cloud = x.map((p) => [p]);
		state.g = GRID.map((t) => StableMinima.dataWeight(cloud, [1], t));
		const knots = [...x].sort((p, q) => p - q).slice(1, -1); // for the least norm the points are enough
		const inner = GRID.filter((_, i) => state.g[i] > 0);
		state.found = { knots, inner, norm: cheapestBends(x, y, knots, knots.map(() => 1)), stable: cheapestBends(x, y, inner, state.g.filter((g) => g > 0)) };
		soon(draw);
	}

	function apply({ train: steps, ...values }) {
		const given = pointsOf(values, DEFAULTS, FRAME, FEWEST, MOST);
		Object.assign(state, new Set(given.x).size === given.x.length ? given : pointsOf({}, DEFAULTS, FRAME, FEWEST, MOST));
		changed();
		if (steps) train(within(steps, CHUNK, STEPS, STEPS));
	}

	// --- training

	/** To the end, or at once to a number of steps. */
	function train(atOnce = stillness.matches && STEPS) {
		const { x, y } = state, limit = StableMinima.stepLimit(x, y);
		const start = () => StableMinima.randomNetwork(60, 2, { scale: 1, output: 2, reach: 1.8 });
		const large = new StableMinima.Training({ x: [...x], y: [...y], stepSize: 0.02, width: 60, seed: 2, batch: null });
		large.net = start();
		large.measure();
		state.trained = { steps: 0, decay: start(), run: large, large: large.net, goal: 0.6 * Math.min(limit, 1.5) };
		const forward = () => {
			const { trained } = state, until = Math.min(STEPS, trained.steps + CHUNK);
			decayed(trained.decay, x, y, 0.04, 0.006, STEPS, trained.steps, until);
			if (trained.steps === 2880) trained.run.changeStep(trained.goal, 3000);
			if (trained.run.now.phase !== "diverged") trained.run.advance(until - trained.steps);
			trained.large = trained.run.net;
			trained.steps = until;
			return until < STEPS;
		};
		const tick = () => {
			const go = forward();
			draw();
			if (go) state.timer = requestAnimationFrame(tick);
			else stop(), tell();
		};
		if (atOnce) { while (state.trained.steps < atOnce) forward(); soon(draw); tell(); } else tick();
		trainButton.textContent = state.timer ? "Stop" : "Train";
	}

	function stop() {
		cancelAnimationFrame(state.timer);
		state.timer = 0;
		trainButton.textContent = "Train";
	}

	// --- what is shown

	/** Sum of all bends and the weighted sum, of each function. */
	function measured() {
		const { sum } = StableMinima;
		const { found, trained } = state, total = (masses, of) => sum(masses, (m, i) => Math.abs(m) * of(i));
		const price = (t) => StableMinima.dataWeight(state.x.map((p) => [p]), [1], t);
		const rows = {
			norm: [found.norm.cost, total(found.norm.masses, (i) => price(found.knots[i]))],
			stable: [total(found.stable.masses, () => 1), found.stable.cost],
		};
		if (trained) for (const kind of ["decay", "large"]) {
			const at = StableMinima.weightedKnots(trained[kind], state.x).filter(({ knot }) => Math.abs(knot) <= 2.2);
			rows[kind] = [sum(at, (one) => Math.abs(one.mass)), sum(at, (one) => one.share)];
		}
		return rows;
	}

	function tell() {
		const { norm, stable, decay, large } = measured();
		const words = decay && state.trained.steps >= STEPS
			? `Weight decay ends with bends of ${inWords(decay[0])} in all (the least through the points is ${inWords(norm[0])}; it misses them a little). The large step ends at a stability norm of ${inWords(large[1])} (the least is ${inWords(stable[1])})${state.trained.run.now.phase === "minimum" ? "" : "; it has not come to rest at a minimum"}.`
			: `Least norm: bends of ${inWords(norm[0])} in all. Least stability norm: ${inWords(stable[1])}, with bends of ${inWords(stable[0])}.`;
		say(words);
	}

	function draw() {
		const { x, y, found, trained, g } = state;
		const across = [FRAME.x[0], ...[...GRID, ...x].sort((p, q) => p - q), FRAME.x[1]];
		const curve = (knots, masses) => { const at = values(x, y, knots, masses, across); return graph.path(across.map((p, i) => [p, at[i]])); };
		set(normCurve, { d: curve(found.knots, found.norm.masses) });
		set(stableCurve, { d: curve(found.inner, found.stable.masses) });
		["decay", "large"].forEach((kind, i) => set(trainedCurves[i], { d: trained ? graph.path(across.map((p) => [p, StableMinima.value(trained[kind], p)])) : "" }));
		const marks = [-2, -1, 0, 1, 2];
		graph.scale(marks, marks.slice(1));
		points.show();
		const most = Math.max(0.1, ...[...found.norm.masses, ...found.stable.masses].map(Math.abs)) * 1.1;
		bends.y = [-most, most];
		const base = bends.down(0), stems = (knots, masses, sign) => knots.map((t, i) => (Math.abs(masses[i]) > 1e-9 ? `${bends.path([[t, sign * Math.abs(masses[i])]])}V${base}` : "")).join("");
		set(up, { d: stems(found.knots, found.norm.masses, 1) });
		set(down, { d: stems(found.inner, found.stable.masses, -1) });
		const scale = most / Math.max(1e-9, ...g) / 1.1;
		set(area, { d: `${bends.path(GRID.map((t, i) => [t, g[i] * scale]))}V${base}H${bends.across(GRID[0])}Z` });
		const mark = Number((most / 1.3).toPrecision(1));
		bends.scale(marks, [-mark, 0, mark].map((v) => [v, inWords(Math.abs(v))]));
		write(table, "<thead><tr><th>function</th><th>all bends</th><th>S_g</th></tr></thead>" +
			Object.entries(measured()).map(([kind, row]) => `<tr><th>${kinds[kind]}</th>${row.map((v) => `<td>${inWords(v)}</td>`).join("")}</tr>`).join(""));
	}

	open(state);
});
