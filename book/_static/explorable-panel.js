/* What the explorables draw with: elements, numbers in words, and a panel with axes.  Colours are in explorable.css. */
"use strict";

StableMinima.page = (() => {
	const SVG = new Set(["svg", "g", "path", "line", "circle", "text"]);

	/** <name attribute="…">children</name>; a function is a listener (`onclick`), `false` and `null` leave it out. */
	function element(name, attributes = {}, ...children) {
		const node = SVG.has(name) ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
		set(node, attributes);
		node.append(...children);
		return node;
	}

	/** HTML, from these files' authors only, with its symbols as the book has them. */
	const typeset = (html) => html.replace(/[γεηλΛ]/g, "<i>$&</i>").replaceAll("S_g", "<i>S<sub>g</sub></i>");

	function rich(name, attributes, html) {
		const node = element(name, attributes);
		node.innerHTML = typeset(html);
		return node;
	}

	function set(node, attributes) {
		for (const [key, value] of Object.entries(attributes))
			if (typeof value === "function") node.addEventListener(key.slice(2), value);
			else if (value === false || value === null) node.removeAttribute(key);
			else if (node.getAttribute(key) !== String(value)) node.setAttribute(key, value);
	}

	const powerOfTen = (power) => `10${[...String(power)].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("")}`;

	/** Three digits, and powers of ten as people write them. */
	function inWords(value, digits = 3) {
		if (!Number.isFinite(value)) return "∞";
		const size = Math.abs(value);
		if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
			const [head, power] = value.toExponential(1).split("e");
			return `${head.replace("-", "−")}·${powerOfTen(+power)}`;
		}
		return String(Number(value.toPrecision(digits))).replace("-", "−");
	}

	const POWERS = [0.01, 0.1, 1, 10, 100, 1e3, 1e4];

	/** About `count` round numbers in [low, high]. */
	function ticks(low, high, count = 4) {
		const rough = (high - low) / count;
		const power = 10 ** Math.floor(Math.log10(rough));
		const gap = [1, 2, 5, 10].map((m) => m * power).find((m) => m >= rough);
		const first = Math.ceil(low / gap - 1e-9);
		return StableMinima.range(Math.floor(high / gap + 1e-9) - first + 1, (i) => (first + i) * gap);
	}

	/** The numbers 1, 2, 5, 10, … in [low, high]; only powers of ten if there would be too many. */
	function logTicks(low, high, most = 6) {
		const within = (numbers) => numbers.filter((v) => v >= low && v <= high);
		const fine = within(POWERS.flatMap((p) => [p, 2 * p, 5 * p]));
		return fine.length <= most ? fine : within(POWERS);
	}

	/** A drawing area with axes, in pixels of the page, so that its text keeps its size at every width. */
	class Panel {
		/** `x`, `y`: [low, high]; `log`: y is logarithmic; `right`: room for a second axis;
		 *  `below`: name of the horizontal axis. */
		constructor({ label, role = "img", x, y, log = false, right = false, below = "" }) {
			Object.assign(this, { x, y, log, below });
			this.margin = { left: 42, right: right ? 40 : 10, top: 8, bottom: below ? 44 : 22 };
			this.grid = element("g", { class: "grid", "aria-hidden": "true" });
			this.plot = element("svg", { class: "plot" });
			this.top = element("g");
			this.svg = element("svg", { class: "panel", role, "aria-label": label }, this.grid, this.plot, this.top);
			Object.assign(this, { panel: this, node: this.svg, width: 10, height: 10 }); // until it is on the page
			new ResizeObserver(() => this.resize()).observe(this.svg);
		}

		resize() {
			const { left, right, top, bottom } = this.margin;
			this.width = Math.max(10, this.svg.clientWidth - left - right);
			this.height = Math.max(10, this.svg.clientHeight - top - bottom);
			set(this.plot, { x: left, y: top, width: this.width, height: this.height });
			set(this.top, { transform: `translate(${left} ${top})` });
			this.axes = "";
			this.draw();
		}

		/** Across and down, in pixels of the plot. */
		across(x) {
			return ((x - this.x[0]) / (this.x[1] - this.x[0])) * this.width;
		}

		down(y) {
			const [low, high, at] = this.log ? [...this.y, Math.max(y, 1e-300)].map(Math.log) : [...this.y, y];
			return Math.min(Math.max(1 - (at - low) / (high - low), -1), 2) * this.height;
		}

		/** The point of the plot, in its own units, under the pointer; of a panel with linear axes. */
		under(event) {
			const box = this.svg.getBoundingClientRect(), { left, top } = this.margin;
			const part = {
				x: (event.clientX - box.left - left) / this.width,
				y: 1 - (event.clientY - box.top - top) / this.height,
			};
			return ["x", "y"].map((axis) => this[axis][0] + part[axis] * (this[axis][1] - this[axis][0]));
		}

		/** A curve through points [x, y]. */
		path(points) {
			return points.map(([x, y], i) => `${i ? "L" : "M"}${this.across(x).toFixed(2)} ${this.down(y).toFixed(2)}`).join("");
		}

		/** Empty paths of these classes, each above those before it. */
		curves(...classes) {
			const made = classes.map((name) => element("path", { class: name }));
			this.plot.append(...made);
			return made;
		}

		/** Lines through the whole plot, at these x and at these y. */
		through(xs, ys = []) {
			return [...xs.map((x) => this.path(this.y.map((y) => [x, y]))), ...ys.map((y) => this.path(this.x.map((x) => [x, y])))].join("");
		}

		/** A dot of the class at each point. */
		dots(points) {
			return points.map((point) => `${this.path([point])}h0`).join("");
		}

		/** Grid and numbers along the bottom, the left and the right, as values or [value, text]; redrawn only on a change. */
		scale(...sides) {
			const [bottom, left, right = []] = sides.map((marks) => marks.map((v) => (v.length ? v : [v, inWords(v)])));
			const wanted = JSON.stringify([bottom, left, right, this.x, this.y, this.width]);
			if (wanted === this.axes) return;
			this.axes = wanted;
			const { left: x0, top: y0 } = this.margin;
			const [across, down] = [(v) => x0 + this.across(v), (v) => y0 + this.down(v)];
			const text = (x, y, anchor, words) => element("text", { x, y, "text-anchor": anchor }, words);
			this.grid.replaceChildren(
				...left.map(([v]) => element("line", { x1: x0, x2: x0 + this.width, y1: down(v), y2: down(v) })),
				...left.map(([v, words]) => text(x0 - 5, down(v) + 4, "end", words)),
				...right.map(([v, words]) => text(x0 + this.width + 5, down(v) + 4, "start", words)),
				...bottom.map(([v, words]) => text(across(v), y0 + this.height + 15, "middle", words)),
				text(x0 + this.width / 2, y0 + this.height + 36, "middle", this.below),
			);
		}
	}

	const inform = (node) => node.dispatchEvent(new Event("input", { bubbles: true }));

	/** Listeners that make `node` draggable by mouse, pen and finger: `move(event)` from the press to the release. */
	function draggable(node, move) {
		const moved = (event) => node.hasPointerCapture(event.pointerId) && move(event);
		const end = () => inform(node);
		set(node, {
			onpointerdown: (event) => {
				if (event.button) return;
				node.setPointerCapture(event.pointerId);
				event.stopPropagation();
			},
			onpointermove: moved,
			onpointerup: end,
			onpointercancel: end,
		});
	}

	/** <label>name <input> <output></label>: a slider whose value is read out as `words(value)`.  `late`: what follows takes
	 *  its time, so that it waits for the end of a drag. */
	function slider(name, { min, max, step = 1, words = String, change, late = false }) {
		const changed = () => change(+input.value);
		const input = element("input", { type: "range", min, max, step, oninput: () => (show(), late || changed()), onchange: () => late && changed() });
		const output = element("output", { "aria-hidden": "true" }); // its words are the value of the slider
		const show = (value) => {
			if (value !== undefined) input.value = value;
			output.textContent = words(+input.value);
			set(input, { "aria-valuetext": output.textContent });
		};
		return { node: element("label", {}, rich("span", { class: "name" }, name), input, output), input, output, show };
	}

	const button = (name, onclick, attributes = {}) => element("button", { type: "button", onclick, ...attributes }, name);

	/** A picture of grey values beneath a panel: rows of numbers from the top, `most` is darkest.  In the dark it is turned. */
	function heatMap(panel, width, height) {
		const canvas = element("canvas", { width, height, "aria-hidden": "true" });
		const paint = (values, most) => {
			const context = canvas.getContext("2d"), image = context.createImageData(width, height);
			values.forEach((v, i) => (image.data[4 * i + 3] = Math.round(235 * Math.min(Math.max(v / most, 0), 1))));
			context.putImageData(image, 0, 0);
		};
		const fit = () => {
			const { margin: { left, top }, width: w, height: h } = panel;
			canvas.style = `left:${left}px;top:${top}px;width:${w}px;height:${h}px`;
		};
		return { node: element("div", { class: "map" }, canvas, panel.svg), panel, paint, fit };
	}

	/** A heading of a panel with the key to its colours. */
	const caption = (html) => rich("p", { class: "caption" }, html.replace(/\[(\w+)\](\S+)/g, '<span class="together"><i class="key $1"></i>$2</span>'));

	/** A row of named numbers, `{ key: name }`; `show({ key: words })` writes them. */
	function readings(names) {
		const cells = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, element("div", {}, rich("dt", {}, name), element("dd"))]));
		const show = (shown) => { for (const [key, words] of Object.entries(shown)) cells[key].lastChild.textContent = words; };
		return { node: element("dl", { class: "numbers" }, ...Object.values(cells)), show };
	}

	// --- what all explorables share

	/** A handle to drag: a dot with room for a finger around it, moved by `move(x, y)` and by the arrow keys; as of a slider,
	 *  the page hears of it by an event `input`, but only at the end. */
	function handle(panel, { label, shape = "turn", radius = 7, move, keys, ...rest }) {
		const node = element("g", {
			class: "handle", role: "slider", tabindex: 0, "aria-label": label,
			onkeydown: (event) => {
				const by = event.shiftKey ? 5 : 1;
				const [dx, dy] = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] }[event.key] ?? [0, 0];
				if (!dx && !dy) return;
				event.preventDefault();
				keys(dx, dy);
				inform(node);
			},
			...rest,
		}, element("circle", { r: 20, class: "reach" }), element("circle", { r: radius, class: shape }));
		draggable(node, (event) => move(...panel.under(event)));
		panel.top.append(node);
		return node;
	}

	const place = (node, panel, x, y, words, value = y) =>
		set(node, {
			transform: `translate(${panel.across(x).toFixed(2)} ${panel.down(y).toFixed(2)})`,
			"aria-valuenow": Number(value.toPrecision(6)), "aria-valuetext": words,
		});

	/** Points (x[j], y[j]) to move, add and remove on a panel.  `at()`: their { x, y }; `fit(j)` may move one on after it was
	 *  moved; `changed()` after any change, `tell(words)` when it is done. */
	function movable(panel, noun, { at, few, many, room = 0.1, fit = () => {}, changed, tell }) {
		const handles = [];
		const points = { chosen: 0 };
		const inside = (v, [low, high]) => Math.round(100 * Math.min(Math.max(v, low + room), high - room)) / 100;
		points.move = (j, x, y) => {
			at().x[j] = inside(x, panel.x);
			at().y[j] = inside(y, panel.y);
			fit(j);
			changed();
		};
		/** A new one at (x, y); without a place, in the middle of the largest gap, where `height` says. */
		points.add = (x, y, height = () => 0) => {
			if (at().x.length >= many) return;
			if (x === undefined) {
				const sorted = [panel.x[0] + 0.3, ...at().x, panel.x[1] - 0.3].sort((p, q) => p - q);
				x = sorted.slice(1).reduce((best, next, i) => (next - sorted[i] > best[0] ? [next - sorted[i], (next + sorted[i]) / 2] : best), [0, 0])[1];
				y = height(x);
			}
			at().x.push(x);
			at().y.push(y);
			points.move((points.chosen = at().x.length - 1), x, y);
			points.show();
			tell(`${noun} ${points.chosen + 1} added.`);
		};
		points.remove = (j = points.chosen) => {
			if (at().x.length <= few) return;
			const focused = handles.includes(document.activeElement);
			j = Math.min(j, at().x.length - 1);
			at().x.splice(j, 1);
			at().y.splice(j, 1);
			points.chosen = Math.min(j, at().x.length - 1);
			changed();
			points.show();
			if (focused) handles[points.chosen].focus();
			tell(`${noun} removed.`);
		};
		const fresh = (j) => handle(panel, {
			label: "", shape: "sample", radius: 6, move: (x, y) => points.move(j, x, y), keys: (dx, dy) => points.move(j, at().x[j] + 0.05 * dx, at().y[j] + 0.05 * dy),
			"aria-valuemin": panel.y[0], "aria-valuemax": panel.y[1], onfocus: () => (points.chosen = j),
			onkeyup: (event) => ["Delete", "Backspace"].includes(event.key) && points.remove(j),
		});
		const buttons = [button(`Add a ${noun.toLowerCase()}`, () => points.add()), button(`Remove a ${noun.toLowerCase()}`, () => points.remove())];
		points.buttons = buttons;
		points.show = () => {
			const { x, y } = at();
			while (handles.length > x.length) handles.pop().remove();
			while (handles.length < x.length) handles.push(fresh(handles.length));
			handles.forEach((node, j) => {
				place(node, panel, x[j], y[j], `x = ${inWords(x[j])}, y = ${inWords(y[j])}`);
				set(node, { "aria-label": `${noun} ${j + 1} of ${x.length}` });
			});
			set(buttons[0], { disabled: x.length >= many && "" });
			set(buttons[1], { disabled: x.length <= few && "" });
		};
		set(panel.svg, { ondblclick: (event) => points.add(...panel.under(event)) });
		return points;
	}

	/** A drop-down list. */
	function choice(name, options, change) {
		const select = element("select", { oninput: () => change(select.value) },
			...Object.entries(options).map(([value, words]) => element("option", { value }, words)));
		return { node: element("label", { class: "choice" }, rich("span", { class: "name" }, name), select), select };
	}

	const waiting = new Set();
	/** `draw` at the next frame, once, however many events there are until then. */
	function soon(draw) {
		if (!waiting.size) requestAnimationFrame(() => { const all = [...waiting]; waiting.clear(); all.forEach((one) => one()); });
		waiting.add(draw);
	}

	/** The content of a live region, which speaks only of changes. */
	function write(node, html) {
		if (node.written !== html) node.innerHTML = typeset((node.written = html));
	}

	/** A question to answer before one looks.  `verdict()` is null as long as it is open (then `wait` is said), else the
	 *  number of the right answer and why: what the picture now shows. */
	function asking({ question, answers }, verdict, wait) {
		let given = -1;
		const reaction = element("p", { class: "reaction", role: "status" });
		const buttons = answers.map((answer, i) => button(answer, () => ((given = i), update()), { "aria-pressed": false }));
		const title = rich("p", { class: "asked" }, question);
		function update() {
			buttons.forEach((node, i) => set(node, { "aria-pressed": i === given }));
			if (given < 0) return;
			const found = verdict();
			write(reaction, !found ? `You say: ${answers[given]}. ${wait}` : `${found.right === given ? "<b>Yes.</b>" : "<b>No.</b>"} ${found.why}`);
			set(reaction, { "data-right": !found ? null : found.right === given });
		}
		const group = element("div", { class: "answers", role: "group", "aria-label": title.textContent }, ...buttons);
		return { node: element("div", { class: "question" }, title, group, reaction), update };
	}

	/** State in the address.  `keys`: the names that it may hold; `read()`: what differs from the page's start, by name;
	 *  `apply(values)`: the page's start with these values; `exact()`: whether that is all there is to see. */
	function addressed(root, { keys, read, apply, exact = () => true }) {
		const mine = (hash) => keys.includes(hash.slice(1).split("=")[0]);
		const settle = (hash) => { try { history.replaceState(history.state, "", hash); } catch { /* no address to write */ } };
		const hash = () => `#${new URLSearchParams(Object.entries(read()).filter(([, value]) => value !== undefined))}`.replaceAll("%2C", ",").replaceAll("%3A", ":");
		const go = (text) => apply(Object.fromEntries([...new URLSearchParams(text.replace(/^#/, ""))].filter(([key, value]) => keys.includes(key) && value !== "")));
		const said = element("span", { class: "said", role: "status" });
		const copy = button("Copy link", async () => {
			settle(hash());
			const leads = exact() ? "leads to what you see." : "leads to the start of this run: it was changed on its way.";
			try {
				await navigator.clipboard.writeText(location.href);
				said.textContent = `Copied: the link ${leads}`;
			} catch {
				said.textContent = `The address of this page now ${leads}`;
			}
		});
		const links = Object.entries(root.held.presets).map(([name, state]) =>
			element("a", { href: `#${state}`, class: "preset", onclick: (event) => (event.preventDefault(), settle(`#${state}`), go(state)) }, name));
		addEventListener("hashchange", () => mine(location.hash) && (go(location.hash), root.scrollIntoView()));
		const open = (state) => {
			root.explorable = state;
			go(root.dataset.state ?? "");
			if (!mine(location.hash)) return;
			go(location.hash);
			const look = () => root.scrollIntoView();
			look();
			addEventListener("load", look); // pictures and formulas above it have their heights now
		};
		const node = element("div", { class: "presets" }, element("span", {}, "See:"), ...links, copy, said);
		return { node, go, open };
	}

	const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

	/** Number from a state's text, within limits. */
	const within = (text, low, high, otherwise) => {
		const value = Number(text);
		return text === undefined || text === "" || !Number.isFinite(value) ? otherwise : clamp(value, low, high);
	};

	/** Numbers from a state's texts.  `limits`: by name, [start, lowest, highest, whether whole]. */
	const numbersOf = (values, limits) => Object.fromEntries(Object.entries(limits).map(([key, [start, low, high, whole]]) => {
		const value = within(values[key], low, high, start);
		return [key, whole ? Math.round(value) : value];
	}));

	/** Points of a plane from a state's x and y; the `start` where they are not `few` to `many` pairs in the `frame`. */
	function pointsOf({ x, y }, start, frame, few, many) {
		const [xs, ys] = [x, y].map((text, i) => text?.split(",").map((v) => within(v, ...frame["xy"[i]], 0)) ?? [...start["xy"[i]]]);
		return xs.length === ys.length && xs.length >= few && xs.length <= many ? { x: xs, y: ys } : { x: [...start.x], y: [...start.y] };
	}

	const nodes = (parts) => parts.map((part) => part.node ?? part);

	/** The parts of an explorable in the order in which they stand on the page.  `draw` runs at every resize, `tell`
	 *  after every input, both when a state was applied.  To be called: `open(state)` at the end, `say(html, phase)` when something has happened (a live
	 *  region, so never with every frame), `go(text)` for another state. */
	function assemble(root, { verdict, wait = "", controls, panels, below = [], address, draw, tell }) {
		const ask = asking(root.held, verdict, wait), status = element("p", { class: "status", role: "status" });
		const { node, go, open } = addressed(root, { ...address, apply: (values) => (address.apply(values), draw(), tell()) });
		const say = (html, phase = "") => {
			write(status, html);
			set(status, { "data-phase": phase });
			ask.update();
		};
		for (const [{ panel }] of panels) panel.draw = draw;
		set(root, { oninput: () => tell(), onchange: () => tell() });
		root.classList.add("live");
		root.closest("article")?.classList.add("holds-explorable"); // for :has() the browser would look at the page again and again
		root.append(
			rich("p", { class: "instruction" }, root.held.instruction), ask.node,
			element("div", { class: "controls main-controls" }, ...nodes(controls)), status,
			element("div", { class: "panels" }, ...panels.map(([shown, words]) => element("div", {}, words.nodeType ? words : caption(words), shown.node))),
			...nodes(below), node,
		);
		return { say, go, open };
	}

	/** `build(root, held)` for every element of the page that asks for it by name; it holds texts, and what the library computed. */
	const start = (name, build) => document.querySelectorAll(`[data-explorable="${name}"]`).forEach((root) => {
		root.held = JSON.parse(root.querySelector("script").textContent);
		build(root, root.held);
	});

	const stillness = matchMedia("(prefers-reduced-motion: reduce)");

	return {
		element, set, inWords, powerOfTen, ticks, logTicks, Panel, draggable, handle, place, movable, slider, choice, button, heatMap, readings,
		soon, write, clamp, within, numbersOf, pointsOf, assemble, start, stillness,
	};
})();
