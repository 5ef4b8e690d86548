/* The sinogram explorable: a line over points of the plane, and the data weight g(u, t) of all lines. */
"use strict";

/** A line of the plane as angle and offset, and the weights of all lines. */
StableMinima.plane = (() => {
	const normal = (angle) => [Math.cos(angle), Math.sin(angle)];

	/** The same line with its angle in [0, pi): (u, t) and (-u, -t) are one line. */
	function line(angle, offset) {
		const turns = Math.floor(angle / Math.PI);
		return { angle: angle - turns * Math.PI, offset: turns % 2 ? -offset : offset };
	}

	/** g on a grid: a row for every offset, a column for every angle. */
	const sinogram = (X, angles, offsets) =>
		offsets.map((t) => angles.map((angle) => StableMinima.dataWeight(X, normal(angle), t)));

	return { normal, line, sinogram };
})();

StableMinima.page.start("sinogram", (root, { samples }) => {
	const { element, set, inWords, ticks, Panel, draggable, handle, place, slider, choice, heatMap, readings, soon,
		clamp, within, assemble } = StableMinima.page;
	const { normal, line, sinogram } = StableMinima.plane;
	const DEGREE = Math.PI / 180;
	const START = { name: "two clusters", angle: 20 * DEGREE, offset: 0.3 };
	const state = { ...START, reach: 3 };
	const grid = (low, high, count) => StableMinima.range(count, (i) => low + ((high - low) * (i + 0.5)) / count);
	const points = () => samples[state.name];

	// --- panels

	const plane = new Panel({ x: [-3, 3], y: [-3, 3], below: "x₁; upwards, x₂", role: "group", label: "The samples in the plane and the line" });
	const [side, dots, redDot, lineMark, arrow] = plane.curves("area", "dots cloud", "dots red", "line stems", "line stems thin");
	const grip = element("path", { class: "grip" });
	plane.top.append(grip);
	const tip = handle(plane, {
		label: "The normal of the line", "aria-valuemin": 0, "aria-valuemax": 180, keys: (dx, dy) => turn(state.angle + 2 * (dy - dx) * DEGREE, state.offset),
		move: (x, y) => turn(Math.atan2(y - state.offset * Math.sin(state.angle), x - state.offset * Math.cos(state.angle)), state.offset),
	});

	const map = new Panel({ x: [0, Math.PI], y: [-3, 3], below: "angle of the normal u; upwards, the offset t", role: "group", label: "The sinogram: angle across, offset upwards, darker where g is larger" });
	const [redCurve] = map.curves("line sharp");
	const heat = { width: 180, height: 121 };
	Object.assign(heat, heatMap(map, heat.width, heat.height));
	const marker = handle(map, {
		label: "The line: left and right turn it, up and down shift it",
		"aria-valuemin": 0, "aria-valuemax": 180, move: turn,
		keys: (da, dt) => turn(state.angle + 2 * da * DEGREE, state.offset + 0.05 * dt),
	});

	const sampleChoice = choice("Samples", Object.fromEntries(Object.keys(samples).map((name) => [name, name])), choose);
	const angleSlider = slider("Angle", { min: 0, max: 179, words: (v) => `${v}°`, change: (v) => turn(v * DEGREE, state.offset) });
	const offsetSlider = slider("Offset <i>t</i>", { min: -300, max: 300, words: (v) => inWords(v / 100), change: (v) => turn(state.angle, v / 100) });
	const numbers = readings({ above: "samples beyond it", below: "samples before it", weight: "weight <i>g</i>", part: "of the largest" });

	const { say, open } = assemble(root, {
		draw, tell,
		controls: [sampleChoice, angleSlider, offsetSlider],
		verdict: () => ({
			right: 0,
			why: `The darkest point of the sinogram is the line at ${Math.round(state.dearest.angle / DEGREE)}° and offset ${inWords(state.dearest.offset, 2)}, ` +
				"with samples on both sides. At the rim <i>g</i> falls to 0: a fold that few samples are behind is nearly free.",
		}),
		address: {
			keys: ["samples", "angle", "t"], apply,
			read: () => ({ samples: state.name, angle: Number((state.angle / DEGREE).toFixed(1)), t: state.offset }),
		},
		panels: [
			[plane, "[norm]a line: drag it, or turn it by the dot of its normal <i>u</i>; shaded, the side where <i>u</i>·<i>x</i> > <i>t</i>"],
			[heat, "the same line as a point of the sinogram, <i>g</i> in grey; [sharp]all lines through the red sample"],
		],
		below: [numbers],
	});

	// --- changes

	function choose(name) {
		state.name = name;
		state.reach = 1.05 * Math.max(...points().map((x) => Math.hypot(...x)));
		plane.x = plane.y = map.y = [-state.reach, state.reach];
		const values = sinogram(points(), grid(0, Math.PI, heat.width), grid(state.reach, -state.reach, heat.height));
		const flat = values.flat();
		state.largest = Math.max(...flat);
		const at = flat.indexOf(state.largest);
		state.dearest = { angle: grid(0, Math.PI, heat.width)[at % heat.width], offset: grid(state.reach, -state.reach, heat.height)[Math.floor(at / heat.width)] };
		heat.paint(flat, state.largest);
		turn(state.angle, state.offset);
	}

	function apply({ samples: name, angle, t }) {
		sampleChoice.select.value = name = Object.hasOwn(samples, name) ? name : START.name;
		Object.assign(state, { angle: within(angle, 0, 180, START.angle / DEGREE) * DEGREE, offset: within(t, -9, 9, START.offset) });
		choose(name);
	}

	function turn(angle, offset) {
		Object.assign(state, line((Math.round((angle / DEGREE) * 10) / 10) * DEGREE, Math.round(100 * offset) / 100)); // so that an address holds it
		state.offset = clamp(state.offset, -state.reach, state.reach);
		state.weight = StableMinima.dataWeight(points(), normal(state.angle), state.offset);
		soon(draw);
	}

	const { dot } = StableMinima;
	draggable(grip, (event) => turn(state.angle, dot(normal(state.angle), plane.under(event))));
	set(map.svg, { onclick: (event) => (turn(...map.under(event)), tell()) });

	// --- what is shown

	/** The status line, a live region: after a change, not along it. */
	function tell() {
		const part = state.weight / state.largest;
		const price = part > 0.6 ? "a fold here is dear" : part > 0.15 ? "a fold here has a middling price" : "a fold here is nearly free";
		say(`Angle ${Math.round(state.angle / DEGREE)}°, offset ${inWords(state.offset, 2)}: g = ${inWords(state.weight)}, ${price}.`);
	}

	function draw() {
		const { angle, offset, reach } = state;
		const u = normal(angle), along = [-u[1], u[0]];
		const at = (s, r) => [s * u[0] + r * along[0], s * u[1] + r * along[1]];
		const far = 3 * reach;
		set(lineMark, { d: plane.path([at(offset, -far), at(offset, far)]) });
		set(grip, { d: plane.path([at(offset, -0.95 * reach), at(offset, 0.95 * reach)]) });
		set(side, { d: `${plane.path([at(offset, -far), at(offset, far), at(far, far), at(far, -far)])}Z` });
		const head = at(offset + 0.3 * reach, 0);
		set(arrow, { d: plane.path([at(offset, 0), head]) });
		const words = `angle ${Math.round(angle / DEGREE)}°, offset ${inWords(offset, 2)}, g = ${inWords(state.weight)}`;
		place(marker, map, angle, offset, words, angle / DEGREE);
		place(tip, plane, ...head, words, angle / DEGREE);
		const red = points().reduce((best, x) => (x[0] + 0.35 * x[1] > best[0] + 0.35 * best[1] ? x : best));
		set(dots, { d: plane.dots(points()) });
		set(redDot, { d: plane.dots([red]) });
		set(redCurve, { d: map.path(grid(0, Math.PI, 91).map((a) => [a, dot(normal(a), red)])) });
		const across = ticks(-reach, reach);
		plane.scale(across, across);
		map.scale([[0, "0"], [Math.PI / 2, "π/2"], [Math.PI, "π"]], across);
		heat.fit();
		angleSlider.show(Math.round(angle / DEGREE));
		offsetSlider.show(Math.round(100 * offset));
		const beyond = points().filter((x) => dot(u, x) > offset).length;
		numbers.show({ above: beyond, below: points().length - beyond, weight: inWords(state.weight), part: `${Math.round((100 * state.weight) / state.largest)} %` });
	}

	open(state);
});
