/* The width explorable: a smooth function on the line, networks of every width for it, and how sharp they are; chapter 6. */
"use strict";

StableMinima.flat = (() => {
	const [R, CELLS] = [2, 128], { range, evenly, sum } = StableMinima;
	const BUMPS = [[-1.2, 0.7], [-0.2, -0.8], [0.9, 1]]; // where they are and how high
	const samples = range(24, (j) => (2 * R * (j + 0.5)) / 24 - R);

	/** Two hills and a hollow, each `hill` wide: the function, its slope and its bend f″. */
	function landscape(hill) {
		const all = (of) => (x) => sum(BUMPS, ([at, height]) => {
			const z = (x - at) / hill;
			return height * Math.exp((-z * z) / 2) * of(z);
		});
		return { f: all(() => 1), slope: all((z) => -z / hill), bend: all((z) => (z * z - 1) / hill ** 2) };
	}

	/** Neurons a relu(u x - t), 0 < t < R, one for every number q of (0, 1): drawn from |f″| by inversion, as in the library. */
	function neurons({ bend }, q) {
		const sides = [1, -1].map((u) => {
			const heights = evenly(0, R, CELLS).map((t) => Math.abs(bend(u * t)) / 2), passed = [0];
			const mean = sum(heights) / heights.length, raised = heights.map((h) => h + 1e-3 * mean);
			for (let i = 0; i < CELLS; i++) passed.push(passed[i] + (raised[i] + raised[i + 1]) / (2 * CELLS));
			return { u, raised, passed, total: passed[CELLS], mean };
		});
		const right = sides[0].mean / (sides[0].mean + sides[1].mean);
		return q.map((p) => {
			const [side, share, part] = p < right ? [sides[0], right, p / right] : [sides[1], 1 - right, (p - right) / (1 - right)];
			const { u, raised, passed, total } = side;
			const cell = Math.max(0, passed.findIndex((mass) => mass >= part * total) - 1);
			const [low, rise, need] = [raised[cell], raised[cell + 1] - raised[cell], (part * total - passed[cell]) * CELLS];
			const z = Math.min(1, (2 * need) / (low + Math.sqrt(Math.max(0, low * low + 2 * rise * need))));
			const t = (R * (cell + z)) / CELLS;
			return { a: (R * bend(u * t) * total) / (q.length * share * (low + rise * z)), u, t };
		});
	}

	/** The network of these neurons, with two more for the slope at 0: in the flat gauge, or with weights of length one. */
	function network({ f, slope }, drawn, flat = true) {
		const s = slope(0), all = s ? [...drawn, { a: s, u: 1, t: 0 }, { a: -s, u: -1, t: 0 }] : drawn;
		const lengths = all.map(({ a, t }) => (flat ? Math.sqrt((Math.abs(a) * Math.hypot(1, R)) / (R - t)) : 1));
		const of = (what) => Float64Array.from(all, (one, i) => what(one, lengths[i]));
		return { w: of(({ u }, l) => l * u), b: of(({ t }, l) => -l * t), v: of(({ a }, l) => (l ? a / l : 0)), c: f(0) };
	}

	/** What no network of this width exceeds: Λ anywhere, and AR/√k in the mean over independent drawings. */
	function bound({ slope }, drawn) {
		const norm = sum(drawn, ({ a }) => Math.abs(a));
		return { maurey: (norm * R) / Math.sqrt(drawn.length), ceiling: 1 + 2 * R * Math.hypot(1, R) * (norm + Math.abs(slope(0))) };
	}

	return { R, samples, landscape, neurons, network, bound };
})();

StableMinima.page.start("width", (root) => {
	const { set, inWords, powerOfTen, Panel, handle, place, slider, readings, soon, clamp, numbersOf, assemble } = StableMinima.page;
	const { R, samples, landscape, neurons, network, bound } = StableMinima.flat;
	const LIMITS = { width: [64, 4, 4096], eta: [0.2, 4e-4, 2], hill: [0.5, 0.25, 0.8], seed: [1, 1, 20, true] };
	const { range, evenly, sum, sharpness, value } = StableMinima;
	const POWERS = evenly(2, 12, 10); // of two: the widths
	const FINE = evenly(-R, R, 240);
	const state = {};
	const { log10 } = Math, stepAt = (at) => LIMITS.eta[1] * 10 ** (at / 50);

	const graph = new Panel({ x: [-R, R], y: [-1.1, 1.3], label: "The function and its network" });
	const [target, made, knots, rug] = graph.curves("line ghost", "line function", "dots knots", "line ink thin");
	const sharp = new Panel({ x: [1.6, 12.4], y: [0, 3.7], below: "neurons; upwards, the sharpness λ", role: "group", label: "The sharpness of networks of every width, and what the step allows" });
	const [forbidden, ceiling, unit, flat, allowed] = sharp.curves("area", "line ink dashed", "line ghost", "line sharp", "line stems thin");
	const errors = new Panel({ x: sharp.x, y: [-3.3, 1.4], label: "The error of networks of every width" });
	const [maurey, error, here] = errors.curves("line ink dashed", "line loss", "line stems thin");
	const knob = handle(sharp, {
		label: "Width and step: across, more neurons; upwards, a shorter step", "aria-valuemin": 4, "aria-valuemax": 4096,
		move: (x, y) => change({ power: x, eta: 2 / 10 ** y }), keys: (dx, dy) => change({ power: state.power + dx, eta: state.eta / 10 ** (dy / 20) }),
	});
	const control = (name, min, max, words, change, late) => slider(name, { min, max, words, change, late });
	const sliders = {
		power: control("Neurons <i>k</i>", 2, 12, (at) => 2 ** at, (power) => change({ power })),
		eta: control("Step η", 0, 185, (at) => inWords(stepAt(at)), (at) => change({ eta: stepAt(at) })),
		hill: control("Width of a hill", 25, 80, (at) => at / 100, (at) => begin({ hill: at / 100 }), true),
		seed: control("Drawing", 1, 20, String, (seed) => begin({ seed }), true),
	};
	const numbers = readings({ width: "neurons", error: "error, rms", sharpness: "sharpness λ", step: "largest step, 2/λ", edge: "2/η", most: "no more than Λ" });

	const { say, open } = assemble(root, {
		draw, tell,
		controls: Object.values(sliders),
		verdict() {
			const [few, many] = [state.nets[4], state.nets.at(-1)], ratio = many.sharpness / few.sharpness;
			return {
				right: ratio > 1.1 ? 0 : ratio < 0.9 ? 1 : 2,
				why: `The error goes from ${inWords(few.error, 2)} to ${inWords(many.error, 2)}, λ from ${inWords(few.sharpness)} to ${inWords(many.sharpness)}: the folds are many and each is slight. With input weights of length one, the same functions have λ = ${inWords(few.unit)} and ${inWords(many.unit)}.`,
			};
		},
		address: {
			keys: Object.keys(LIMITS), read: () => ({ width: 2 ** state.power, eta: state.eta, hill: state.hill, seed: state.seed }),
			apply(values) {
				const { width, ...given } = numbersOf(values, LIMITS);
				begin(given);
				change({ power: Math.log2(width) });
			},
		},
		panels: [
			[graph, "[function]the network and its knots, of up to 256 neurons; [ghost]the function"],
			[sharp, "λ: [sharp]flat gauge, [ghost]input weights of length one; [edge]Λ(<i>f</i>); shade: above 2/η"],
			[errors, "[loss]error, [edge]Maurey’s bound <i>AR</i>/√<i>k</i> for independent neurons"],
		],
		below: [numbers],
	});

	/** A function and a drawing of it: networks of all widths, and what is to be known of them. */
	function begin(values) {
		Object.assign(state, values);
		const shape = landscape(state.hill), uniform = StableMinima.uniforms(state.seed);
		state.wanted = FINE.map(shape.f);
		state.nets = POWERS.map((power) => {
			const k = 2 ** power, drawn = neurons(shape, range(k, (i) => (i + uniform()) / k)); // one in every k-th part
			const net = network(shape, drawn), values = FINE.map((x) => value(net, x));
			return {
				net, values, error: Math.sqrt(sum(values, (v, i) => (v - state.wanted[i]) ** 2) / FINE.length),
				sharpness: sharpness(net, samples), unit: sharpness(network(shape, drawn, false), samples), ...bound(shape, drawn),
			};
		});
		change({});
	}

	function change({ power = state.power, eta = state.eta }) {
		state.power = Math.round(clamp(power, 2, 12));
		state.eta = Number(clamp(eta, ...LIMITS.eta.slice(1)).toPrecision(3));
		soon(draw);
	}

	const now = () => state.nets[state.power - 2];

	function tell() {
		const { error, sharpness } = now(), [eta, longest] = [state.eta, 2 / sharpness].map((v) => inWords(v));
		const resting = (key) => state.nets.filter((one) => one[key] * state.eta <= 2).length;
		const good = sharpness * state.eta <= 2;
		say(`${2 ** state.power} neurons, error ${inWords(error, 2)}, λ = ${inWords(sharpness)}: ` +
			`${good ? `stable at η = ${eta}, and up to ${longest}` : `η = ${eta} is too long, the longest is ${longest}`}. ` +
			`At this step ${resting("sharpness")} of the ${POWERS.length} widths can rest; with input weights of length one, ${resting("unit")}.`, good ? "" : "diverged");
	}

	function draw() {
		const { net, values, ...found } = now(), edge = 2 / state.eta, k = 2 ** state.power;
		const on = (ys) => FINE.map((x, i) => [x, ys[i]]);
		set(target, { d: graph.path(on(state.wanted)) });
		set(made, { d: graph.path(on(values)) });
		const bends = k > 256 ? [] : Array.from(net.w, (w, i) => -net.b[i] / w);
		set(knots, { d: k > 32 ? "" : graph.dots(bends.map((t) => [t, value(net, t)])) });
		set(rug, { d: bends.map((t) => `${graph.path([[t, graph.y[0]]])}v-7`).join("") });
		graph.scale([-2, -1, 0, 1, 2], [-1, 0, 1]);
		const curve = (panel, of) => ({ d: panel.path(state.nets.map((one, i) => [POWERS[i], log10(of(one))])) });
		set(flat, curve(sharp, (one) => one.sharpness));
		set(unit, curve(sharp, (one) => one.unit));
		set(ceiling, { d: sharp.through([], [log10(found.ceiling)]) });
		set(allowed, { d: sharp.through([state.power], [log10(edge)]) });
		set(forbidden, { d: `${sharp.through([], [log10(edge)])}V0H0Z` });
		set(error, curve(errors, (one) => one.error));
		set(maurey, curve(errors, (one) => one.maurey));
		set(here, { d: errors.through([state.power]) });
		const widths = [2, 4, 6, 8, 10, 12].map((power) => [power, String(2 ** power)]);
		sharp.scale(widths, [1, 10, 100, 1000].map((v) => [log10(v), String(v)]));
		errors.scale(widths, [-3, -2, -1, 0, 1].map((v) => [v, powerOfTen(v)]));
		const [sharpness, step, allowance] = [found.sharpness, 2 / found.sharpness, edge].map((v) => inWords(v));
		place(knob, sharp, state.power, log10(edge), `${k} neurons, sharpness ${sharpness}; step ${inWords(state.eta)} allows ${allowance}`, k);
		sliders.power.show(state.power);
		sliders.eta.show(Math.round(50 * log10(state.eta / LIMITS.eta[1])));
		sliders.hill.show(Math.round(100 * state.hill));
		sliders.seed.show(state.seed);
		numbers.show({ width: k, error: inWords(found.error, 2), sharpness, step, edge: allowance, most: inWords(found.ceiling) });
	}

	open(state);
});
