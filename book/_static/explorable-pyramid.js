/* The pyramid explorable: [1 - |x|_1]_+ blurred by a Gaussian, as a shallow network and as a deep one; chapter 5. */
"use strict";

StableMinima.blurred = (() => {
	/** Dawson's function by Rybicki's sum: exp(-x²) times the integral of exp(t²) from 0 to x, to rounding. */
	function dawson(x) {
		const h = 0.25, near = 2 * Math.round(x / (2 * h));
		let sum = 0;
		for (let k = near - 29; k <= near + 29; k += 2) sum += Math.exp(-((x - k * h) ** 2)) / k;
		return sum / Math.sqrt(Math.PI);
	}

	const TABLE = Float64Array.from({ length: 1602 }, (_, i) => dawson(i / 100));
	/** The same to five digits, for pictures. */
	function quick(x) {
		const z = Math.abs(x);
		if (z >= 16) return (1 + 0.5 / (z * z)) / (2 * x);
		const i = Math.floor(100 * z), part = 100 * z - i;
		return Math.sign(x) * (TABLE[i] + part * (TABLE[i + 1] - TABLE[i]));
	}

	/** The ridge density of the blurred pyramid in the plane at the direction (cos, sin) of `angle` and offset t. */
	function density(angle, t, blur, daw = dawson) {
		const u = [Math.cos(angle), Math.sin(angle)], gap = u[0] ** 2 - u[1] ** 2, scale = Math.SQRT2 * blur;
		const pair = (r) => daw((t - r) / scale) - daw((t + r) / scale);
		return (-Math.SQRT2 / (2 * Math.PI ** 2 * blur)) * (pair(u[0]) / (u[0] * gap) - pair(u[1]) / (u[1] * gap));
	}

	/** What passes through a point: the integral over directions of the densities of the lines through it.  `signed`:
	 *  with their signs, half the Laplacian of the blurred pyramid; without, all creases that the network needs. */
	function creases(x, y, blur, angles, daw = quick) {
		let signed = 0, all = 0;
		for (let i = 0; i < angles; i++) {
			const angle = ((i + 0.5) * Math.PI) / angles;
			const alpha = density(angle, x * Math.cos(angle) + y * Math.sin(angle), blur, daw);
			signed += alpha;
			all += Math.abs(alpha);
		}
		return { signed: (signed * Math.PI) / angles, all: (all * Math.PI) / angles };
	}

	return { dawson, density, creases };
})();

StableMinima.page.start("pyramid", (root, { norms, deep: DEEP }) => {
	const { set, inWords, powerOfTen, Panel, handle, place, slider, heatMap, readings, soon, clamp, within,
		assemble } = StableMinima.page;
	const { creases } = StableMinima.blurred;
	const NORMS = norms.map(([blur, norm]) => ({ blur, norm, step: 1 / (norm + 0.5) }));
	const [REACH, CELLS, ANGLES, FINEST] = [1.6, 44, 128, 0.03]; // pixels of the picture are no finer
	const state = { at: 3 };
	const logs = NORMS.map(({ blur }) => -Math.log10(blur));

	const square = (label) => new Panel({ x: [-REACH, REACH], y: [-REACH, REACH], label });
	const [shallow, deep] = [square("The creases of the shallow network: they run on beyond the pyramid"), square("The creases of the function: they stop where the pyramid's do")];
	const heats = [shallow, deep].map((panel) => heatMap(panel, 2 * CELLS, 2 * CELLS));
	const CREASES = [[[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]], [[-1, 0], [1, 0]], [[0, -1], [0, 1]]];
	const [edges] = shallow.curves("line sharp dashed");
	const cost = new Panel({ x: [logs[0] - 0.1, logs.at(-1) + 0.1], y: [0, 2], below: "blur ε", role: "group", label: "The largest step that can be stable, against the blur" });
	const [here, shallowLine, deepLine] = cost.curves("line ink dashed", "line stems", "line function");
	const nearest = (x) => logs.reduce((best, log, i) => (Math.abs(log - x) < Math.abs(logs[best] - x) ? i : best), 0);
	const knob = handle(cost, {
		label: "Blur", "aria-valuemin": 0, "aria-valuemax": NORMS.length - 1,
		move: (x) => change(nearest(x)), keys: (dx, dy) => change(state.at + dx - dy),
	});
	const blurSlider = slider("Blur ε", { min: 0, max: NORMS.length - 1, words: (at) => inWords(NORMS[at].blur), change: (at) => change(at) });
	const numbers = readings({ blur: "blur ε", norm: "norm of the shallow network", step: "its step: at most", deep: "the deep network's" });

	const { say, open } = assemble(root, {
		draw, tell,
		controls: [blurSlider],
		verdict: () => ({
			right: 2,
			why: `From ε = ${NORMS[0].blur} to ${inWords(NORMS.at(-1).blur)} it falls from ${inWords(NORMS[0].step)} to ${inWords(NORMS.at(-1).step)}, and on without end, like 1/ln²(1/ε): ` +
				`a crease of one neuron runs on for ever, so each end of a crease must be paid for with others that cancel it. The deep network stays at ${inWords(2 / DEEP)}.`,
		}),
		address: {
			keys: ["blur"], read: () => ({ blur: NORMS[state.at].blur }),
			apply: ({ blur }) => change(nearest(-Math.log10(within(blur, 1e-6, 1, 0.0646)))),
		},
		panels: [
			[heats[0], "shallow: all its creases, each neuron’s, stronger where more meet (drawn for ε ≥ 0.03); [pyramid]those of the pyramid"],
			[heats[1], "what is left where they cancel: the function’s own creases, the only ones that a deep network has"],
			[cost, "largest step that can be stable: [stems]shallow, 1/(norm + ½); [function]deep, 2/λ"],
		],
		below: [numbers],
	});

	function change(at) {
		state.at = clamp(at, 0, NORMS.length - 1);
		soon(draw);
	}

	const kept = new Map(); // the two pictures of each blur: there are few
	function pictures(blur) {
		if (kept.has(blur)) return kept.get(blur);
		const size = 2 * CELLS, made = [0, 1].map(() => new Float64Array(size * size));
		const at = (i) => ((i + 0.5) / CELLS) * REACH;
		for (let i = 0; i < CELLS; i++)
			for (let j = 0; j <= i; j++) {
				const { all, signed } = creases(at(i), at(j), blur, ANGLES);
				for (const [p, q] of [[i, j], [j, i]])
					for (const across of [CELLS + p, CELLS - 1 - p])
						for (const down of [CELLS + q, CELLS - 1 - q])
							[made[0][down * size + across], made[1][down * size + across]] = [Math.log(all), Math.abs(signed)];
			}
		kept.set(blur, made.map((values, i) => {
			const sorted = values.slice().sort(), least = i ? 0 : sorted[0];
			return [values.map((v) => v - least), sorted.at(i ? -40 : -1) - least];
		}));
		return kept.get(blur);
	}

	let painted = -1;
	function paint() {
		const blur = Math.max(NORMS[state.at].blur, FINEST);
		if (painted === blur) return;
		painted = blur;
		pictures(blur).forEach(([values, most], i) => heats[i].paint(values, most));
	}

	function tell() {
		const { blur, norm, step } = NORMS[state.at];
		say(`ε = ${inWords(blur)}: norm ${inWords(norm)}, so no shallow network like this is stable beyond η = ${inWords(step)}; the deep one is up to ${inWords(2 / DEEP)}.`);
	}

	function draw() {
		paint();
		heats.forEach((heat) => heat.fit());
		set(edges, { d: CREASES.map((line) => shallow.path(line)).join("") });
		for (const panel of [shallow, deep]) panel.scale([-1, 0, 1], [-1, 0, 1]);
		const { blur, norm, step } = NORMS[state.at];
		set(shallowLine, { d: cost.path(NORMS.map((one, i) => [logs[i], one.step])) });
		set(deepLine, { d: cost.through([], [2 / DEEP]) });
		set(here, { d: cost.through([logs[state.at]]) });
		cost.scale([1, 2, 3, 4, 5].map((v) => [v, powerOfTen(-v)]), [0, 0.5, 1, 1.5, 2]);
		place(knob, cost, logs[state.at], step, `ε = ${inWords(blur)}, largest step ${inWords(step)}`, state.at);
		blurSlider.show(state.at);
		numbers.show({ blur: inWords(blur), norm: inWords(norm), step: inWords(step), deep: inWords(2 / DEEP) });
	}

	open(state);
	NORMS.forEach(({ blur }, i) => setTimeout(() => pictures(Math.max(blur, FINEST)), 100 * (i + 1))); // before anybody drags
});
