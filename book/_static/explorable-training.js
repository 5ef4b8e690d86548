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
		this.before = null; // the last change of the step: the run as it was then
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
		if (this.steps) {
			if (this.before?.now.steps !== this.steps) this.before = { now: this.now, net: StableMinima.copyNetwork(this.net) };
			this.changes = [...this.changes.filter(([at]) => at < this.steps), [this.steps, stepSize, length]];
		} else this.startStep = stepSize;
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
		const { sum, dot } = StableMinima, loss = dot(residual, residual) / (2 * n);
		if (!(loss < (this.blowUp ?? Infinity))) {
			this.net = this.good;
			this.now = { ...this.now, stepSize, steps: this.steps, phase: "diverged" };
			return;
		}
		this.good = StableMinima.copyNetwork(this.net);
		const knots = StableMinima.weightedKnots(this.net, x);
		const norm = sum(knots, (at) => at.share);
		const G = StableMinima.tangentKernel(this.net, x);
		const sharpness = StableMinima.topEigenvalue(G) / n;
		const square = dot(residual, G.map((row) => dot(row, residual)));
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
	const { element, set, inWords, powerOfTen, ticks, logTicks, Panel, movable, slider, button, readings, soon,
		clamp, within, numbersOf, pointsOf, assemble, stillness } = StableMinima.page;
	const DEFAULTS = {
		x: [-1.7, -1.3, -0.9, 0.9, 1.3, 1.7], y: [-1.2, 0.9, 1.5, 1.5, 0.9, -0.6],
		stepSize: 0.05, width: 60, seed: 2, batch: null,
	};
	const FRAME = { x: [-2.2, 2.2], y: [-2.2, 3] };
	const STEPS = { least: 0.005, most: 2 };
	const LIMITS = { eta: [DEFAULTS.stepSize, STEPS.least, STEPS.most], neurons: [DEFAULTS.width, 5, 100, true], seed: [DEFAULTS.seed, 1, 20, true] };
	const [FEWEST, MOST, RAMP, CHUNK, REPLAY, SPEED] = [2, 16, 300, 2000, 2e5, 1200];
	const defaults = () => ({ ...DEFAULTS, x: [...DEFAULTS.x], y: [...DEFAULTS.y] });

	const training = new StableMinima.Training(defaults());
	let other = null; // the run with the second step size: its settings are those of the first but for that
	const runs = () => (other ? [training, other] : [training]);
	let running = false, left = 0, last = 0, visible = true;

	// --- panels

	const lane = (panel, ...kinds) => [1, 0].map((i) => Object.fromEntries(
		panel.curves(...kinds.map((kind) => `${kind} lane-${i}`)).map((path, j) => [kinds[j].split(" ").at(-1), path]))).reverse();

	const functionPanel = new Panel({
		...FRAME, role: "group",
		label: "The function of the network and the samples. Samples can be moved with the arrow keys.",
	});
	const [ghostCurve] = functionPanel.curves("line ghost");
	const curves = lane(functionPanel, "line function", "dots knots");

	const knotPanel = new Panel({ x: FRAME.x, y: [0, 1], label: "The weighted knots" });
	const [weight] = knotPanel.curves("area");
	const stems = lane(knotPanel, "line stems");
	const [ruler] = knotPanel.curves("line ink");

	const boundPanel = new Panel({ x: [0, 1000], y: [1, 50], log: true, right: true, label: "Sharpness and norm" });
	const bounds = lane(boundPanel, "line ink dashed edge", "line norm", "line sharp");
	const lossPanel = new Panel({ x: [0, 1000], y: [1e-10, 100], log: true, right: true, label: "The loss" });
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
		const change = (eta) => which() && (which().changeStep(eta), showControls(), soon(draw));
		const control = slider(name, { min: 0, max: 1000, words: (at) => inWords(fromSlider(at)), change: (at) => change(fromSlider(at)) });
		const number = element("input", {
			type: "number", min: STEPS.least, max: STEPS.most, step: "any", "aria-label": `${control.input.previousSibling.textContent}, as a number`,
			onchange: () => (change(within(number.value, STEPS.least, STEPS.most, DEFAULTS.stepSize)), running || tell()),
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
			road.style.setProperty("--end", clamp(toSlider(Math.max(limit, STEPS.least)) / 1000, 0, 1));
			set(road, { title: `Beyond ${inWords(limit)} these samples have no stable interpolating minimum without a knot on a sample.` });
		};
		return { node: control.node, show };
	}
	const stepControls = [stepControl("Step size η", () => training), stepControl("Second step", () => other)];

	const widthSlider = slider("Neurons <i>k</i>", { min: 5, max: 100, step: 5, change: (k) => restart({ width: k }) });
	const batchSlider = slider("Batch <i>B</i>", {
		min: 1, max: DEFAULTS.x.length, change: (B) => setBatch(B),
		words: (B) => (B >= training.samples ? "all samples" : `${B} of ${training.samples}`),
	});
	const seedSlider = slider("Seed", { min: 1, max: 20, change: (seed) => restart({ seed }) });
	const samples = movable(functionPanel, "Sample", { at: () => training.settings, few: FEWEST, many: MOST, changed: changedData, tell: (words) => running || tell(words) });
	const defaultsButton = button("Everything as at first", () => go(root.dataset.state ?? ""));

	const NAMES = { steps: "step", loss: "loss", sharpness: "sharpness λ", edge: "2/η", norm: "S_g", ceiling: "1/η − ½" };
	const numbers = [readings(NAMES), readings(NAMES)];
	numbers.forEach(({ node }, i) => set(node, { class: `numbers lane-${i}` }));

	const smoother = (before, after) => (after < 0.95 * before ? 0 : after > 1.05 * before ? 1 : 2);

	const legend = {
		function: "[function]function, [knots]its knots, [sample]samples: drag them. [ghost]before the step was changed",
		bound: "[sharp]sharpness λ (left), [norm]S_g (right), [edge]2/η (left) and 1/η − ½ (right), by step",
		knots: "[norm]|<i>f</i>″|·<i>g</i>, a stem at each knot; their sum is S_g. [area]<i>g</i>, on a scale of its own",
		loss: "[loss]loss, by step",
	};
	const { say, go, open } = assemble(root, {
		draw, tell: () => running || tell(),
		controls: [runButton, stepButton, tripleButton, resetButton, pairButton, ...stepControls],
		wait: "Now let it come to rest with a short step, and with a longer one.",
		verdict() {
			const [short, long] = other
				? [training, other].sort((p, q) => p.settings.stepSize - q.settings.stepSize).map((one) => one.now)
				: [training.before?.now, training.now];
			if (!short || short.phase !== "minimum" || long.phase !== "minimum" || short.stepSize >= long.stepSize) return null;
			const [from, to, high, low] = [short.norm, long.norm, 1 / short.stepSize - 0.5, 1 / long.stepSize - 0.5].map((v) => inWords(v));
			const right = smoother(short.norm, long.norm);
			return {
				right,
				why: `S_g, the weighted sum of all bends, is ${from} after the short step and ${to} after the long one. ` + (right === 0
					? `The ceiling 1/η − ½ came down from ${high} to ${low}: what is above it cannot stay.`
					: `Both are below their ceilings, ${high} and ${low}: here the theorem did not have to forbid anything. Rougher starts, longer steps?`),
			};
		},
		address: {
			keys: ["eta", "second", "then", "run", "seed", "batch", "neurons", "x", "y"], read, apply, exact,
		},
		panels: [[functionPanel, legend.function], [boundPanel, legend.bound], [knotPanel, legend.knots], [lossPanel, legend.loss]],
		below: [
			...numbers,
			element("details", {}, element("summary", {}, "More: samples, neurons, batches, seed"),
				element("div", { class: "controls" }, ...samples.buttons, defaultsButton),
				element("div", { class: "controls sliders" }, widthSlider.node, batchSlider.node, seedSlider.node),
				element("p", { class: "hint" }, "Samples: drag one, or Tab to it and use the arrow keys (with Shift: further); " +
					"Delete removes it; double-click in the picture adds one.")),
		],
	});

	// --- state in the address

	function exact() {
		return runs().every((one) => one.repeatable && one.steps <= REPLAY);
	}

	function read() {
		const { x, y, width, seed, batch } = training.settings;
		const state = { eta: training.startStep };
		if (other) state.second = other.startStep;
		if (batch) state.batch = batch;
		for (const [key, value, usual] of [["neurons", width, DEFAULTS.width], ["seed", seed, DEFAULTS.seed], ["x", x, DEFAULTS.x], ["y", y, DEFAULTS.y]])
			if (String(value) !== String(usual)) state[key] = value;
		if (exact() && runs().some((one) => one.steps)) state.run = runs().map((one) => one.steps);
		if (exact() && runs().some((one) => one.changes.length)) state.then = runs().map((one) => one.changes.map((change) => change.join(":")).join()).join("_");
		return state;
	}

	function apply({ second, then = "", run: count = "", batch, ...values }) {
		pause();
		const given = pointsOf(values, DEFAULTS, FRAME, FEWEST, MOST), n = given.x.length;
		const { eta: stepSize, neurons: width, seed } = numbersOf(values, LIMITS), B = Math.round(within(batch, 1, n, n));
		Object.assign(training.settings, given, { stepSize, width, seed, batch: B < n ? B : null });
		training.startStep = stepSize;
		pair(second ? within(second, STEPS.least, STEPS.most, null) : null);
		reset();
		const changes = then.split("_").map((one) => one.split(",").map((change) => change.split(":").map(Number))
			.filter((change) => change.length === 3 && change.every((v) => v >= 0) && change[0] <= REPLAY)
			.map(([at, to, length]) => [Math.round(at), within(to, STEPS.least, STEPS.most, DEFAULTS.stepSize), length]));
		const ends = count.split(",");
		runs().forEach((one, i) => {
			one.replay(changes[i] ?? [], Math.round(within(ends[i], 0, REPLAY, 0)));
			one.ended = StableMinima.Training.ENDS.includes(one.now.phase);
		});
		showControls();
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
		soon(() => (showControls(), draw()));
	}

	// --- a run's life

	function triple() {
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

	/** As many steps as SPEED a second ask for, an even number: at the edge of stability the iterates alternate. */
	function frame(time) {
		if (!running) return;
		left += (SPEED * clamp(time - last, 0, 100)) / 1000;
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

	/** What became of a run, and why. */
	function sentence(one) {
		const { phase, loss, norm, sharpness, stepSize, steps } = one.now;
		const { limit, settings } = one;
		const [s, half, ceiling, edge, road] = [norm, (sharpness - 1) / 2, 1 / stepSize - 0.5, 2 / stepSize, limit].map((v) => inWords(v));
		const beyond = settings.stepSize > limit;
		const pins = one.pinned().map((v) => inWords(v)).join(", ");
		const noMinimum = `Every network through these samples without a knot on one needs λ ≥ ${inWords(2 / limit)}; this step allows ${edge}. The road ends at η = ${road}.`;
		const next = 3 * settings.stepSize > limit
			? ` (Three times this step would be past the end of the road, η = ${road}: no stable interpolating minimum there without a knot on a sample.)`
			: other ? "" : " Now triple the step.";
		const words = {
			minimum: () => `${settings.batch ? "Zero loss, and λ ≤ 2/η" : "A stable minimum"}: S_g = ${s} ≤ ½(λ − 1) = ${half} ≤ 1/η − ½ = ${ceiling}.${next}`,
			edge: () => "At the edge of stability: the sharpness presses against 2/η.",
			training: () => `Training; λ = ${inWords(sharpness)}, and this step can rest only below ${edge}.`,
			diverged: () => `Diverged by step ${steps}: where it was, λ = ${inWords(sharpness)}, and this step can follow only ${edge}. Start with a shorter one and come here by tripling it.`,
			collapsed: () => `All neurons dead: each is off on every sample, so only the output bias still moves. The leap was too far; press Reset.`,
			stuck: () => `Stuck: the gradient is zero and the loss is ${inWords(loss, 2)}. ` + (beyond ? noMinimum : `${settings.width - one.alive()} of ${settings.width} neurons are off on every sample and learn no more.`),
			restless: () => "It will not rest. " + (pins ? `A knot is pinned on the sample at <i>x</i> = ${pins}: a step carries it across, the next one back. ` : "") +
				(beyond ? noMinimum : pins ? "There the loss has an edge, and “stable” no derivative to be read from." : settings.batch ? `Batches of ${settings.batch} keep kicking it out.` : `Its sharpness stays above ${edge}.`),
			impossible: () => "Two samples have one <i>x</i> and different <i>y</i>: no function passes through both.",
		};
		const resting = steps ? `Stopped after ${steps} steps, loss ${inWords(loss, 2)}.`
			: `At the start λ = ${inWords(sharpness)} and S_g = ${s}: ${sharpness * settings.stepSize > 2 ? `too sharp for this step, which can rest only below ${edge}.` : `below 2/η = ${edge}, it may stay as rough as it is.`} Press Run.`;
		return !running && ["training", "edge"].includes(phase) ? resting : words[phase]();
	}

	/** The status line: after something happened, never with every frame. */
	function tell(words = null) {
		[spoken.phases, spoken.time] = [runs().map((one) => one.now.phase).join(), performance.now()];
		const each = other ? runs().map((one, i) => `<span class="lane-${i}">η = ${inWords(one.settings.stepSize)}.</span> ${sentence(one)}`).join("<br>") : sentence(training);
		const ill = runs().map((one) => one.now.phase).find((phase) => ["diverged", "collapsed", "stuck", "restless", "impossible"].includes(phase));
		say(words ?? each, ill ?? training.now.phase);
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
	}

	/** The corners of the piecewise linear function. */
	function functionPoints({ now, net }) {
		const inside = now.knots.map((at) => at.knot).filter((t) => t > FRAME.x[0] && t < FRAME.x[1]);
		return [FRAME.x[0], ...inside, FRAME.x[1]].map((x) => [x, StableMinima.value(net, x)]);
	}

	function draw() {
		drawFunction();
		drawKnots();
		drawHistory();
		runs().forEach(({ now: { steps, stepSize, loss, sharpness, norm } }, i) => numbers[i].show(
			{ steps, loss: inWords(loss, 2), sharpness: inWords(sharpness), edge: inWords(2 / stepSize), norm: inWords(norm), ceiling: inWords(1 / stepSize - 0.5) }));
	}

	const both = (paths, of) => paths.forEach((named, i) => {
		const shown = runs()[i] ? of(runs()[i], i) : {};
		for (const [name, path] of Object.entries(named)) set(path, { d: shown[name] ?? "" });
	});

	function drawFunction() {
		both(curves, (one) => {
			const points = functionPoints(one);
			return {
				function: functionPanel.path(points),
				knots: functionPanel.dots(points.slice(1, -1).filter((p) => p[1] > FRAME.y[0] && p[1] < FRAME.y[1])),
			};
		});
		set(ghostCurve, { d: training.before && !other ? functionPanel.path(functionPoints(training.before)) : "" });
		functionPanel.scale([-2, -1, 0, 1, 2], [-2, -1, 0, 1, 2, 3]);
		samples.show();
	}

	const fine = StableMinima.evenly(...FRAME.x, 220);
	const prices = { of: "", g: [] }; // g on a fine grid, of the samples as they are

	function drawKnots() {
		const { x } = training.settings;
		if (prices.of !== String(x)) {
			const points = x.map((xj) => [xj]);
			Object.assign(prices, { of: String(x), g: fine.map((t) => StableMinima.dataWeight(points, [1], t)) });
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
		knotPanel.scale([-2, -1, 0, 1, 2], (other ? [-top, 0, top] : [0, top]).map((v) => [v, inWords(Math.abs(v))]));
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
		const bottom = ticks(...boundPanel.x, boundPanel.width < 300 ? 4 : 5);
		const right = logTicks(0.2, (boundPanel.y[1] - 1) / 2, 8).map((s) => [1 + 2 * s, inWords(s)]);
		boundPanel.scale(bottom, logTicks(...boundPanel.y), right);
		lossPanel.scale(bottom, [-8, -6, -4, -2, 0, 2].map((p) => [10 ** p, p % 4 ? "" : powerOfTen(p)]));
		set(boundPanel.svg, { "aria-label": "Sharpness, stability norm and their ceiling against the step; the numbers are below" });
	}

	new IntersectionObserver(([entry]) => (visible = entry.isIntersecting)).observe(root);
	stillness.addEventListener("change", pause);
	Object.defineProperty(training, "other", { get: () => other });
	open(training);
});
