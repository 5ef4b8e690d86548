/* The noise explorable: two curvatures, a step, a batch; which of four notions of stability hold, and what runs do. */
"use strict";

/** Of n samples half have curvature `low`, half `high`; a step on a batch multiplies the error by 1 - eta h. */
StableMinima.noise = (() => {
	const SAMPLES = 8, { range, sum } = StableMinima;

	/** The curvatures h of a batch of `size` drawn without replacement, and their probabilities. */
	function curvatures(low, high, size, n = SAMPLES) {
		const choose = (m, k) => (k < 0 || k > m ? 0 : range(k, (i) => (m - i) / (i + 1)).reduce((a, b) => a * b, 1));
		return range(size + 1, (k) => ({
			h: ((size - k) * low + k * high) / size,
			p: (choose(n / 2, k) * choose(n / 2, size - k)) / choose(n, size),
		})).filter(({ p }) => p > 0);
	}

	/** The factor by which a step multiplies the mean, the mean size, the root mean square, and almost every path. */
	function factors(law, eta) {
		const mean = (of) => sum(law, ({ h, p }) => p * of(1 - eta * h));
		return {
			mean: Math.abs(mean((z) => z)), size: mean(Math.abs), square: Math.sqrt(mean((z) => z * z)),
			path: Math.exp(mean((z) => Math.log(Math.abs(z)))),
		};
	}

	/** The intervals of eta in (0, most) on which a factor is below 1. */
	function regions(law, kind, most, cells = 4000) {
		const below = (eta) => factors(law, eta)[kind] < 1;
		const found = [];
		let inside = true;
		for (let i = 1, start = 0; i <= cells; i++) {
			let [a, b] = [((i - 1) / cells) * most, (i / cells) * most];
			if (below(b) === inside) { if (inside && i === cells) found.push([start, most]); continue; }
			for (let k = 0; k < 60; k++) below((a + b) / 2) === inside ? (a = (a + b) / 2) : (b = (a + b) / 2);
			if (inside) found.push([start, a]);
			else start = a;
			inside = !inside;
		}
		return found;
	}

	/** ln|error| along `steps` steps from ln 1 = 0, with batches drawn by a generator of uniform numbers. */
	function path(law, eta, steps, uniform) {
		const logs = [0];
		for (let t = 0; t < steps; t++) {
			let u = uniform(), k = 0;
			while (k < law.length - 1 && u >= law[k].p) u -= law[k++].p;
			logs.push(Math.max(-200, logs[t] + Math.log(Math.abs(1 - eta * law[k].h))));
		}
		return logs;
	}

	return { SAMPLES, curvatures, factors, regions, path };
})();

StableMinima.page.start("noise", (root) => {
	const { set, inWords, powerOfTen, ticks, Panel, handle, place, slider, button, readings, soon, clamp,
		numbersOf, assemble } = StableMinima.page;
	const { SAMPLES, curvatures, factors, regions, path } = StableMinima.noise;
	const LIMITS = { eta: [0.3, 1e-4, 100], low: [1, 0.5, 100], high: [10, 0.5, 100], batch: [1, 1, SAMPLES, true], draw: [1, 1, 999, true] };
	const KINDS = { mean: "mean", size: "mean size", square: "mean square", path: "almost surely" };
	const [STEPS, PATHS] = [60, 30];
	const state = {};
	const curvatureOf = (at) => Number((10 ** (at / 50)).toPrecision(3));

	const factorPanel = new Panel({ x: [0, 1], y: [-0.62, 2.2], below: "step size η", role: "group", label: "The four growth factors against the step size, and where each is below one" });
	const strips = factorPanel.curves(...Object.keys(KINDS).map((kind) => `strip ${kind}`));
	const [one, ...curves] = factorPanel.curves("line ink dashed", ...Object.keys(KINDS).map((kind) => `line ${kind}`));
	const [here] = factorPanel.curves("line ink thin");
	const pathPanel = new Panel({ x: [0, STEPS], y: [-12, 12], below: "step; upwards, the size of the error", label: "The size of the error along thirty runs" });
	const [still, runs, meanLine, squareLine] = pathPanel.curves("line ink dashed", "line runs", "line mean", "line square");

	const knob = handle(factorPanel, {
		label: "Step size", move: (x) => change({ eta: x }),
		keys: (dx, dy) => change({ eta: state.eta + ((dx + dy) * factorPanel.x[1]) / 200 }),
	});
	const curvature = (name, key) => slider(name, { min: 0, max: 100, words: (at) => inWords(curvatureOf(at)), change: (at) => change({ [key]: curvatureOf(at) }) });
	const [lowSlider, highSlider] = [curvature("Curvature 1", "low"), curvature("Curvature 2", "high")];
	const batchSlider = slider("Batch", { min: 1, max: SAMPLES, words: (B) => (+B === SAMPLES ? "all 8" : `${B} of 8`), change: (batch) => change({ batch }) });
	const again = button("New runs", () => (change({ draw: (state.draw % 999) + 1 }), tell()));
	const numbers = readings(Object.fromEntries(Object.entries(KINDS).map(([kind, name]) => [kind, `${name}, × a step`])));

	const { say, open } = assemble(root, {
		draw, tell,
		controls: [lowSlider, highSlider, batchSlider, again],
		verdict() {
			const beyond = state.regions.path.filter(([, end]) => end > state.regions.mean.at(-1)[1] + 1e-9).at(-1);
			const edge = inWords(state.regions.mean.at(-1)[1]);
			return beyond
				? { right: 0, why: `The mean grows beyond η = ${edge}, but almost every run dies out for η in (${inWords(Math.max(beyond[0], state.regions.mean.at(-1)[1]))}, ${inWords(beyond[1])}): a lucky batch multiplies the error by nearly 0, and the mean is carried by runs too rare to meet.` }
				: { right: 1, why: `Here both edges are where no such step is left (mean: ${edge}). Try curvatures 1 and 10 with a batch of one.` };
		},
		address: {
			keys: Object.keys(LIMITS), read: () => ({ ...state, regions: undefined, law: undefined }),
			apply: (values) => change(numbersOf(values, LIMITS)),
		},
		panels: [
			[factorPanel, "[mean]mean, [size]mean size, [square]mean square, [path]almost surely: factor of a step, and below, where it is under 1"],
			[pathPanel, "[runs]thirty runs, [mean]their exact mean, [square]their exact root mean square"],
		],
		below: [numbers],
	});

	function change(values) {
		Object.assign(state, values);
		const { low, high, batch } = state;
		state.law = curvatures(low, high, batch);
		const most = 2.5 / Math.min(low, high);
		state.regions = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, "eta" in values && state.regions && Object.keys(values).length === 1 ? state.regions[kind] : regions(state.law, kind, most, 1500)]));
		const end = 1.12 * Math.max(...Object.values(state.regions).map((all) => all.at(-1)[1]));
		factorPanel.x = [0, end];
		state.eta = Number(clamp(state.eta, end / 1000, end).toPrecision(4));
		soon(draw);
	}

	function paths() {
		const uniform = StableMinima.uniforms(state.draw);
		return StableMinima.range(PATHS, () => path(state.law, state.eta, STEPS, uniform));
	}

	function tell() {
		const now = factors(state.law, state.eta);
		const stable = Object.keys(KINDS).filter((kind) => now[kind] < 1).map((kind) => KINDS[kind]);
		const died = paths().filter((logs) => logs.at(-1) < 0).length;
		say(`η = ${inWords(state.eta)}: ${stable.length === 4 ? "stable in every sense" : stable.length ? `stable only: ${stable.join(", ")}` : "stable in no sense"}; ` +
			`after ${STEPS} steps ${died} of ${PATHS} runs are smaller than they began.`, stable.length ? "" : "diverged");
	}

	function draw() {
		const fine = StableMinima.evenly(...factorPanel.x, 300);
		const all = fine.map((eta) => factors(state.law, eta));
		Object.keys(KINDS).forEach((kind, row) => {
			set(curves[row], { d: factorPanel.path(fine.map((eta, i) => [eta, all[i][kind]])) });
			const y = -0.08 - 0.145 * row;
			set(strips[row], { d: state.regions[kind].map(([a, b]) => factorPanel.path([[a, y], [Math.min(b, factorPanel.x[1]), y]])).join("") });
		});
		set(one, { d: factorPanel.through([], [1]) });
		set(here, { d: factorPanel.through([state.eta]) });
		const now = factors(state.law, state.eta);
		place(knob, factorPanel, state.eta, 1, `η = ${inWords(state.eta)}; ${Object.entries(KINDS).map(([kind, name]) => `${name} ${inWords(now[kind])}`).join(", ")}`, state.eta);
		set(knob, { "aria-valuemin": 0, "aria-valuemax": Number(factorPanel.x[1].toPrecision(3)) });
		factorPanel.scale(ticks(...factorPanel.x), [0, 0.5, 1, 1.5, 2]);
		set(runs, { d: paths().map((logs) => pathPanel.path(logs.map((log, t) => [t, log / Math.LN10]))).join("") });
		for (const [line, kind] of [[meanLine, "mean"], [squareLine, "square"]])
			set(line, { d: pathPanel.path([0, STEPS].map((t) => [t, (t * Math.log(Math.max(now[kind], 1e-300))) / Math.LN10])) });
		set(still, { d: pathPanel.through([], [0]) });
		pathPanel.scale(ticks(0, STEPS), [-12, -6, 0, 6, 12].map((v) => [v, v ? powerOfTen(v) : "1"]));
		lowSlider.show(Math.round(50 * Math.log10(state.low)));
		highSlider.show(Math.round(50 * Math.log10(state.high)));
		batchSlider.show(state.batch);
		numbers.show(Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, inWords(now[kind])])));
	}

	open(state);
});
