/* The clock explorable: a leaky network on nearly orthogonal inputs, from t = 1 to 10^190; chapter 7. */
"use strict";

StableMinima.clock = (() => {
	const lengths = [1, 1.5, 0.8, 1.2, 0.7, 1.4], DIM = 12;

	/** Six inputs of both classes: each has a direction of its own and shares `overlap` of its length with its class. */
	const data = (overlap) => ({
		y: lengths.map((_, i) => 1 - 2 * (i % 2)),
		X: lengths.map((length, i) => Array.from({ length: DIM }, (_, r) => length * (r === 0 ? (1 - 2 * (i % 2)) * overlap : r === i + 1 ? Math.sqrt(1 - overlap ** 2) : 0))),
	});

	const dot = (a, b) => a.reduce((sum, v, r) => sum + v * b[r], 0);
	const softplus = (z) => Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z)));
	function logLoss(z) {
		const logs = z.map((v) => (v > 36 ? -v : Math.log(softplus(-v)))), top = Math.max(...logs);
		return top + Math.log(logs.reduce((sum, v) => sum + Math.exp(v - top), 0) / z.length);
	}

	/** Loss-normalised gradient descent from W until log t reaches `end`: [{ log: log t, z: margins, W }], as in the library. */
	function descend(W, X, y, slope, gain, end, every = 20) {
		const n = X.length, m = W.length / 2, G = X.map((a) => X.map((b) => dot(a, b)));
		let P = W.map((w) => X.map((x) => dot(w, x))), log = -Infinity, first = null, rate = 0;
		const C = W.map(() => new Float64Array(n)), records = [];
		for (let k = 0; ; k++) {
			const z = y.map((yi, i) => (yi * P.reduce((sum, row, r) => sum + (r < m ? 1 : -1) * (row[i] > 0 ? row[i] : slope * row[i]), 0)) / m);
			const loss = logLoss(z);
			if (first === null) {
				first = loss;
				rate = Math.log((n * gain * m) / ((1 + slope ** 2) * (G.reduce((sum, row, i) => sum + row[i], 0) / n)) / Math.exp(loss));
			}
			const over = log >= end;
			if (k % (k < 120 ? Math.min(3, every) : every) === 0 || over) records.push({ log, z, W: W.map((w, r) => w.map((v, c) => v + X.reduce((sum, x, i) => sum + C[r][i] * x[c], 0))) });
			if (over) return records;
			P = P.map((row, r) => {
				const delta = row.map((p, i) => (((r < m ? 1 : -1) * y[i]) / (n * m)) * (p > 0 ? 1 : slope) * Math.exp(rate + first - loss - softplus(z[i])));
				delta.forEach((v, i) => (C[r][i] += v));
				return row.map((p, l) => p + delta.reduce((sum, v, i) => sum + v * G[i][l], 0));
			});
			log = log === -Infinity ? first - loss : Math.max(log, first - loss) + Math.log1p(Math.exp(-Math.abs(log - first + loss)));
		}
	}

	/** |W|_F² / |W|_2², between 1 and the rank. */
	function stableRank(W) {
		const gram = W.map((a) => W.map((b) => dot(a, b)));
		return gram.reduce((sum, row, r) => sum + row[r], 0) / StableMinima.topEigenvalue(gram);
	}

	return { data, descend, stableRank };
})();

StableMinima.page.start("clock", (root) => {
	const { element, set, inWords, powerOfTen, Panel, handle, place, slider, readings, statusLine, soon, question, address, within, assemble } = StableMinima.page;
	const { data, descend, stableRank } = StableMinima.clock;
	const [END, STOP, NEURONS] = [190, 5, 6];
	const START = { t: 5, slope: 0.3, overlap: 0.2, seed: 1 };
	const state = { ...START };
	const stretched = (t) => Math.log1p(t); // of log₁₀ t: early and late both want room
	const SCALE = [0, stretched(END)];

	const margins = element("path", { class: "line runs" });
	const [marginHere, marginStop] = ["line ink thin", "line sharp dashed"].map((kind) => element("path", { class: kind }));
	const marginPanel = new Panel({ x: SCALE, y: [0.4, 1.04], below: "time t, on a scale of log log", role: "group", draw, label: "Each margin over the largest, against the logarithm of time" });
	marginPanel.plot.append(margins, marginStop, marginHere);
	const ranks = element("path", { class: "line stems" });
	const [rankHere, rankStop] = ["line ink thin", "line sharp dashed"].map((kind) => element("path", { class: kind }));
	const rankPanel = new Panel({ x: SCALE, y: [1, 4], below: "time t", draw, label: "The stable rank of the neurons of each class, against the logarithm of time" });
	rankPanel.plot.append(ranks, rankStop, rankHere);
	const knob = handle(marginPanel, {
		label: "Time", shape: element("circle", { r: 7, class: "turn" }), "aria-valuemin": 0, "aria-valuemax": END,
		move: (x) => scrub(Math.expm1(x)), keys: (dx, dy) => scrub(state.t + dx + dy), end: () => tell(),
	});
	const control = (name, key, scale) => slider(name, { min: 0, max: 9, words: (at) => inWords(at / scale), change: (at) => (begin({ [key]: at / scale }), tell()) });
	const slopeSlider = control("Slope of the leak <i>γ</i>", "slope", 10), overlapSlider = control("Overlap in a class", "overlap", 10);
	const seedSlider = slider("Seed", { min: 1, max: 9, change: (seed) => (begin({ seed }), tell()) });
	const numbers = readings({ time: "time <i>t</i>", spread: "margins differ by", plus: "rank, class +1", minus: "rank, class −1" });
	const status = statusLine();
	const spread = ({ z }) => 1 - Math.min(...z) / Math.max(...z);
	const ask = question({
		words: "Watch until the margins differ by a tenth of what they do at <i>t</i> = 10⁶. It takes until …", answers: ["10⁷", "10¹²", "10⁶⁰"],
		verdict() {
			const [a, b, c] = [6, 12, 60].map((t) => Math.round(1000 * spread(near(t))) / 10);
			return { right: 2, why: `At 10⁶ they differ by ${a} %, at 10¹² still by ${b} %, at 10⁶⁰ by ${c} %: the gaps stay what they are while all margins grow like log <i>t</i>. To divide the difference by ten takes ten times the logarithm.` };
		},
	});
	const where = address(root, {
		keys: ["t", "slope", "overlap", "seed"], read: () => ({ t: state.t, slope: state.slope, overlap: state.overlap, seed: state.seed }),
		apply: (values) => {
			const get = (key, high) => within(values[key], key === "seed" ? 1 : 0, high, START[key]);
			begin({ t: get("t", END), slope: get("slope", 0.9), overlap: get("overlap", 0.9), seed: Math.round(get("seed", 9)) });
			draw();
			tell();
		},
		presets: { "where people stop": "t=5", "10⁶": "t=6", "10⁶⁰": "t=60", "the end": "t=190", "a ReLU": "t=190&slope=0", "too alike: never equal": "t=190&overlap=0.9" },
	});

	assemble(root, {
		instruction: "Drag the clock: all margins become equal and each class turns to fewer directions, but see when.",
		controls: [slopeSlider.node, overlapSlider.node, seedSlider.node], status, ask, where,
		panels: [
			[marginPanel, "[runs]each of six margins over the largest, [stop]where people stop, 10⁵ steps"],
			[rankPanel, "[stems]stable rank of the neurons of each class, [stop]where people stop"],
		],
		below: [numbers.node],
	});

	/** The record nearest to a time. */
	function near(t) {
		const log = t * Math.LN10;
		return state.records.reduce((best, one) => (Math.abs(one.log - log) < Math.abs(best.log - log) ? one : best), state.records.at(-1));
	}

	function begin(values) {
		Object.assign(state, values);
		const uniform = StableMinima.uniforms(state.seed), { X, y } = data(state.overlap);
		const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
		const W = Array.from({ length: 2 * NEURONS }, () => X[0].map(() => 3 * normal()));
		state.records = descend(W, X, y, state.slope, 0.2, END * Math.LN10, 12).filter(({ log }) => log >= 0);
		for (const one of state.records) one.ranks = [one.W.slice(0, NEURONS), one.W.slice(NEURONS)].map(stableRank);
		soon(draw);
	}

	function scrub(t) {
		state.t = Math.round(Math.min(Math.max(t, 0), END));
		soon(draw);
	}

	function tell() {
		const now = near(state.t);
		status.say(`<i>t</i> = ${powerOfTen(state.t)}${state.t > STOP ? ", and nobody trains that long" : ""}: the margins differ by ${Math.round(1000 * spread(now)) / 10} %, the two classes have stable ranks ${now.ranks.map((v) => inWords(v)).join(" and ")}.`);
		ask.update();
	}

	function draw() {
		if (!marginPanel.width || !rankPanel.width || !state.records) return;
		const { records } = state, at = (one) => stretched(one.log / Math.LN10);
		set(margins, { d: records[0].z.map((_, i) => marginPanel.path(records.map((one) => [at(one), one.z[i] / Math.max(...one.z)]))).join("") });
		set(ranks, { d: [0, 1].map((c) => rankPanel.path(records.map((one) => [at(one), one.ranks[c]]))).join("") });
		const line = (panel, t) => panel.path(panel.y.map((y) => [stretched(t), y]));
		for (const [path, panel, t] of [[marginHere, marginPanel, state.t], [rankHere, rankPanel, state.t], [marginStop, marginPanel, STOP], [rankStop, rankPanel, STOP]]) set(path, { d: line(panel, t) });
		const decades = [0, 1, 2, 5, 10, 20, 50, 100].map((v) => [stretched(v), v ? powerOfTen(v) : "1"]);
		marginPanel.scale(decades, [0.4, 0.6, 0.8, 1].map((v) => [v, inWords(v)]));
		rankPanel.scale(decades, [1, 2, 3, 4].map((v) => [v, inWords(v)]));
		const now = near(state.t), percent = `${Math.round(1000 * spread(now)) / 10} %`;
		place(knob, marginPanel, stretched(state.t), 0.5, `t = ${powerOfTen(state.t)}; margins differ by ${percent}`, state.t);
		slopeSlider.show(Math.round(10 * state.slope));
		overlapSlider.show(Math.round(10 * state.overlap));
		seedSlider.show(state.seed);
		numbers.show({ time: powerOfTen(state.t), spread: percent, plus: inWords(now.ranks[0]), minus: inWords(now.ranks[1]) });
	}

	root.explorable = state;
	where.start();
});
