/* The clock explorable: a leaky network on nearly orthogonal inputs, from t = 1 to 10^190; chapter 7. */
"use strict";

StableMinima.clock = (() => {
	const { range, sum, dot } = StableMinima;
	const lengths = [1, 1.5, 0.8, 1.2, 0.7, 1.4], DIM = 12;

	/** Six inputs of both classes: each has a direction of its own and shares `overlap` of its length with its class. */
	const data = (overlap) => ({
		y: lengths.map((_, i) => 1 - 2 * (i % 2)),
		X: lengths.map((length, i) => range(DIM, (r) => length * (r === 0 ? (1 - 2 * (i % 2)) * overlap : r === i + 1 ? Math.sqrt(1 - overlap ** 2) : 0))),
	});

	const softplus = (z) => Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z)));
	function logLoss(z) {
		const logs = z.map((v) => (v > 36 ? -v : Math.log(softplus(-v)))), top = Math.max(...logs);
		return top + Math.log(sum(logs, (v) => Math.exp(v - top)) / z.length);
	}

	/** Loss-normalised gradient descent from W until log t reaches `end`: [{ log: log t, z: margins, W }], as in the library. */
	function descend(W, X, y, slope, gain, end, every = 20) {
		const n = X.length, m = W.length / 2, G = X.map((a) => X.map((b) => dot(a, b)));
		let P = W.map((w) => X.map((x) => dot(w, x))), log = -Infinity, first = null, rate = 0;
		const C = W.map(() => new Float64Array(n)), records = [];
		for (let k = 0; ; k++) {
			const z = y.map((yi, i) => (yi * sum(P, (row, r) => (r < m ? 1 : -1) * (row[i] > 0 ? row[i] : slope * row[i]))) / m);
			const loss = logLoss(z);
			if (first === null) {
				first = loss;
				rate = Math.log((n * gain * m) / ((1 + slope ** 2) * (sum(G, (row, i) => row[i]) / n)) / Math.exp(loss));
			}
			const over = log >= end;
			if (k % (k < 120 ? Math.min(3, every) : every) === 0 || over) records.push({ log, z, W: W.map((w, r) => w.map((v, c) => v + sum(X, (x, i) => C[r][i] * x[c]))) });
			if (over) return records;
			P = P.map((row, r) => {
				const delta = row.map((p, i) => (((r < m ? 1 : -1) * y[i]) / (n * m)) * (p > 0 ? 1 : slope) * Math.exp(rate + first - loss - softplus(z[i])));
				delta.forEach((v, i) => (C[r][i] += v));
				return row.map((p, l) => p + dot(delta, G[l]));
			});
			log = log === -Infinity ? first - loss : Math.max(log, first - loss) + Math.log1p(Math.exp(-Math.abs(log - first + loss)));
		}
	}

	/** |W|_F² / |W|_2², between 1 and the rank. */
	function stableRank(W) {
		const gram = W.map((a) => W.map((b) => dot(a, b)));
		return sum(gram, (row, r) => row[r]) / StableMinima.topEigenvalue(gram);
	}

	return { data, descend, stableRank };
})();

StableMinima.page.start("clock", (root) => {
	const { set, inWords, powerOfTen, Panel, handle, place, slider, readings, soon, clamp, numbersOf, assemble } = StableMinima.page;
	const { data, descend, stableRank } = StableMinima.clock;
	const [END, STOP, NEURONS] = [190, 5, 6];
	const LIMITS = { t: [STOP, 0, END], slope: [0.3, 0, 0.9], overlap: [0.2, 0, 0.9], seed: [1, 1, 9, true] };
	const state = {};
	const stretched = (t) => Math.log1p(t); // of log₁₀ t: early and late both want room
	const SCALE = [0, stretched(END)];

	const marginPanel = new Panel({ x: SCALE, y: [0.4, 1.04], below: "time t, on a scale of log log", role: "group", label: "Each margin over the largest, against the logarithm of time" });
	const [margins, marginStop, marginHere] = marginPanel.curves("line runs", "line sharp dashed", "line ink thin");
	const rankPanel = new Panel({ x: SCALE, y: [1, 4], below: "time t", label: "The stable rank of the neurons of each class, against the logarithm of time" });
	const [ranks, rankStop, rankHere] = rankPanel.curves("line stems", "line sharp dashed", "line ink thin");
	const knob = handle(marginPanel, {
		label: "Time", "aria-valuemin": 0, "aria-valuemax": END,
		move: (x) => scrub(Math.expm1(x)), keys: (dx, dy) => scrub(state.t + dx + dy),
	});
	const control = (name, key, scale) => slider(name, { min: 0, max: 9, late: true, words: (at) => inWords(at / scale), change: (at) => begin({ [key]: at / scale }) });
	const slopeSlider = control("Slope of the leak γ", "slope", 10), overlapSlider = control("Overlap in a class", "overlap", 10);
	const seedSlider = slider("Seed", { min: 1, max: 9, late: true, change: (seed) => begin({ seed }) });
	const numbers = readings({ time: "time <i>t</i>", spread: "margins differ by", plus: "rank, class +1", minus: "rank, class −1" });
	/** By how much the margins of a record differ, in percent. */
	const spread = ({ z }) => Math.round(1000 - (1000 * Math.min(...z)) / Math.max(...z)) / 10;

	const { say, open } = assemble(root, {
		draw, tell,
		controls: [slopeSlider, overlapSlider, seedSlider],
		verdict() {
			const [a, b, c] = [6, 12, 60].map((t) => spread(near(t))), alike = c > 0.2 * a;
			return { right: alike ? -1 : 2, why: `At 10⁶ they differ by ${a} %, at 10¹² still by ${b} %, at 10⁶⁰ by ${c} %: ` + (alike
				? "inputs so much alike never become equal." : "the gaps stay what they are while all margins grow like log <i>t</i>. To divide the difference by ten takes ten times the logarithm.") };
		},
		address: {
			keys: Object.keys(LIMITS), read: () => ({ ...state, records: undefined }),
			apply: (values) => begin(numbersOf(values, LIMITS)),
		},
		panels: [
			[marginPanel, "[runs]each of six margins over the largest, [stop]where people stop, 10⁵ steps"],
			[rankPanel, "[stems]stable rank of the neurons of each class, [stop]where people stop"],
		],
		below: [numbers],
	});

	/** The record nearest to a time. */
	function near(t) {
		const log = t * Math.LN10;
		return state.records.reduce((best, one) => (Math.abs(one.log - log) < Math.abs(best.log - log) ? one : best), state.records.at(-1));
	}

	function begin(values) {
		Object.assign(state, values);
		const normal = StableMinima.normals(StableMinima.uniforms(state.seed)), { X, y } = data(state.overlap);
		const W = StableMinima.range(2 * NEURONS, () => X[0].map(() => 3 * normal()));
		state.records = descend(W, X, y, state.slope, 0.2, END * Math.LN10, 12).filter(({ log }) => log >= 0);
		for (const one of state.records) one.ranks = [one.W.slice(0, NEURONS), one.W.slice(NEURONS)].map(stableRank);
		soon(draw);
	}

	function scrub(t) {
		state.t = Math.round(clamp(t, 0, END));
		soon(draw);
	}

	function tell() {
		const now = near(state.t);
		say(`<i>t</i> = ${powerOfTen(state.t)}${state.t > STOP ? ", and nobody trains that long" : ""}: the margins differ by ${spread(now)} %, the two classes have stable ranks ${now.ranks.map((v) => inWords(v)).join(" and ")}.`);
	}

	function draw() {
		const { records } = state, at = (one) => stretched(one.log / Math.LN10);
		set(margins, { d: records[0].z.map((_, i) => marginPanel.path(records.map((one) => [at(one), one.z[i] / Math.max(...one.z)]))).join("") });
		set(ranks, { d: [0, 1].map((c) => rankPanel.path(records.map((one) => [at(one), one.ranks[c]]))).join("") });
		for (const [path, panel, t] of [[marginHere, marginPanel, state.t], [rankHere, rankPanel, state.t], [marginStop, marginPanel, STOP], [rankStop, rankPanel, STOP]]) set(path, { d: panel.through([stretched(t)]) });
		const decades = [0, 1, 2, 5, 10, 20, 50, 100].map((v) => [stretched(v), v ? powerOfTen(v) : "1"]);
		marginPanel.scale(decades, [0.4, 0.6, 0.8, 1]);
		rankPanel.scale(decades, [1, 2, 3, 4]);
		const now = near(state.t), percent = `${spread(now)} %`;
		place(knob, marginPanel, stretched(state.t), 0.5, `t = ${powerOfTen(state.t)}; margins differ by ${percent}`, state.t);
		slopeSlider.show(Math.round(10 * state.slope));
		overlapSlider.show(Math.round(10 * state.overlap));
		seedSlider.show(state.seed);
		numbers.show({ time: powerOfTen(state.t), spread: percent, plus: inWords(now.ranks[0]), minus: inWords(now.ranks[1]) });
	}

	open(state);
});
