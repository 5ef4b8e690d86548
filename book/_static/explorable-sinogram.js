/* The sinogram explorable: a line over points of the plane, and the data weight g(u, t) of all lines. */
"use strict";

/** Chapter 3's three samples, from its random numbers rounded to two decimals; a line as angle and offset. */
StableMinima.plane = (() => {
	// 150 angles and 150 pairs of normal numbers: hundredths plus 400, two digits to the base 36 each
	const hundredths = (text) => text.replace(/\s/g, "").match(/../g).map((word) => (parseInt(word, 36) - 400) / 100);
	const angles = hundredths(`
		k2rpdnrogkiipki9kpblo9kigvovgfj1dgi5eofpo7g0jls8rwnrkkfydxs1k4d5m0ooltr4btkcj5c7mbq0lhfnpsk0k1o9dppfn1ovegp4eg
		cjq1q5qfjdfwb8menoppg1evmap6rxdrjjqqiilebjmvr5pkqkmnfeojetpmc7pjdzhognn6e8i1b8fpihczm6hrnsmjinq9m5p9h3kmejsifd
		flcefmofnaddhoigmqj2ldpsnshhiyhjd1eog2glgll6s3onoxodljr5n5jucgjneudfjyotg9ojkadq`);
	const noise = hundredths(`
		7wdf9h868ma1fn7ubk56b4dmag9dbrd2cyglbp9haraxbfb1bl6hdf9j7vcweschbk8jj3dk7y8ybd6tbl9uejds3lb86me7blcn85g7gq86c5
		99b27lgb8faaci9bag9kar7v9waja7baabd7a8aq9a9n7mck7y91c4c8a05icabu77d9967zbeambo6ng59g6ucua5c0a6aybt91d09t8pbccd
		ah8qcu6889b87cb7azdm8l9dc14ajq9693dib066cvdi9vacch8lccbo9979ah8odwbidabhbu8yczg2a99hao9s96biabf4b4c0draaf49d8v
		a3at78b06hezaw9c8la2ai888kal9odqeab6cf7ecwb1cgfk4sbu82cr7h9qboctbb8x9ldkb36gdgcadja6df86cp9rczdx92azb8efd37qce
		d7h06g9met7c7sckdy99cmbgfcb4dv8mamaueacq91d0d9ataeal6fbnbr8pd67b9l9sgn6ocodqc6ee8c4sd97sa77ue1dj94dmbgaqbaakcu
		bza5dx9fbxcaf89pfybmal99crb9827z9k98e5eydjc49xb9dk`);
	const cloud = (place) => angles.map((angle, i) => place([noise[2 * i], noise[2 * i + 1]], angle, i < 75 ? 1 : -1));
	const samples = {
		"one cluster": cloud(([p, q]) => [p, q]),
		"two clusters": cloud(([p, q], _angle, side) => [0.45 * p + 1.3 * side, 0.45 * q + 0.5 * side]),
		"a ring": cloud(([p, q], angle) => [1.5 * Math.cos(angle) + 0.1 * p, 1.5 * Math.sin(angle) + 0.1 * q]),
	};

	const normal = (angle) => [Math.cos(angle), Math.sin(angle)];

	/** The same line with its angle in [0, pi): (u, t) and (-u, -t) are one line. */
	function line(angle, offset) {
		const turns = Math.floor(angle / Math.PI);
		return { angle: angle - turns * Math.PI, offset: turns % 2 ? -offset : offset };
	}

	/** g on a grid: a row for every offset, a column for every angle. */
	const sinogram = (X, angles, offsets) =>
		offsets.map((t) => angles.map((angle) => StableMinima.dataWeight(X, normal(angle), t)));

	return { samples, normal, line, sinogram };
})();

StableMinima.page.start("sinogram", (root) => {
	const { element, set, inWords, ticks, Panel, draggable, handle, place, slider, choice, heatMap, readings, statusLine, soon, question, address,
		within, assemble } = StableMinima.page;
	const { samples, normal, line, sinogram } = StableMinima.plane;
	const DEGREE = Math.PI / 180;
	const START = { name: "two clusters", angle: 20 * DEGREE, offset: 0.3 };
	const state = { ...START, reach: 3 };
	const grid = (low, high, count) => Array.from({ length: count }, (_, i) => low + ((high - low) * (i + 0.5)) / count);
	const points = () => samples[state.name];

	// --- panels

	const side = element("path", { class: "area" });
	const dots = element("path", { class: "dots cloud" });
	const redDot = element("path", { class: "dots red" });
	const lineMark = element("path", { class: "line stems" });
	const arrow = element("path", { class: "line stems thin" });
	const plane = new Panel({ x: [-3, 3], y: [-3, 3], below: "x₁; upwards, x₂", draw, label: "The samples in the plane and the line" });
	plane.plot.append(side, dots, redDot, lineMark, arrow);
	const grip = element("path", { class: "grip" });
	const tip = element("g", { class: "handle" }, element("circle", { r: 18, class: "reach" }), element("circle", { r: 7, class: "turn" }));
	plane.top.append(grip, tip);

	const redCurve = element("path", { class: "line sharp" });
	const map = new Panel({ x: [0, Math.PI], y: [-3, 3], below: "angle of the normal u; upwards, the offset t", role: "group", draw, label: "The sinogram: angle across, offset upwards, darker where g is larger" });
	map.plot.append(redCurve);
	const heat = { width: 180, height: 121 };
	Object.assign(heat, heatMap(map, heat.width, heat.height));
	const marker = handle(map, {
		label: "The line: left and right turn it, up and down shift it", shape: element("circle", { r: 7, class: "turn" }),
		"aria-valuemin": 0, "aria-valuemax": 180, move: turn, end: () => tell(),
		keys: (da, dt) => turn(state.angle + 2 * da * DEGREE, state.offset + 0.05 * dt),
	});

	const sampleChoice = choice("Samples", Object.fromEntries(Object.keys(samples).map((name) => [name, name])), choose);
	const angleSlider = slider("Angle", { min: 0, max: 179, words: (v) => `${v}°`, change: (v) => turn(v * DEGREE, state.offset) });
	const offsetSlider = slider("Offset <i>t</i>", { min: -300, max: 300, words: (v) => inWords(v / 100), change: (v) => turn(state.angle, v / 100) });
	const numbers = readings({ above: "samples beyond it", below: "samples before it", weight: "weight <i>g</i>", part: "of the largest" });
	const status = statusLine();
	const ask = question({
		words: "Where is a fold dearest?", answers: ["in the middle of the samples", "at their rim", "outside"],
		verdict: () => ({
			right: 0,
			why: `The darkest point of the sinogram is the line at ${Math.round(state.dearest.angle / DEGREE)}° and offset ${inWords(state.dearest.offset, 2)}, ` +
				"with samples on both sides. At the rim <i>g</i> falls to 0: a fold that few samples are behind is nearly free.",
		}),
	});
	const where = address(root, {
		keys: ["samples", "angle", "t"], apply,
		read: () => ({ samples: state.name, angle: Number((state.angle / DEGREE).toFixed(1)), t: state.offset }),
		presets: {
			"between two clusters": "samples=two+clusters&angle=21&t=0", "along them": "samples=two+clusters&angle=111&t=0",
			"the rim of a ring": "samples=a+ring&angle=45&t=1.4",
		},
	});

	assemble(root, {
		instruction: "Drag the line, or its point in the sinogram: <i>g</i> is the price of a fold there.",
		controls: [sampleChoice.node, angleSlider.node, offsetSlider.node], status, ask, where,
		panels: [
			[plane, "[norm]a line: drag it, or turn it by the dot of its normal <i>u</i>; shaded, the side where <i>u</i>·<i>x</i> > <i>t</i>"],
			[heat.node, "the same line as a point of the sinogram, <i>g</i> in grey; [sharp]all lines through the red sample"],
		],
		below: [numbers.node],
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
		tell();
	}

	function apply({ samples: name, angle, t }) {
		sampleChoice.select.value = name = name in samples ? name : START.name;
		Object.assign(state, { angle: within(angle, 0, 180, START.angle / DEGREE) * DEGREE, offset: within(t, -9, 9, START.offset) });
		choose(name);
	}

	function turn(angle, offset) {
		Object.assign(state, line((Math.round((angle / DEGREE) * 10) / 10) * DEGREE, Math.round(100 * offset) / 100)); // so that an address holds it
		state.offset = Math.min(Math.max(state.offset, -state.reach), state.reach);
		state.weight = StableMinima.dataWeight(points(), normal(state.angle), state.offset);
		soon(draw);
	}

	const dot = (u, x) => u[0] * x[0] + u[1] * x[1];
	draggable(grip, (event) => turn(state.angle, dot(normal(state.angle), plane.under(event))), tell);
	draggable(tip, (event) => {
		const [x, y] = plane.under(event);
		const foot = normal(state.angle).map((r) => r * state.offset);
		turn(Math.atan2(y - foot[1], x - foot[0]), state.offset);
	}, tell);
	set(map.svg, { onclick: (event) => (turn(...map.under(event)), tell()) });

	// --- what is shown

	/** The status line, a live region: after a change, not along it. */
	function tell() {
		const part = state.weight / state.largest;
		const price = part > 0.6 ? "a fold here is dear" : part > 0.15 ? "a fold here has a middling price" : "a fold here is nearly free";
		status.say(`Angle ${Math.round(state.angle / DEGREE)}°, offset ${inWords(state.offset, 2)}: g = ${inWords(state.weight)}, ${price}.`);
		ask.update();
	}

	function draw() {
		if (!plane.width || !map.width || !state.largest) return;
		const { angle, offset, reach } = state;
		const u = normal(angle), along = [-u[1], u[0]];
		const at = (s, r) => [s * u[0] + r * along[0], s * u[1] + r * along[1]];
		const far = 3 * reach;
		set(lineMark, { d: plane.path([at(offset, -far), at(offset, far)]) });
		set(grip, { d: plane.path([at(offset, -0.95 * reach), at(offset, 0.95 * reach)]) });
		set(side, { d: `${plane.path([at(offset, -far), at(offset, far), at(far, far), at(far, -far)])}Z` });
		const head = at(offset + 0.3 * reach, 0);
		set(arrow, { d: plane.path([at(offset, 0), head]) });
		set(tip, { transform: `translate(${plane.across(head[0])} ${plane.down(head[1])})` });
		const words = `angle ${Math.round(angle / DEGREE)}°, offset ${inWords(offset, 2)}, g = ${inWords(state.weight)}`;
		place(marker, map, angle, offset, words, angle / DEGREE);
		const red = points().reduce((best, x) => (x[0] + 0.35 * x[1] > best[0] + 0.35 * best[1] ? x : best));
		set(dots, { d: points().map((x) => `${plane.path([x])}h0`).join("") });
		set(redDot, { d: `${plane.path([red])}h0` });
		set(redCurve, { d: map.path(grid(0, Math.PI, 91).map((a) => [a, dot(normal(a), red)])) });
		const across = ticks(-reach, reach).map((v) => [v, inWords(v)]);
		plane.scale(across, across);
		map.scale([[0, "0"], [Math.PI / 2, "π/2"], [Math.PI, "π"]], across);
		heat.fit();
		angleSlider.show(Math.round(angle / DEGREE));
		offsetSlider.show(Math.round(100 * offset));
		const beyond = points().filter((x) => dot(u, x) > offset).length;
		const shown = { above: beyond, below: points().length - beyond, weight: inWords(state.weight), part: `${Math.round((100 * state.weight) / state.largest)} %` };
		numbers.show(shown);
	}

	root.explorable = state;
	where.start();
});
