/* The training explorable: a shallow network on the line, trained in the page by explorable-arithmetic.js. */
"use strict";

/** A run of gradient descent with what the book measures along it; no page. */
StableMinima.Training = class {
  static START = { scale: 0.3, output: 2, reach: 1.8 };
  static TOLERANCE = 1e-8; // the loss at which the book calls a point a minimum
  static LONGEST = 400; // records of the history; when it is full every second one is dropped

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
    this.changed();
    this.measure();
    this.blowUp = 1e6 * Math.max(1, this.now.loss);
    this.record();
  }

  /** To be called when the settings were changed, but for the step size (`changeStep`) and the start (`reset`). */
  changed() {
    const { x, batch, seed } = this.settings;
    this.ended = false;
    this.batches = StableMinima.batches(x.length, Math.min(batch ?? x.length, x.length), seed);
    if (this.now) this.measure();
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
    this.ramp = { from: this.stepSize, since: this.steps, length };
    this.settings.stepSize = stepSize;
    this.ended = false;
    this.measure();
  }

  /** `count` steps, fewer if the run comes to its end (once): a stable minimum, or no return.  Whether it did.
   *  It looks at every tenth step, so that where it stops does not depend on how the steps are asked for. */
  advance(count) {
    const { x, y } = this.settings;
    for (let i = 0; i < count && this.now.phase !== "diverged"; i++) {
      StableMinima.step(this.net, x, y, this.stepSize, this.batches.next().value);
      this.steps += 1;
      if (this.steps % 10) continue;
      this.measure();
      if (this.steps % this.every === 0) this.record();
      if (!this.ended && ["minimum", "collapsed", "diverged"].includes(this.now.phase)) return (this.ended = true);
    }
    this.measure();
    return false;
  }

  /** The loss, the sharpness, the stability norm and what they say; of a diverged run, those of its last good network. */
  measure() {
    const { x, y } = this.settings;
    const stepSize = this.stepSize;
    const loss = StableMinima.loss(this.net, x, y);
    if (!(loss < (this.blowUp ?? Infinity))) {
      this.net = this.good;
      this.now = { ...this.now, stepSize, steps: this.steps, phase: "diverged" };
      return;
    }
    this.good = StableMinima.copyNetwork(this.net);
    const knots = StableMinima.weightedKnots(this.net, x);
    const norm = knots.reduce((sum, at) => sum + at.share, 0);
    const sharpness = StableMinima.sharpness(this.net, x);
    this.now = { steps: this.steps, stepSize, loss, knots, norm, sharpness };
    this.now.phase = this.phase();
  }

  phase() {
    const { loss, sharpness, stepSize } = this.now;
    const { w, b } = this.net;
    if (loss < StableMinima.Training.TOLERANCE && sharpness * stepSize <= 2) return "minimum";
    if (!this.settings.x.some((xj) => w.some((wi, i) => wi * xj + b[i] > 0))) return "collapsed";
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

StableMinima.trainingExplorable = (root) => {
  const { element, set, inWords, powerOfTen, ticks, logTicks, Panel, draggable, slider, button, caption, readings } = StableMinima.page;
  const DEFAULTS = {
    x: [-1.7, -1.3, -0.9, 0.9, 1.3, 1.7], y: [-1.2, 0.9, 1.5, 1.5, 0.9, -0.6],
    stepSize: 0.15, width: 60, seed: 3, batch: null,
  };
  const FRAME = { x: [-2.2, 2.2], y: [-2.2, 3] };
  const STEPS = { least: 0.005, most: 2 };
  const [FEWEST, MOST, RAMP, CHUNK] = [2, 16, 300, 2000];
  const defaults = () => ({ ...DEFAULTS, x: [...DEFAULTS.x], y: [...DEFAULTS.y] });
  const stillness = matchMedia("(prefers-reduced-motion: reduce)");

  const training = new StableMinima.Training(defaults());
  let running = false, chosen = 0, startStep = DEFAULTS.stepSize, ghost = null, speed = 600, left = 0, last = 0, visible = true;

  // ---------------------------------------------------------------------------------------------------- panels

  const curve = element("path", { class: "line function" });
  const ghostCurve = element("path", { class: "line ghost" });
  const knotDots = element("path", { class: "dots knots" });
  const functionPanel = new Panel({
    ...FRAME, role: "group", draw,
    label: "The function of the network and the samples. Samples can be moved with the arrow keys.",
  });
  functionPanel.plot.append(ghostCurve, curve, knotDots);

  const weight = element("path", { class: "area" });
  const stems = element("path", { class: "line stems" });
  const ruler = element("path", { class: "line ink" });
  const knotPanel = new Panel({ x: FRAME.x, y: [0, 1], draw, label: "The weighted knots" });
  knotPanel.plot.append(weight, stems, ruler);

  const edgeLine = element("path", { class: "line ink dashed" });
  const sharpnessLine = element("path", { class: "line sharp" });
  const normLine = element("path", { class: "line norm" });
  const boundPanel = new Panel({ x: [0, 1000], y: [1, 50], log: true, right: true, draw, label: "Sharpness and norm" });
  boundPanel.plot.append(edgeLine, normLine, sharpnessLine);

  const lossLine = element("path", { class: "line loss" });
  const lossPanel = new Panel({ x: [0, 1000], y: [1e-10, 100], log: true, right: true, draw, label: "The loss" });
  lossPanel.plot.append(lossLine);

  // --------------------------------------------------------------------------------------------------- controls

  const runButton = button("Run", () => (running ? (pause(), tell()) : run()), { class: "main" });
  const stepButton = button("Step", () => (pause(), training.advance(1), draw(), tell()), { "aria-label": "One step" });
  const tripleButton = button("Triple the step", triple);
  const resetButton = button("Reset", () => (pause(), reset()));
  const toSlider = (eta) => Math.round((1000 * Math.log(eta / STEPS.least)) / Math.log(STEPS.most / STEPS.least));
  const fromSlider = (at) => Number((STEPS.least * (STEPS.most / STEPS.least) ** (at / 1000)).toPrecision(3));
  const stepSlider = slider("Step size <i>η</i>", {
    min: 0, max: 1000, words: (at) => inWords(fromSlider(at)), change: (at) => changeStep((startStep = fromSlider(at))),
  });
  const stepNumber = element("input", {
    type: "number", min: STEPS.least, max: STEPS.most, step: "any", "aria-label": "Step size, as a number",
    onchange: () => changeStep((startStep = Math.min(Math.max(+stepNumber.value || DEFAULTS.stepSize, STEPS.least), STEPS.most))),
  });
  stepSlider.output.replaceWith(stepNumber);
  const widthSlider = slider("Neurons <i>k</i>", { min: 5, max: 100, step: 5, change: (k) => restart({ width: k }) });
  const batchSlider = slider("Batch <i>B</i>", {
    min: 1, max: DEFAULTS.x.length, change: (B) => setBatch(B),
    words: (B) => (B >= training.samples ? "all samples" : `${B} of ${training.samples}`),
  });
  const seedSlider = slider("Seed", { min: 1, max: 20, change: (seed) => restart({ seed }) });
  const speedSlider = slider("Speed", {
    min: 0, max: 5, change: (at) => (speed = 60 * [1, 2, 5, 10, 20, 50][at]),
    words: (at) => `${60 * [1, 2, 5, 10, 20, 50][at]} steps/s`,
  });
  const addButton = button("Add a sample", () => addSample());
  const removeButton = button("Remove a sample", () => removeSample(chosen));
  const defaultsButton = button("Everything as at first", () => (pause(), Object.assign(training.settings, defaults()), (startStep = DEFAULTS.stepSize), reset()));

  const numbers = readings({ steps: "step", loss: "loss", sharpness: "sharpness <i>λ</i>", edge: "2/<i>η</i>",
    norm: "<i>S<sub>g</sub></i>", ceiling: "1/<i>η</i> − ½" });
  const status = element("p", { class: "status", role: "status" });

  root.classList.add("live");
  root.append(
    element("div", { class: "controls" }, runButton, stepButton, tripleButton, resetButton, stepSlider.node),
    status,
    element("div", { class: "panels" },
      ...[
        [functionPanel, "[function]function, [knots]its knots, [sample]samples: drag them. [ghost]before the step was tripled"],
        [boundPanel, "[sharp]sharpness <i>λ</i> (left), [norm]<i>S<sub>g</sub></i> (right), [edge]2/<i>η</i> (left) and 1/<i>η</i> − ½ (right), by step"],
        [knotPanel, "[norm]|<i>f</i>″|·<i>g</i>, a stem at each knot; their sum is <i>S<sub>g</sub></i>. [area]<i>g</i>, on a scale of its own"],
        [lossPanel, "[loss]loss, by step"],
      ].map(([panel, words]) => element("div", {}, caption(words), panel.svg))),
    numbers.node,
    element("details", {}, element("summary", {}, "More: samples, neurons, batches, seed, speed"),
      element("div", { class: "controls" }, addButton, removeButton, defaultsButton),
      element("div", { class: "controls sliders" },
        widthSlider.node, batchSlider.node, seedSlider.node, speedSlider.node),
      element("p", { class: "hint" }, "Samples: drag one, or Tab to it and use the arrow keys (with Shift: further); " +
        "Delete removes it; double-click in the picture adds one.")),
  );

  // ----------------------------------------------------------------------------------------------------- samples

  const handles = [];

  function showHandles() {
    const { x, y } = training.settings;
    while (handles.length > x.length) handles.pop().remove();
    while (handles.length < x.length) handles.push(newHandle(handles.length));
    handles.forEach((handle, j) => {
      const at = `x = ${inWords(x[j])}, y = ${inWords(y[j])}`;
      set(handle, {
        transform: `translate(${functionPanel.across(x[j]).toFixed(2)} ${functionPanel.down(y[j]).toFixed(2)})`,
        "aria-label": `Sample ${j + 1} of ${x.length}`, "aria-valuenow": y[j], "aria-valuetext": at,
      });
    });
    set(addButton, { disabled: x.length >= MOST && "" });
    set(removeButton, { disabled: x.length <= FEWEST && "" });
  }

  function newHandle(j) {
    const handle = element("g", {
      class: "handle", role: "slider", tabindex: 0, "aria-valuemin": FRAME.y[0], "aria-valuemax": FRAME.y[1],
      onfocus: () => (chosen = j), onkeydown: (event) => pressed(event, j),
    }, element("circle", { r: 18, class: "reach" }), element("circle", { r: 6, class: "sample" }));
    draggable(handle, (event) => moveSample(j, ...functionPanel.under(event)), () => tell());
    functionPanel.top.append(handle);
    return handle;
  }

  function moveSample(j, x, y) {
    const within = (v, [low, high]) => Math.round(100 * Math.min(Math.max(v, low + 0.1), high - 0.1)) / 100;
    training.settings.x[j] = within(x, FRAME.x);
    training.settings.y[j] = within(y, FRAME.y);
    changedData();
  }

  function pressed(event, j) {
    const { x, y } = training.settings;
    const by = event.shiftKey ? 0.25 : 0.05;
    const [dx, dy] = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] }[event.key] ?? [0, 0];
    if (dx || dy) moveSample(j, x[j] + dx, y[j] + dy);
    else if (event.key === "Delete" || event.key === "Backspace") removeSample(j);
    else return;
    event.preventDefault();
  }

  /** A new sample at (x, y); without a place, on the function in the middle of the largest gap. */
  function addSample(x, y) {
    const { settings } = training;
    if (settings.x.length >= MOST) return;
    if (x === undefined) {
      const sorted = [FRAME.x[0] + 0.3, ...settings.x, FRAME.x[1] - 0.3].sort((p, q) => p - q);
      const widest = sorted.slice(1).reduce((best, xj, i) => (xj - sorted[i] > best[0] ? [xj - sorted[i], i] : best), [0, 0])[1];
      x = (sorted[widest] + sorted[widest + 1]) / 2;
      y = StableMinima.value(training.net, x);
    }
    settings.x.push(x);
    settings.y.push(y);
    showHandles();
    moveSample((chosen = settings.x.length - 1), x, y);
    tell(`Sample ${chosen + 1} added.`);
  }

  function removeSample(j) {
    const { x, y } = training.settings;
    if (x.length <= FEWEST) return;
    const focused = handles.includes(document.activeElement);
    j = Math.min(j, x.length - 1);
    x.splice(j, 1);
    y.splice(j, 1);
    chosen = Math.min(j, x.length - 1);
    changedData();
    if (focused) handles[chosen].focus();
    tell("Sample removed.");
  }

  function changedData() {
    const { settings } = training;
    if (settings.batch !== null && settings.batch >= settings.x.length) settings.batch = null;
    training.changed();
    ghost = null;
    showControls();
    draw();
  }

  set(functionPanel.svg, { ondblclick: (event) => addSample(...functionPanel.under(event)) });

  // --------------------------------------------------------------------------------------------------- a run's life

  function changeStep(stepSize, ramp = 0) {
    training.changeStep(stepSize, ramp);
    showControls();
    draw();
  }

  function triple() {
    ghost = functionPoints();
    const { sharpness } = training.now;
    changeStep(Number((3 * training.settings.stepSize).toPrecision(3)), RAMP);
    const edge = 2 / training.settings.stepSize;
    tell(`Step size ${inWords(training.settings.stepSize)}: the edge is now at ${inWords(edge)}, ` +
      (sharpness > edge ? "below the sharpness. The network has to leave." : "still above the sharpness: nothing has to move."));
    if (!stillness.matches) run(true);
  }

  function setBatch(B) {
    training.settings.batch = B >= training.samples ? null : B;
    training.changed();
  }

  function restart(change) {
    pause();
    Object.assign(training.settings, change);
    reset();
  }

  /** The network and the step size with which it set out; samples and settings stay. */
  function reset() {
    ghost = null;
    training.settings.stepSize = startStep;
    training.reset();
    showControls();
    draw();
    tell();
  }

  function run(quietly = false) {
    if (training.now.phase === "diverged") reset();
    if (stillness.matches) {
      training.advance(CHUNK);
      draw();
      return tell();
    }
    if (running) return;
    [running, left, last] = [true, 0, performance.now()];
    runButton.textContent = "Pause";
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
    const deadline = performance.now() + 10;
    for (; running && steps > 0 && performance.now() < deadline; steps -= 10) if (training.advance(Math.min(steps, 10))) pause();
    draw();
    if (!running) tell();
    else if (training.now.phase !== spoken.phase && time - spoken.time > 2000) tell();
    requestAnimationFrame(frame);
  }

  // --------------------------------------------------------------------------------------------------- what is shown

  const spoken = { phase: "", time: -1e9 };

  /** The status line, a live region: it changes when something happened, never with every frame. */
  function tell(words = null) {
    const { phase, loss, norm, sharpness, stepSize, steps } = training.now;
    [spoken.phase, spoken.time] = [phase, performance.now()];
    const [s, half, ceiling] = [norm, (sharpness - 1) / 2, 1 / stepSize - 0.5].map((v) => inWords(v));
    const more = 3 * training.settings.stepSize <= STEPS.most ? " Now triple the step." : "";
    const sentences = {
      minimum: `${training.settings.batch ? "Zero loss, and λ ≤ 2/η" : "A stable minimum"}: S_g = ${s} ≤ ½(λ − 1) = ${half} ≤ 1/η − ½ = ${ceiling}.${more}`,
      edge: "At the edge of stability: the sharpness presses against 2/η.",
      training: "Training.",
      diverged: `Diverged after ${steps} steps: this step is too large to come back from. Choose a smaller one, or press Reset.`,
      collapsed: "Every neuron is off on every sample: only the output bias still moves. Press Reset.",
    };
    const resting = steps === 0 ? "Press Run: the sharpness climbs towards 2/η." : `Stopped after ${steps} steps, loss ${inWords(loss, 2)}.`;
    const said = phase === "training" || phase === "edge" ? (running ? sentences[phase] : resting) : sentences[phase];
    const line = (words ?? said).replace("S_g", "<i>S<sub>g</sub></i>");
    if (spoken.line !== line) status.innerHTML = spoken.line = line;
    set(status, { "data-phase": phase });
  }

  function showControls() {
    const { stepSize, width, seed, batch } = training.settings;
    runButton.textContent = running ? "Pause" : stillness.matches ? `Run ${CHUNK} steps` : "Run";
    stepSlider.input.value = toSlider(stepSize);
    set(stepSlider.input, { "aria-valuetext": inWords(stepSize) });
    stepNumber.value = stepSize;
    set(tripleButton, { disabled: 3 * stepSize > STEPS.most && "" });
    widthSlider.show(width);
    seedSlider.show(seed);
    batchSlider.input.max = training.samples;
    batchSlider.show(batch ?? training.samples);
    speedSlider.show([1, 2, 5, 10, 20, 50].indexOf(speed / 60));
  }

  /** The corners of the piecewise linear function. */
  function functionPoints() {
    const inside = training.now.knots.map((at) => at.knot).filter((t) => t > FRAME.x[0] && t < FRAME.x[1]);
    return [FRAME.x[0], ...inside, FRAME.x[1]].map((x) => [x, StableMinima.value(training.net, x)]);
  }

  function draw() {
    if (![functionPanel, knotPanel, boundPanel, lossPanel].every((panel) => panel.width)) return;
    drawFunction();
    drawKnots();
    drawHistory();
    const { steps, stepSize, loss, sharpness, norm } = training.now;
    const shown = { steps, loss: inWords(loss, 2), sharpness: inWords(sharpness), edge: inWords(2 / stepSize), norm: inWords(norm), ceiling: inWords(1 / stepSize - 0.5) };
    numbers.show(shown);
  }

  const sameWords = (values) => values.map((v) => [v, inWords(v)]);

  function drawFunction() {
    const points = functionPoints();
    const dots = (at) => at.map((p) => `${functionPanel.path([p])}h0`).join("");
    set(curve, { d: functionPanel.path(points) });
    set(knotDots, { d: dots(points.slice(1, -1).filter((p) => p[1] > FRAME.y[0] && p[1] < FRAME.y[1])) });
    set(ghostCurve, { d: ghost ? functionPanel.path(ghost) : "" });
    functionPanel.scale(sameWords([-2, -1, 0, 1, 2]), sameWords([-2, -1, 0, 1, 2, 3]));
    showHandles();
  }

  function drawKnots() {
    const { knots } = training.now;
    const { x } = training.settings;
    const highest = Math.max(0.05, ...knots.map((at) => at.share));
    const power = 10 ** Math.floor(Math.log10(highest));
    knotPanel.y = [0, [1, 2, 5, 10].map((m) => m * power).find((m) => m >= highest)];
    const base = knotPanel.height;
    const shown = knots.filter((at) => at.share > 0);
    set(stems, { d: shown.map((at) => `${knotPanel.path([[at.knot, at.share]])}V${base}`).join("") });
    set(ruler, { d: x.map((xj) => `M${knotPanel.across(xj).toFixed(2)} ${base}v-7`).join("") });
    const points = x.map((xj) => [xj]);
    const fine = Array.from({ length: 221 }, (_, i) => FRAME.x[0] + (i / 220) * (FRAME.x[1] - FRAME.x[0]));
    const g = fine.map((t) => StableMinima.dataWeight(points, [1], t));
    const top = knotPanel.y[1] / Math.max(1e-9, ...g) / 1.1;
    set(weight, { d: `${knotPanel.path(fine.map((t, i) => [t, g[i] * top]))}V${base}H0Z` });
    knotPanel.scale(sameWords([-2, -1, 0, 1, 2]), sameWords(knotPanel.y));
    set(knotPanel.svg, { "aria-label": `A stem at every knot, as high as its mass times the weight g; there are ${shown.length}` });
  }

  function drawHistory() {
    const { now } = training;
    const path = [...training.history, now];
    const end = Math.max(1000, 1.1 * now.steps);
    const gap = 10 ** Math.floor(Math.log10(end)) / 2;
    boundPanel.x = lossPanel.x = [0, Math.ceil(end / gap) * gap];
    const highest = Math.max(20, ...path.map((p) => Math.max(1.3 * p.sharpness, Math.min(2.6 / p.stepSize, 100))));
    boundPanel.y = [1, [20, 30, 50, 100, 200, 500, 1000].find((v) => v >= highest) ?? 5000];
    const line = (panel, of) => panel.path(path.map((p) => [p.steps, of(p)]));
    set(edgeLine, { d: line(boundPanel, (p) => 2 / p.stepSize) + `H${boundPanel.width}` });
    set(sharpnessLine, { d: line(boundPanel, (p) => p.sharpness) });
    set(normLine, { d: line(boundPanel, (p) => 1 + 2 * p.norm) });
    set(lossLine, { d: line(lossPanel, (p) => p.loss) });
    const bottom = sameWords(ticks(...boundPanel.x, boundPanel.width < 300 ? 4 : 5));
    const right = logTicks(0.2, (boundPanel.y[1] - 1) / 2, 8).map((s) => [1 + 2 * s, inWords(s)]);
    boundPanel.scale(bottom, sameWords(logTicks(...boundPanel.y)), right);
    lossPanel.scale(bottom, [-8, -6, -4, -2, 0, 2].map((p) => [10 ** p, p % 4 ? "" : powerOfTen(p)]));
    set(boundPanel.svg, { "aria-label": "Sharpness, stability norm and their ceiling against the step; the numbers are below" });
  }

  new IntersectionObserver(([entry]) => (visible = entry.isIntersecting)).observe(root);
  stillness.addEventListener("change", pause);
  showControls();
  tell();
  root.explorable = training;
};

document.querySelectorAll('[data-explorable="training"]').forEach(StableMinima.trainingExplorable);
