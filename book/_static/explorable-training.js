/* The training explorable: a shallow network on the line, trained in the page by explorable-arithmetic.js. */
"use strict";

/** A run of gradient descent with what the book measures along it; no page. */
StableMinima.Training = class {
	static START = { scale: 1, output: 3, reach: 1.8 }; // rough: its norm is above that of the minima it leads to
	static TOLERANCE = 1e-8; // the loss at which the book calls a point a minimum
	static LONGEST = 400; // records of the history; when it is full every second one is dropped
	static PATIENCE = 15000; // steps without a loss a tenth lower than the lowest
	static ENDS = ["minimum", "stuck", "restless", "collapsed", "diverged", "impossible"];

	/** `settings`: x, y, stepSize, width, seed, batch (null: all samples). */
	constructor(settings) {
		this.settings = settings;
		this.reset();
	}

	reset() {
		const { width, seed } = this.settings;
		this.net = StableMinima.randomNetwork(width, seed, StableMinima.Training.START);
		this.steps = 0;
		this.every = 10;
		this.ramp = null;
		this.history = [];
		this.now = this.blowUp = null;
		this.changes = []; // of the step size along the way, [at which step, to what, over how many steps]
		this.startStep = this.settings.stepSize;
		this.repeatable = true; // by these changes, from the start
		this.changed();
		this.measure();
		this.blowUp = 1e6 * Math.max(1, this.now.loss);
		this.record();
	}

	/** To be called when the settings were changed, but for the step size (`changeStep`) and the start (`reset`). */
	changed() {
		const { x, y, batch, seed } = this.settings;
		this.ended = false;
		this.repeatable &&= this.steps === 0;
		this.batches = StableMinima.batches(x.length, Math.min(batch ?? x.length, x.length), seed);
		this.limit = StableMinima.stepLimit(x, y);
		this.hope();
		if (this.now) this.measure();
	}

	hope() {
		Object.assign(this, { lowest: Infinity, lowestAt: this.steps, flicker: [] });
	}

	get samples() {
		return this.settings.x.length;
	}

	/** The step size of the next step: on a ramp from its last value to its new one while there is one. */
	get stepSize() {
		const { from, since, length } = this.ramp ?? { length: 0 };
		const part = length ? Math.min(1, (this.steps - since + 1) / length) : 1;
		return part < 1 ? from + part * (this.settings.stepSize - from) : this.settings.stepSize;
	}

	/** Change the step size, over `length` steps if given. */
	changeStep(stepSize, length = 0) {
		if (this.steps) this.changes = [...this.changes.filter(([at]) => at < this.steps), [this.steps, stepSize, length]];
		else this.startStep = stepSize;
		this.ramp = { from: this.stepSize, since: this.steps, length };
		this.settings.stepSize = stepSize;
		this.ended = false;
		this.hope();
		this.measure();
	}

	/** From the start, the same changes of the step size at the same steps, to step `end`. */
	replay(changes, end) {
		for (const [at, stepSize, length] of changes) {
			this.forward(at - this.steps);
			this.changeStep(stepSize, length);
		}
		this.forward(end - this.steps);
	}

	forward(count) {
		for (let left = count; left > 0 && this.now.phase !== "diverged"; left = count) {
			const before = this.steps;
			this.advance(left);
			count -= this.steps - before;
		}
	}

	/** `count` steps, fewer if the run comes to its end (once): one of ENDS.  Whether it did.
	 *  It looks at every tenth step, so that where it stops does not depend on how the steps are asked for. */
	advance(count) {
		const { x, y } = this.settings;
		for (let i = 0; i < count && this.now.phase !== "diverged"; i++) {
			StableMinima.step(this.net, x, y, this.stepSize, this.batches.next().value);
			this.steps += 1;
			if (this.steps % 10) continue;
			this.measure();
			this.watch();
			if (this.steps % this.every === 0) this.record();
			if (!this.ended && StableMinima.Training.ENDS.includes(this.now.phase)) return (this.ended = true);
		}
		if (this.now.phase !== "diverged") this.measure();
		return false;
	}

	/** The loss, the sharpness, the stability norm and what they say; of a diverged run, those of its last good network. */
	measure() {
		const { x, y } = this.settings;
		const stepSize = this.stepSize, n = x.length;
		const residual = x.map((xj, j) => StableMinima.value(this.net, xj) - y[j]);
		const loss = residual.reduce((sum, r) => sum + r * r, 0) / (2 * n);
		if (!(loss < (this.blowUp ?? Infinity))) {
			this.net = this.good;
			this.now = { ...this.now, stepSize, steps: this.steps, phase: "diverged" };
			return;
		}
		this.good = StableMinima.copyNetwork(this.net);
		const knots = StableMinima.weightedKnots(this.net, x);
		const norm = knots.reduce((sum, at) => sum + at.share, 0);
		const G = StableMinima.tangentKernel(this.net, x);
		const sharpness = StableMinima.topEigenvalue(G) / n;
		const square = G.reduce((sum, row, j) => sum + residual[j] * row.reduce((part, g, l) => part + g * residual[l], 0), 0);
		const slope = Math.sqrt(Math.max(0, square)) / n; // the length of the gradient
		this.now = { steps: this.steps, stepSize, loss, knots, norm, sharpness, slope };
		this.now.phase = this.phase();
	}

	/** Whether the loss still falls, and which neurons go on and off. */
	watch() {
		const { loss } = this.now;
		if (loss < 0.9 * this.lowest) Object.assign(this, { lowest: loss, lowestAt: this.steps });
		if (this.steps - this.lowestAt < 2000) return;
		const { w, b } = this.net;
		const on = this.settings.x.map((xj) => Array.from(w, (wi, i) => wi * xj + b[i] > 0));
		this.flicker.push(on);
		if (this.flicker.length > 8) this.flicker.shift();
	}

	/** The samples on which a neuron is pinned: its knot is there, or it goes on and off there again and again. */
	pinned() {
		const { x } = this.settings;
		const near = (xj) => this.now.knots.some((at) => at.share > 1e-4 && Math.abs(at.knot - xj) < 1e-5);
		const flips = (j) => this.flicker.length > 2 && this.flicker[0][j].some((_, i) =>
			this.flicker.slice(1).filter((on, s) => on[j][i] !== this.flicker[s][j][i]).length >= 2);
		return x.filter((xj, j) => near(xj) || flips(j));
	}

	/** Neurons that are on at some sample. */
	alive() {
		const { w, b } = this.net;
		return Array.from(w).filter((wi, i) => this.settings.x.some((xj) => wi * xj + b[i] > 0)).length;
	}

	phase() {
		const { loss, sharpness, stepSize, slope } = this.now;
		if (this.limit === 0) return "impossible";
		if (loss < StableMinima.Training.TOLERANCE && sharpness * stepSize <= 2) return "minimum";
		if (!this.alive()) return "collapsed";
		if (slope < 1e-7 && loss > StableMinima.Training.TOLERANCE) return "stuck";
		if (this.steps - this.lowestAt > StableMinima.Training.PATIENCE) return "restless";
		const edge = (sharpness * stepSize) / 2;
		return edge > 0.95 && edge < 1.25 ? "edge" : "training";
	}

	record() {
		const { steps, stepSize, loss, norm, sharpness, phase } = this.now;
		if (phase === "diverged") return;
		this.history.push({ steps, stepSize, loss, norm, sharpness });
		if (this.history.length > StableMinima.Training.LONGEST) {
			this.history = this.history.filter((_, i) => i % 2 === 0);
			this.every *= 2;
		}
	}
};

StableMinima.page.start("training", (root) => {
	const { element, set, inWords, powerOfTen, ticks, logTicks, Panel, movable, slider, button, readings, statusLine, soon,
		question, address, within, assemble, stillness } = StableMinima.page;
	const DEFAULTS = {
		x: [-1.7, -1.3, -0.9, 0.9, 1.3, 1.7], y: [-1.2, 0.9, 1.5, 1.5, 0.9, -0.6],
		stepSize: 0.05, width: 60, seed: 2, batch: null,
	};
	const FRAME = { x: [-2.2, 2.2], y: [-2.2, 3] };
	const STEPS = { least: 0.005, most: 2 };
	const SPEEDS = [60, 120, 300, 600, 1200, 3000];
	const [FEWEST, MOST, RAMP, CHUNK, REPLAY] = [2, 16, 300, 2000, 2e5];
	const defaults = () => ({ ...DEFAULTS, x: [...DEFAULTS.x], y: [...DEFAULTS.y] });

	const training = new StableMinima.Training(defaults());
	let other = null; // the run with the second step size: its settings are those of the first but for that
	const runs = () => (other ? [training, other] : [training]);
	let running = false, ghost = null, tripled = null, speed = 1200, left = 0, last = 0, visible = true;

	// --- panels

	const lane = (panel, ...kinds) => [1, 0].map((i) => Object.fromEntries(kinds.map((kind) => {
		const path = element("path", { class: `${kind} lane-${i}` });
		panel.plot.append(path);
		return [kind.split(" ").at(-1), path];
	}))).reverse();

	const functionPanel = new Panel({
		...FRAME, role: "group", draw,
		label: "The function of the network and the samples. Samples can be moved with the arrow keys.",
	});
	const ghostCurve = element("path", { class: "line ghost" });
	functionPanel.plot.append(ghostCurve);
	const curves = lane(functionPanel, "line function", "dots knots");

	const weight = element("path", { class: "area" });
	const ruler = element("path", { class: "line ink" });
	const knotPanel = new Panel({ x: FRAME.x, y: [0, 1], draw, label: "The weighted knots" });
	knotPanel.plot.append(weight);
	const stems = lane(knotPanel, "line stems");
	knotPanel.plot.append(ruler);

	const boundPanel = new Panel({ x: [0, 1000], y: [1, 50], log: true, right: true, draw, label: "Sharpness and norm" });
	const bounds = lane(boundPanel, "line ink dashed edge", "line norm", "line sharp");
	const lossPanel = new Panel({ x: [0, 1000], y: [1e-10, 100], log: true, right: true, draw, label: "The loss" });
	const losses = lane(lossPanel, "line loss");

	// --- controls

	const runButton = button("Run", () => (running ? (pause(), tell()) : run()), { class: "main" });
	const stepButton = button("Step", () => (pause(), runs().forEach((one) => one.advance(1)), draw(), tell()), { "aria-label": "One step" });
	const tripleButton = button("Triple the step", triple);
	const resetButton = button("Reset", () => (pause(), reset()));
	const pairButton = button("Compare two steps", () => (pause(), pair(other ? null : Math.min(STEPS.most, 2 * training.startStep)), reset()), { "aria-pressed": false });
	const toSlider = (eta) => Math.round((1000 * Math.log(eta / STEPS.least)) / Math.log(STEPS.most / STEPS.least));
	const fromSlider = (at) => Number((STEPS.least * (STEPS.most / STEPS.least) ** (at / 1000)).toPrecision(3));

	/** The step size of a run: a slider with the end of the road on it, and a number. */
	function stepControl(name, which) {
		const change = (eta) => which() && (which().changeStep(eta), showControls(), soon(draw), running || tell());
		const control = slider(name, { min: 0, max: 1000, words: (at) => inWords(fromSlider(at)), change: (at) => change(fromSlider(at)) });
		const number = element("input", {
			type: "number", min: STEPS.least, max: STEPS.most, step: "any", "aria-label": `${control.input.previousSibling.textContent}, as a number`,
			onchange: () => change(within(number.value, STEPS.least, STEPS.most, DEFAULTS.stepSize)),
		});
		control.output.replaceWith(number);
		const road = element("span", { class: "road" });
		control.input.before(road);
		road.append(control.input, element("span", { class: "end", "aria-hidden": "true" }));
		const show = () => {
			const eta = which().settings.stepSize, { limit } = training;
			control.input.value = toSlider(eta);
			const beyond = eta > limit ? `, beyond the end of the road at ${inWords(limit)}` : "";
			set(control.input, { "aria-valuetext": inWords(eta) + beyond });
			number.value = eta;
			road.style.setProperty("--end", Math.min(Math.max(toSlider(Math.max(limit, STEPS.least)) / 1000, 0), 1));
			set(road, { title: `Beyond ${inWords(limit)} these samples have no stable interpolating minimum without a knot on a sample.` });
		};
		return { node: control.node, show };
	}
	const stepControls = [stepControl("Step size <i>η</i>", () => training), stepControl("Second step", () => other)];

	const widthSlider = slider("Neurons <i>k</i>", { min: 5, max: 100, step: 5, change: (k) => restart({ width: k }) });
	const batchSlider = slider("Batch <i>B</i>", {
		min: 1, max: DEFAULTS.x.length, change: (B) => setBatch(B),
		words: (B) => (B >= training.samples ? "all samples" : `${B} of ${training.samples}`),
	});
	const seedSlider = slider("Seed", { min: 1, max: 20, change: (seed) => restart({ seed }) });
	const speedSlider = slider("Speed", { min: 0, max: SPEEDS.length - 1, change: (at) => (speed = SPEEDS[at]), words: (at) => `${SPEEDS[at]} steps/s` });
	const samples = movable(functionPanel, "Sample", { at: () => training.settings, few: FEWEST, many: MOST, changed: changedData, tell: (words) => running || tell(words) });
	const defaultsButton = button("Everything as at first", () => where.go(root.dataset.state ?? ""));

	const NAMES = { steps: "step", loss: "loss", sharpness: "sharpness <i>λ</i>", edge: "2/<i>η</i>", norm: "<i>S<sub>g</sub></i>", ceiling: "1/<i>η</i> − ½" };
	const numbers = [readings(NAMES), readings(NAMES)];
	numbers.forEach(({ node }, i) => set(node, { class: `numbers lane-${i}` }));
	const status = statusLine();

	const smoother = (before, after) => (after < 0.95 * before ? 0 : after > 1.05 * before ? 1 : 2);
	const ask = question({
		words: "Before you run: a longer step ends in a function that is …", answers: ["smoother", "rougher", "no different"],
		wait: "Now let it come to rest with a short step, and with a longer one.",
		verdict() {
			const [short, long] = other
				? [training, other].sort((p, q) => p.settings.stepSize - q.settings.stepSize).map((one) => one.now)
				: [tripled, training.now];
			if (!short || short.phase !== "minimum" || long.phase !== "minimum" || short.stepSize >= long.stepSize) return null;
			const [from, to, high, low] = [short.norm, long.norm, 1 / short.stepSize - 0.5, 1 / long.stepSize - 0.5].map((v) => inWords(v));
			const right = smoother(short.norm, long.norm);
			return {
				right,
				why: `<i>S<sub>g</sub></i>, the weighted sum of all bends, is ${from} after the short step and ${to} after the long one. ` + (right === 0
					? `The ceiling 1/<i>η</i> − ½ came down from ${high} to ${low}: what is above it cannot stay.`
					: `Both are below their ceilings, ${high} and ${low}: here the theorem did not have to forbid anything. Rougher starts, longer steps?`),
			};
		},
	});
	const where = address(root, {
		keys: ["eta", "second", "then", "run", "seed", "batch", "neurons", "x", "y"], read, apply,
		presets: {
			"two steps": "eta=0.04&second=0.08", edge: "eta=0.05", catapult: "eta=0.08", "a batch of one": "eta=0.05&batch=1",
			"knot pinned on a sample": "eta=0.05&then=7960:0.8:300&run=22980", "too long for these data": "eta=0.05&then=7960:1.35:300&run=8290",
			"all dead": "eta=0.05&then=7960:1.1:300&run=8160", diverged: "eta=0.3&run=10",
		},
	});

	const legend = {
		function: "[function]function, [knots]its knots, [sample]samples: drag them. [ghost]before the step was tripled",
		bound: "[sharp]sharpness <i>λ</i> (left), [norm]<i>S<sub>g</sub></i> (right), [edge]2/<i>η</i> (left) and 1/<i>η</i> − ½ (right), by step",
		knots: "[norm]|<i>f</i>″|·<i>g</i>, a stem at each knot; their sum is <i>S<sub>g</sub></i>. [area]<i>g</i>, on a scale of its own",
		loss: "[loss]loss, by step",
	};
	assemble(root, {
		instruction: "Press <b>Run</b>: the step cannot rest where the function is too rough for it. Then try a longer step.",
		controls: [runButton, stepButton, tripleButton, resetButton, pairButton, ...stepControls.map(({ node }) => node)],
		status, ask, where,
		panels: [[functionPanel, legend.function], [boundPanel, legend.bound], [knotPanel, legend.knots], [lossPanel, legend.loss]],
		below: [
			...numbers.map(({ node }) => node),
			element("details", {}, element("summary", {}, "More: samples, neurons, batches, seed, speed"),
				element("div", { class: "controls" }, ...samples.buttons, defaultsButton),
				element("div", { class: "controls sliders" }, widthSlider.node, batchSlider.node, seedSlider.node, speedSlider.node),
				element("p", { class: "hint" }, "Samples: drag one, or Tab to it and use the arrow keys (with Shift: further); " +
					"Delete removes it; double-click in the picture adds one.")),
		],
	});

	// --- state in the address

	const list = (numbers) => numbers.map((v) => String(v)).join(",");

	function read() {
		const { x, y, width, seed, batch } = training.settings;
		const state = { eta: training.startStep };
		if (other) state.second = other.startStep;
		if (width !== DEFAULTS.width) state.neurons = width;
		if (seed !== DEFAULTS.seed) state.seed = seed;
		if (batch) state.batch = batch;
		if (list(x) !== list(DEFAULTS.x)) state.x = list(x);
		if (list(y) !== list(DEFAULTS.y)) state.y = list(y);
		const repeatable = runs().every((one) => one.repeatable && one.steps <= REPLAY);
		if (!other && training.changes.length && repeatable) state.then = training.changes.map((change) => change.join(":")).join(",");
		if (repeatable && runs().some((one) => one.steps) && runs().every((one) => other === null || !one.changes.length)) state.run = runs().map((one) => one.steps).join(",");
		return state;
	}

	function apply({ eta, second, then = "", run: count, seed, batch, neurons, x, y }) {
		pause();
		const start = defaults();
		const [xs, ys] = [x, y].map((text, i) => text?.split(",").map((v) => within(v, ...FRAME["xy"[i]], 0)));
		const given = (xs ?? start.x).length;
		if (given === (ys ?? start.y).length && given >= FEWEST && given <= MOST) Object.assign(start, { x: xs ?? start.x, y: ys ?? start.y });
		const whole = (text, low, high, otherwise) => Math.round(within(text, low, high, otherwise));
		Object.assign(training.settings, start, {
			stepSize: within(eta, STEPS.least, STEPS.most, DEFAULTS.stepSize), seed: whole(seed, 1, 20, DEFAULTS.seed),
			width: whole(neurons, 5, 100, DEFAULTS.width), batch: batch ? whole(batch, 1, start.x.length, null) : null,
		});
		if (training.settings.batch >= start.x.length) training.settings.batch = null;
		training.startStep = training.settings.stepSize;
		pair(second ? within(second, STEPS.least, STEPS.most, null) : null);
		reset();
		const changes = then.split(",").filter(Boolean).map((change) => change.split(":").map(Number))
			.filter((change) => change.length === 3 && change.every((v) => v >= 0) && change[0] <= REPLAY)
			.map(([at, to, length]) => [Math.round(at), within(to, STEPS.least, STEPS.most, DEFAULTS.stepSize), length]);
		const ends = String(count ?? "").split(",").map((v) => whole(v, 0, REPLAY, 0));
		runs().forEach((one, i) => {
			if (i === 0 && changes.length) {
				one.replay([], changes[0][0]);
				[tripled, ghost] = [one.now, functionPoints(one)];
			}
			one.replay(i ? [] : changes, ends[i] ?? 0);
			one.ended = StableMinima.Training.ENDS.includes(one.now.phase);
		});
		showControls();
		draw();
		tell();
	}

	/** A second run beside the first, from the same start and with the same batches; null: none. */
	function pair(stepSize) {
		other = stepSize === null ? null : new StableMinima.Training(Object.assign(Object.create(training.settings), { stepSize }));
		root.classList.toggle("pair", other !== null);
	}

	function changedData() {
		const { settings } = training;
		if (settings.batch !== null && settings.batch >= settings.x.length) settings.batch = null;
		runs().forEach((one) => one.changed());
		[ghost, tripled] = [null, null];
		soon(() => (showControls(), draw()));
	}

	// --- a run's life

	function triple() {
		[ghost, tripled] = [functionPoints(training), training.now];
		const { sharpness } = training.now;
		training.changeStep(Math.min(STEPS.most, Number((3 * training.settings.stepSize).toPrecision(3))), RAMP);
		showControls();
		draw();
		const edge = 2 / training.settings.stepSize;
		tell(`Step size ${inWords(training.settings.stepSize)}: the edge is now at ${inWords(edge)}, ` +
			(sharpness > edge ? "below the sharpness. The network has to leave." : "still above the sharpness: nothing has to move."));
		if (!stillness.matches) run(true);
	}

	function setBatch(B) {
		training.settings.batch = B >= training.samples ? null : B;
		runs().forEach((one) => one.changed());
	}

	function restart(change) {
		pause();
		Object.assign(training.settings, change);
		reset();
	}

	/** The network and the step size with which it set out; samples and settings stay. */
	function reset() {
		[ghost, tripled] = [null, null];
		for (const one of runs()) {
			one.settings.stepSize = one.startStep;
			one.reset();
		}
		showControls();
		draw();
		tell();
	}

	const lost = (one) => one.now.phase === "diverged";

	function run(quietly = false) {
		if (runs().every(lost)) reset();
		if (stillness.matches) {
			runs().forEach((one) => one.ended || one.advance(CHUNK));
			draw();
			return tell();
		}
		if (running) return;
		if (runs().every((one) => one.ended)) runs().forEach((one) => (one.ended = false, one.hope()));
		[running, left, last] = [true, 0, performance.now()];
		showControls();
		if (!quietly) tell();
		requestAnimationFrame(frame);
	}

	function pause() {
		running = false;
		showControls();
	}

	/** As many steps as the speed asks for, an even number: at the edge of stability the iterates alternate. */
	function frame(time) {
		if (!running) return;
		left += (speed * Math.min(Math.max(time - last, 0), 100)) / 1000;
		last = time;
		let steps = visible ? 2 * Math.floor(left / 2) : 0;
		left = visible ? left - steps : 0;
		const deadline = performance.now() + 7;
		for (; running && steps > 0 && performance.now() < deadline; steps -= 10) {
			for (const one of runs()) if (!one.ended && !lost(one)) one.advance(Math.min(steps, 10));
			if (runs().every((one) => one.ended || lost(one))) pause();
		}
		draw();
		const phases = runs().map((one) => one.now.phase).join();
		if (!running) tell();
		else if (phases !== spoken.phases && time - spoken.time > 2000) tell();
		requestAnimationFrame(frame);
	}

	// --- what is shown

	const spoken = { phases: "", time: -1e9 };
	const SG = "<i>S<sub>g</sub></i>";

	/** What became of a run, and why. */
	function sentence(one) {
		const { phase, loss, norm, sharpness, stepSize, steps } = one.now;
		const { limit, settings } = one;
		const [s, half, ceiling, edge, road] = [norm, (sharpness - 1) / 2, 1 / stepSize - 0.5, 2 / stepSize, limit].map((v) => inWords(v));
		const beyond = settings.stepSize > limit;
		const pins = one.pinned().map((v) => inWords(v)).join(", ");
		const noMinimum = `Every network through these samples without a knot on one needs <i>λ</i> ≥ ${inWords(2 / limit)}; this step allows ${edge}. The road ends at <i>η</i> = ${road}.`;
		const next = 3 * settings.stepSize > limit
			? ` (Three times this step would be past the end of the road, <i>η</i> = ${road}: no stable interpolating minimum there without a knot on a sample.)`
			: other ? "" : " Now triple the step.";
		const words = {
			minimum: () => `${settings.batch ? "Zero loss, and <i>λ</i> ≤ 2/<i>η</i>" : "A stable minimum"}: ${SG} = ${s} ≤ ½(<i>λ</i> − 1) = ${half} ≤ 1/<i>η</i> − ½ = ${ceiling}.${next}`,
			edge: () => "At the edge of stability: the sharpness presses against 2/<i>η</i>.",
			training: () => `Training; <i>λ</i> = ${inWords(sharpness)}, and this step can rest only below ${edge}.`,
			diverged: () => `Diverged by step ${steps}: where it was, <i>λ</i> = ${inWords(sharpness)}, and this step can follow only ${edge}. Start with a shorter one and come here by tripling it.`,
			collapsed: () => `All neurons dead: each is off on every sample, so only the output bias still moves. The leap was too far; press Reset.`,
			stuck: () => `Stuck: the gradient is zero and the loss is ${inWords(loss, 2)}. ` + (beyond ? noMinimum : `${settings.width - one.alive()} of ${settings.width} neurons are off on every sample and learn no more.`),
			restless: () => "It will not rest. " + (pins ? `A knot is pinned on the sample at <i>x</i> = ${pins}: a step carries it across, the next one back. ` : "") +
				(beyond ? noMinimum : pins ? "There the loss has an edge, and “stable” no derivative to be read from." : settings.batch ? `Batches of ${settings.batch} keep kicking it out.` : `Its sharpness stays above ${edge}.`),
			impossible: () => "Two samples have one <i>x</i> and different <i>y</i>: no function passes through both.",
		};
		const resting = steps ? `Stopped after ${steps} steps, loss ${inWords(loss, 2)}.`
			: `At the start <i>λ</i> = ${inWords(sharpness)} and ${SG} = ${s}: ${sharpness * settings.stepSize > 2 ? `too sharp for this step, which can rest only below ${edge}.` : `below 2/<i>η</i> = ${edge}, it may stay as rough as it is.`} Press Run.`;
		return !running && ["training", "edge"].includes(phase) ? resting : words[phase]();
	}

	/** The status line: after something happened, never with every frame. */
	function tell(words = null) {
		[spoken.phases, spoken.time] = [runs().map((one) => one.now.phase).join(), performance.now()];
		const each = other ? runs().map((one, i) => `<span class="lane-${i}"><i>η</i> = ${inWords(one.settings.stepSize)}.</span> ${sentence(one)}`).join("<br>") : sentence(training);
		const ill = runs().map((one) => one.now.phase).find((phase) => ["diverged", "collapsed", "stuck", "restless", "impossible"].includes(phase));
		status.say(words ?? each, ill ?? training.now.phase);
		ask.update();
	}

	function showControls() {
		const { stepSize, width, seed, batch } = training.settings;
		runButton.textContent = running ? "Pause" : stillness.matches ? `Run ${CHUNK} steps` : "Run";
		set(runButton, { disabled: training.limit === 0 && "" });
		stepControls.forEach((control, i) => {
			set(control.node, { hidden: !runs()[i] && "" });
			if (runs()[i]) control.show();
		});
		set(tripleButton, { disabled: stepSize >= STEPS.most && "", hidden: other && "" });
		set(pairButton, { "aria-pressed": Boolean(other) });
		widthSlider.show(width);
		seedSlider.show(seed);
		batchSlider.input.max = training.samples;
		batchSlider.show(batch ?? training.samples);
		speedSlider.show(SPEEDS.indexOf(speed));
	}

	/** The corners of the piecewise linear function. */
	function functionPoints({ now, net }) {
		const inside = now.knots.map((at) => at.knot).filter((t) => t > FRAME.x[0] && t < FRAME.x[1]);
		return [FRAME.x[0], ...inside, FRAME.x[1]].map((x) => [x, StableMinima.value(net, x)]);
	}

	function draw() {
		if (![functionPanel, knotPanel, boundPanel, lossPanel].every((panel) => panel.width)) return;
		drawFunction();
		drawKnots();
		drawHistory();
		runs().forEach(({ now: { steps, stepSize, loss, sharpness, norm } }, i) => numbers[i].show(
			{ steps, loss: inWords(loss, 2), sharpness: inWords(sharpness), edge: inWords(2 / stepSize), norm: inWords(norm), ceiling: inWords(1 / stepSize - 0.5) }));
	}

	const sameWords = (values) => values.map((v) => [v, inWords(v)]);
	const both = (paths, of) => paths.forEach((named, i) => {
		const shown = runs()[i] ? of(runs()[i], i) : {};
		for (const [name, path] of Object.entries(named)) set(path, { d: shown[name] ?? "" });
	});

	function drawFunction() {
		both(curves, (one) => {
			const points = functionPoints(one);
			return {
				function: functionPanel.path(points),
				knots: points.slice(1, -1).filter((p) => p[1] > FRAME.y[0] && p[1] < FRAME.y[1]).map((p) => `${functionPanel.path([p])}h0`).join(""),
			};
		});
		set(ghostCurve, { d: ghost ? functionPanel.path(ghost) : "" });
		functionPanel.scale(sameWords([-2, -1, 0, 1, 2]), sameWords([-2, -1, 0, 1, 2, 3]));
		samples.show();
	}

	const fine = Array.from({ length: 221 }, (_, i) => FRAME.x[0] + (i / 220) * (FRAME.x[1] - FRAME.x[0]));
	const prices = { of: "", g: [] }; // g on a fine grid, of the samples as they are

	function drawKnots() {
		const { x } = training.settings;
		if (prices.of !== list(x)) {
			const points = x.map((xj) => [xj]);
			Object.assign(prices, { of: list(x), g: fine.map((t) => StableMinima.dataWeight(points, [1], t)) });
		}
		const highest = Math.max(0.05, ...runs().flatMap((one) => one.now.knots.map((at) => at.share)));
		const power = 10 ** Math.floor(Math.log10(highest));
		const top = [1, 2, 5, 10].map((m) => m * power).find((m) => m >= highest);
		knotPanel.y = [other ? -top : 0, top]; // of two runs, the second's stems hang
		const base = knotPanel.down(0);
		both(stems, (one, i) => ({ stems: one.now.knots.filter((at) => at.share > 0).map((at) => `${knotPanel.path([[at.knot, i ? -at.share : at.share]])}V${base}`).join("") }));
		set(ruler, { d: x.map((xj) => `M${knotPanel.across(xj).toFixed(2)} ${base}v-7`).join("") });
		const scale = top / Math.max(1e-9, ...prices.g) / 1.1;
		set(weight, { d: `${knotPanel.path(fine.map((t, i) => [t, prices.g[i] * scale]))}V${base}H0Z` });
		knotPanel.scale(sameWords([-2, -1, 0, 1, 2]), (other ? [-top, 0, top] : [0, top]).map((v) => [v, inWords(Math.abs(v))]));
		set(knotPanel.svg, { "aria-label": `A stem at every knot, as high as its mass times the weight g; there are ${training.now.knots.filter((at) => at.share > 0).length}` });
	}

	function drawHistory() {
		const paths = runs().map((one) => [...one.history, one.now]);
		const end = Math.max(1000, ...runs().map((one) => 1.1 * one.now.steps));
		const gap = 10 ** Math.floor(Math.log10(end)) / 2;
		boundPanel.x = lossPanel.x = [0, Math.ceil(end / gap) * gap];
		const highest = Math.max(20, ...paths.flat().map((p) => Math.max(1.3 * p.sharpness, Math.min(2.6 / p.stepSize, 100))));
		boundPanel.y = [1, [20, 30, 50, 100, 200, 500, 1000].find((v) => v >= highest) ?? 5000];
		const line = (i, panel, of) => panel.path(paths[i].map((p) => [p.steps, of(p)]));
		both(bounds, (_, i) => ({
			edge: line(i, boundPanel, (p) => 2 / p.stepSize) + `H${boundPanel.width}`,
			sharp: line(i, boundPanel, (p) => p.sharpness), norm: line(i, boundPanel, (p) => 1 + 2 * p.norm),
		}));
		both(losses, (_, i) => ({ loss: line(i, lossPanel, (p) => p.loss) }));
		const bottom = sameWords(ticks(...boundPanel.x, boundPanel.width < 300 ? 4 : 5));
		const right = logTicks(0.2, (boundPanel.y[1] - 1) / 2, 8).map((s) => [1 + 2 * s, inWords(s)]);
		boundPanel.scale(bottom, sameWords(logTicks(...boundPanel.y)), right);
		lossPanel.scale(bottom, [-8, -6, -4, -2, 0, 2].map((p) => [10 ** p, p % 4 ? "" : powerOfTen(p)]));
		set(boundPanel.svg, { "aria-label": "Sharpness, stability norm and their ceiling against the step; the numbers are below" });
	}

	new IntersectionObserver(([entry]) => (visible = entry.isIntersecting)).observe(root);
	stillness.addEventListener("change", pause);
	root.explorable = training;
	Object.defineProperty(training, "other", { get: () => other });
	where.start();
});
