/* The noise explorable: two curvatures, a step, a batch; which of four notions of stability hold, and what runs do. */
"use strict";

/** Of n samples half have curvature `low`, half `high`; a step on a batch multiplies the error by 1 - eta h. */
StableMinima.noise = (() => {
	const SAMPLES = 8;

	/** The curvatures h of a batch of `size` drawn without replacement, and their probabilities. */
	function curvatures(low, high, size, n = SAMPLES) {
		const choose = (m, k) => (k < 0 || k > m ? 0 : Array.from({ length: k }, (_, i) => (m - i) / (i + 1)).reduce((a, b) => a * b, 1));
		return Array.from({ length: size + 1 }, (_, k) => ({
			h: ((size - k) * low + k * high) / size,
			p: (choose(n / 2, k) * choose(n / 2, size - k)) / choose(n, size),
		})).filter(({ p }) => p > 0);
	}

	/** The factor by which a step multiplies the mean, the mean size, the root mean square, and almost every path. */
	function factors(law, eta) {
		const mean = (of) => law.reduce((sum, { h, p }) => sum + p * of(1 - eta * h), 0);
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
	const { element, set, inWords, powerOfTen, ticks, Panel, handle, place, slider, button, readings, statusLine, soon, question, address,
		within, assemble } = StableMinima.page;
	const { SAMPLES, curvatures, factors, regions, path } = StableMinima.noise;
	const START = { eta: 0.3, low: 1, high: 10, batch: 1, draw: 1 };
	const KINDS = { mean: "mean", size: "mean size", square: "mean square", path: "almost surely" };
	const [STEPS, PATHS] = [60, 30];
	const state = { ...START };
	const curvatureOf = (at) => Number((10 ** (at / 50)).toPrecision(3));

	const strips = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, element("path", { class: `strip ${kind}` })]));
	const curves = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, element("path", { class: `line ${kind}` })]));
	const [one, here] = [element("path", { class: "line ink dashed" }), element("path", { class: "line ink thin" })];
	const factorPanel = new Panel({ x: [0, 1], y: [-0.62, 2.2], below: "step size η", role: "group", draw, label: "The four growth factors against the step size, and where each is below one" });
	factorPanel.plot.append(...Object.values(strips), one, ...Object.values(curves), here);
	const runs = element("path", { class: "line runs" });
	const [meanLine, squareLine] = [element("path", { class: "line mean" }), element("path", { class: "line square" })];
	const pathPanel = new Panel({ x: [0, STEPS], y: [-12, 12], below: "step; upwards, the size of the error", draw, label: "The size of the error along thirty runs" });
	pathPanel.plot.append(element("path", { class: "line ink dashed" }), runs, meanLine, squareLine);

	const knob = handle(factorPanel, {
		label: "Step size", shape: element("circle", { r: 7, class: "turn" }), move: (x) => change({ eta: x }), end: () => tell(),
		keys: (dx, dy) => change({ eta: state.eta + ((dx + dy) * factorPanel.x[1]) / 200 }),
	});
	const curvature = (name, key) => slider(name, { min: 0, max: 100, words: (at) => inWords(curvatureOf(at)), change: (at) => (change({ [key]: curvatureOf(at) }), tell()) });
	const [lowSlider, highSlider] = [curvature("Curvatures", "low"), curvature("and", "high")];
	const batchSlider = slider("Batch", { min: 1, max: SAMPLES, words: (B) => (+B === SAMPLES ? "all 8" : `${B} of 8`), change: (batch) => (change({ batch }), tell()) });
	const again = button("New runs", () => (change({ draw: (state.draw % 999) + 1 }), tell()));
	const numbers = readings(Object.fromEntries(Object.entries(KINDS).map(([kind, name]) => [kind, `${name}, × a step`])));
	const status = statusLine();
	const ask = question({
		words: "Is there a step at which the mean grows, and yet every run dies out?", answers: ["yes", "no"],
		verdict() {
			const beyond = state.regions.path.filter(([, end]) => end > state.regions.mean.at(-1)[1] + 1e-9).at(-1);
			const edge = inWords(state.regions.mean.at(-1)[1]);
			return beyond
				? { right: 0, why: `The mean grows beyond <i>η</i> = ${edge}, but almost every run dies out for <i>η</i> in (${inWords(Math.max(beyond[0], state.regions.mean.at(-1)[1]))}, ${inWords(beyond[1])}): a lucky batch multiplies the error by nearly 0, and the mean is carried by runs too rare to meet.` }
				: { right: 1, why: `Here both edges are where no such step is left (mean: ${edge}). Try curvatures 1 and 10 with a batch of one.` };
		},
	});
	const where = address(root, {
		keys: ["eta", "low", "high", "batch", "draw"], read: () => ({ ...state, regions: undefined, law: undefined }), apply,
		presets: {
			"the mean grows, the runs die": "eta=0.92&low=1&high=10&batch=1", "only the mean is stable": "eta=0.3&low=1&high=10&batch=1",
			"the last step in mean square": "eta=0.2178&low=1&high=10&batch=1", "all samples: one threshold": "eta=0.3&low=1&high=10&batch=8",
		},
	});

	assemble(root, {
		instruction: "Drag the step along the four factors: above the dashed line the error grows, below it dies out.",
		controls: [lowSlider.node, highSlider.node, batchSlider.node, again], status, ask, where,
		panels: [
			[factorPanel, "[mean]mean, [size]mean size, [square]mean square, [path]almost surely: factor of a step, and below, where it is under 1"],
			[pathPanel, "[runs]thirty runs, [mean]their exact mean, [square]their exact root mean square"],
		],
		below: [numbers.node],
	});

	function change(values) {
		Object.assign(state, values);
		const { low, high, batch } = state;
		state.law = curvatures(low, high, batch);
		const most = 2.5 / Math.min(low, high);
		state.regions = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, "eta" in values && state.regions && Object.keys(values).length === 1 ? state.regions[kind] : regions(state.law, kind, most, 1500)]));
		const end = 1.12 * Math.max(...Object.values(state.regions).map((all) => all.at(-1)[1]));
		factorPanel.x = [0, end];
		state.eta = Number(Math.min(Math.max(state.eta, end / 1000), end).toPrecision(4));
		soon(draw);
	}

	function apply(values) {
		change({
			eta: within(values.eta, 1e-4, 100, START.eta), low: within(values.low, 0.5, 100, START.low), high: within(values.high, 0.5, 100, START.high),
			batch: Math.round(within(values.batch, 1, SAMPLES, START.batch)), draw: Math.round(within(values.draw, 1, 999, START.draw)),
		});
		draw();
		tell();
	}

	function paths() {
		const uniform = StableMinima.uniforms(state.draw);
		return Array.from({ length: PATHS }, () => path(state.law, state.eta, STEPS, uniform));
	}

	function tell() {
		const now = factors(state.law, state.eta);
		const stable = Object.keys(KINDS).filter((kind) => now[kind] < 1).map((kind) => KINDS[kind]);
		const died = paths().filter((logs) => logs.at(-1) < 0).length;
		status.say(`<i>η</i> = ${inWords(state.eta)}: ${stable.length === 4 ? "stable in every sense" : stable.length ? `stable only: ${stable.join(", ")}` : "stable in no sense"}; ` +
			`after ${STEPS} steps ${died} of ${PATHS} runs are smaller than they began.`, stable.length ? "" : "diverged");
		ask.update();
	}

	function draw() {
		if (!factorPanel.width || !pathPanel.width || !state.law) return;
		const fine = Array.from({ length: 301 }, (_, i) => (i / 300) * factorPanel.x[1]);
		const all = fine.map((eta) => factors(state.law, eta));
		Object.keys(KINDS).forEach((kind, row) => {
			set(curves[kind], { d: factorPanel.path(fine.map((eta, i) => [eta, all[i][kind]])) });
			const y = -0.08 - 0.145 * row;
			set(strips[kind], { d: state.regions[kind].map(([a, b]) => factorPanel.path([[a, y], [Math.min(b, factorPanel.x[1]), y]])).join("") });
		});
		set(one, { d: factorPanel.path([[0, 1], [factorPanel.x[1], 1]]) });
		set(here, { d: factorPanel.path([[state.eta, 3], [state.eta, -1]]) });
		const now = factors(state.law, state.eta);
		place(knob, factorPanel, state.eta, 1, `η = ${inWords(state.eta)}; ${Object.entries(KINDS).map(([kind, name]) => `${name} ${inWords(now[kind])}`).join(", ")}`, state.eta);
		set(knob, { "aria-valuemin": 0, "aria-valuemax": Number(factorPanel.x[1].toPrecision(3)) });
		factorPanel.scale(ticks(...factorPanel.x).map((v) => [v, inWords(v)]), [0, 0.5, 1, 1.5, 2].map((v) => [v, inWords(v)]));
		set(runs, { d: paths().map((logs) => pathPanel.path(logs.map((log, t) => [t, log / Math.LN10]))).join("") });
		for (const [line, kind] of [[meanLine, "mean"], [squareLine, "square"]])
			set(line, { d: pathPanel.path([0, STEPS].map((t) => [t, (t * Math.log(Math.max(now[kind], 1e-300))) / Math.LN10])) });
		set(pathPanel.plot.firstChild, { d: pathPanel.path([[0, 0], [STEPS, 0]]) });
		pathPanel.scale(ticks(0, STEPS).map((v) => [v, inWords(v)]), [-12, -6, 0, 6, 12].map((v) => [v, v ? powerOfTen(v) : "1"]));
		lowSlider.show(Math.round(50 * Math.log10(state.low)));
		highSlider.show(Math.round(50 * Math.log10(state.high)));
		batchSlider.show(state.batch);
		numbers.show(Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, inWords(now[kind])])));
	}

	root.explorable = state;
	where.start();
});
