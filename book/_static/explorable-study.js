/* The study explorable: the recorded runs of chapter 4 as points to question, and the chain of bounds of one of them. */
"use strict";

/** How much each link of the chain loses, over runs: the means of the logarithms of the ratios of neighbours. */
StableMinima.losses = (runs) => {
	const CHAIN = ["stability_norm", "one_sided", "gradient_level", "sharpness_level", "ceiling"];
	return CHAIN.slice(1).map((link, i) => StableMinima.sum(runs, (run) => Math.log(run[link] / run[CHAIN[i]])) / runs.length);
};

StableMinima.page.start("study", (root, { columns, rows, links: CHAIN }) => {
	const { element, set, inWords, logTicks, Panel, handle, place, choice, button, soon, clamp, assemble } = StableMinima.page;
	const runs = rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
	const NAMES = {
		step_size: "step size η", sharpness_level: "½(λ − 1)", stability_norm: "stability norm", ceiling: "1/η − ½", one_sided: "one-sided sum", path_norm: "path norm",
		val_accuracy: "validation accuracy", epochs: "epochs",
	};
	const COLOURS = { study: "study", batch_size: "batch", seed: "seed", pixels: "pixels", warmup: "warm-up" };
	const START = { across: "step_size", up: "sharpness_level", colour: "batch_size", study: "mnist-35", run: "", box: "" };
	const state = { ...START };
	const valuesOf = (key) => [...new Set(runs.map((run) => run[key]))].sort((p, q) => (p ?? 1e9) - (q ?? 1e9));
	const options = (keys) => Object.fromEntries(keys.map((key) => [key, key]));

	const scatter = new Panel({ x: [0, 1], y: [0, 1], below: "x", role: "group", label: "The recorded runs, one point each" });
	const [law, ...dots] = scatter.curves("line ink dashed", ...[0, 1, 2, 3, 4, 5].map((i) => `dots hue-${i}`));
	const [frame] = scatter.curves("line ink thin");
	const chain = new Panel({ x: [0, 1], y: [0.4, 5.6], below: "the chain of this run", label: "The five numbers of the chain of the chosen run" });
	chain.margin.left = 90;
	const bars = chain.curves(...CHAIN.map(() => "line bars"));
	bars.forEach((bar, i) => set(bar, { style: `stroke:${CHAIN[i][2]}` }));
	const marker = handle(scatter, {
		label: "A run: arrows go to the next", shape: "ring", radius: 8, move: (x, y) => pick(nearest(x, y)),
		keys: (dx, dy) => { const order = shown(); pick(order[clamp(order.indexOf(state.chosen) + dx + dy, 0, order.length - 1)]); },
		"aria-valuemin": 0, "aria-valuemax": runs.length,
	});

	const pickers = {
		across: choice("Across", NAMES, (across) => change({ across, box: "" })), up: choice("upwards", NAMES, (up) => change({ up, box: "" })),
		colour: choice("colour", COLOURS, (colour) => change({ colour })), study: choice("study", { all: "all", ...options(valuesOf("study")) }, (study) => change({ study, box: "" })),
	};
	const corners = ["lower left", "upper right"].map((name, i) => handle(scatter, {
		label: `The box, ${name} corner`, shape: "turn", "aria-valuemin": -9, "aria-valuemax": 9, move: (x, y) => stretch(i, x, y),
		keys: (dx, dy) => stretch(i, box()[i] + dx * part(scatter.x), box()[2 + i] + dy * part(scatter.y)),
	}));
	const part = ([low, high]) => (high - low) / 40;
	const boxButton = button("", () => change({ box: state.box ? "" : [scatter.x, scatter.y].flatMap((axis) => [axis[0] + 9 * part(axis), axis[1] - 9 * part(axis)]).map(digits).join() }));
	const key = element("p", { class: "caption" });

	const { say, open } = assemble(root, {
		draw, tell,
		controls: [...Object.values(pickers), boxButton],
		verdict() {
			const lost = StableMinima.losses(selected()), right = lost.indexOf(Math.max(...lost));
			return { right, why: `Each link multiplies by ${lost.map((log) => inWords(Math.exp(log))).join(", ")} (geometric means over ${selected().length} runs). The last is what is left to the edge of stability. Choose another study or box, and ask again.` };
		},
		address: {
			keys: Object.keys(START), read: () => ({ ...Object.fromEntries(Object.keys(START).map((name) => [name, state[name] || undefined])), run: runs.indexOf(state.chosen) }),
			apply: (values) => {
				const known = { across: NAMES, up: NAMES, colour: COLOURS, study: { all: 1, ...options(valuesOf("study")) } };
				const given = Object.fromEntries(Object.entries(known).map(([name, all]) => [name, Object.hasOwn(all, values[name] ?? "") ? values[name] : START[name]]));
				const sides = (values.box ?? "").split(",").map(Number);
				state.chosen = runs[values.run];
				change({ ...given, box: sides.length === 4 && sides.every(Number.isFinite) ? values.box : "" });
			},
		},
		panels: [[scatter, key], [chain, "each number is at least the one above it; on a logarithmic scale"]],
	});

	const log = Math.log10;
	const shown = () => runs.filter((run) => (state.study === "all" || run.study === state.study) && run[state.across] > 0 && run[state.up] > 0).sort((p, q) => p[state.across] - q[state.across] || p[state.up] - q[state.up]);
	const box = () => state.box.split(",").map(Number), digits = (v) => v.toFixed(4);
	const inside = (run) => { const [a, b, c, d] = box(); return log(run[state.across]) >= a && log(run[state.across]) <= b && log(run[state.up]) >= c && log(run[state.up]) <= d; };
	const selected = () => { const all = state.shown ?? shown(), found = state.box ? all.filter(inside) : all; return found.length ? found : all; };

	function nearest(x, y) {
		const far = (run) => Math.hypot(scatter.across(log(run[state.across])) - scatter.across(x), scatter.down(log(run[state.up])) - scatter.down(y));
		return state.shown.reduce((best, run) => (far(run) < far(best) ? run : best));
	}

	function pick(run) {
		if (run === state.chosen) return;
		state.chosen = run;
		soon(draw);
	}

	function change(values) {
		Object.assign(state, values);
		state.shown = shown();
		if (!state.shown.includes(state.chosen)) state.chosen = state.shown[Math.floor(state.shown.length / 2)];
		soon(draw);
		tell();
	}

	/** Move a corner of the box, not beyond the other. */
	function stretch(i, x, y) {
		const sides = box(), past = i ? Math.max : Math.min;
		[sides[i], sides[2 + i]] = [clamp(past(x, sides[1 - i]), ...scatter.x), clamp(past(y, sides[3 - i]), ...scatter.y)];
		state.box = sides.map(digits).join();
		soon(draw);
	}

	let from = null;
	set(scatter.svg, {
		onpointerdown: (event) => { if (event.pointerType !== "touch" && !event.button) from = scatter.under(event); },
		onpointermove: (event) => {
			if (event.pointerType === "touch" || (event.buttons && !from)) return;
			const [x, y] = scatter.under(event);
			if (!event.buttons) return (from = null), pick(nearest(x, y));
			state.box = [Math.min(x, from[0]), Math.max(x, from[0]), Math.min(y, from[1]), Math.max(y, from[1])].map(digits).join();
			soon(draw);
		},
		onpointerup: () => ((from = null), tell()),
	});

	function tell() {
		const all = selected(), mean = (name) => inWords(StableMinima.sum(all, (run) => run[name]) / all.length);
		say(`${all.length} of ${runs.length} runs${state.box ? " in the box" : ""}; on average ${NAMES[state.across]} = ${mean(state.across)}, ${NAMES[state.up]} = ${mean(state.up)}.`);
	}

	function draw() {
		const { across, up, colour, chosen } = state;
		for (const [axis, name] of [["x", across], ["y", up]]) {
			const values = state.shown.map((run) => log(run[name])), pad = 0.05 * (Math.max(...values) - Math.min(...values)) + 0.02;
			scatter[axis] = [Math.min(...values) - pad, Math.max(...values) + pad];
		}
		scatter.below = `${NAMES[across]}; upwards, ${NAMES[up]}`;
		const kinds = valuesOf(colour), classes = [...new Set(state.shown.map((run) => kinds.indexOf(run[colour]) % dots.length))].sort();
		dots.forEach((path, i) => set(path, { d: scatter.dots(state.shown.filter((run) => kinds.indexOf(run[colour]) % dots.length === i).map((run) => [log(run[across]), log(run[up])])) }));
		const html = `${COLOURS[colour]}: ${classes.map((i) => `<span class="together"><i class="key hue hue-${i}"></i>${kinds.filter((_, k) => k % dots.length === i).map((v) => v ?? "all").join(", ")}</span>`).join(" ")}` +
			(up === "sharpness_level" && across === "step_size" ? '; <span class="together"><i class="key edge"></i>the edge, 1/η − ½</span>' : "");
		if (key.innerHTML !== html) key.innerHTML = html;
		const fine = StableMinima.evenly(...scatter.x, 100);
		set(law, { d: across === "step_size" && up === "sharpness_level" ? scatter.path(fine.filter((x) => 10 ** -x > 0.55).map((x) => [x, log(10 ** -x - 0.5)])) : "" });
		const [a, b, c, d] = box();
		[[a, c], [b, d]].forEach(([x, y], i) => {
			if (!state.box) corners[i].remove();
			else if (!corners[i].isConnected) scatter.top.append(corners[i]);
			if (state.box) place(corners[i], scatter, x, y, `${NAMES[across]} ${inWords(10 ** x)}, ${NAMES[up]} ${inWords(10 ** y)}; ${selected().length} runs inside`);
		});
		boxButton.textContent = state.box ? "Clear the box" : "Draw a box";
		set(frame, { d: state.box ? `${scatter.path([[a, c], [b, c], [b, d], [a, d]])}Z` : "" });
		const scale = ([low, high]) => { const ticks = logTicks(10 ** low, 10 ** high); return (ticks.length > 1 ? ticks : [10 ** (low + 0.1 * (high - low)), 10 ** (high - 0.1 * (high - low))].map((v) => Number(v.toPrecision(3)))).map((v) => [log(v), inWords(v)]); };
		scatter.scale(scale(scatter.x), scale(scatter.y));
		place(marker, scatter, log(chosen[across]), log(chosen[up]), `${chosen.study}, η = ${inWords(chosen.step_size)}: ${CHAIN.map(([name, words]) => `${words} ${inWords(chosen[name])}`).join(", ")}`, runs.indexOf(chosen));
		const sizes = CHAIN.map(([name]) => log(Math.max(chosen[name], 1e-3)));
		chain.x = [Math.floor(Math.min(...sizes)), Math.max(...sizes) + 0.2];
		sizes.forEach((size, i) => set(bars[i], { d: chain.path([[chain.x[0], 5 - i], [size, 5 - i]]) }));
		chain.below = `${chosen.study}, η = ${inWords(chosen.step_size)}, seed ${chosen.seed}`;
		chain.scale(scale(chain.x), CHAIN.map(([, words], i) => [5 - i, words]));
		for (const name of ["across", "up", "colour", "study"]) pickers[name].select.value = state[name];
	}

	open(state);
});
