/* The marking room: shows a submission beside its sheets, and keeps the marks.  Whatever students wrote comes from
   templates that marking_room.py has made; what markers write is only ever set as text. */

"use strict";
const room = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const sum = (points) => points.reduce((a, b) => a + b, 0);
const asked = room.questions.filter((question) => question.byHand);
const KEY = `stable minima, marking, ${room.set}, ${room.room}`;
const [NAME, KIND] = ["stable minima, marker", "marks by hand"];

/* --- the marks: submission, question, marker: {points, comment, at, of} ------------------------------------------ */

const nothing = () => Object.create(null); // a name may be any word
let marks = nothing();
let marker = "";
let shown = null; // the submission on the page, or null for all
let current = 0; // the question that the keys are for
let file = null; // the file that marks are written to, where the browser can
let unsaved = new Set(); // answers that are in no file yet

function unite(more) {
  /* Of each marker the later entry: nobody's marks replace somebody else's. */
  for (const [key, questions] of Object.entries(more))
    for (const [name, markers] of Object.entries(questions))
      for (const [who, entry] of Object.entries(markers)) {
        const place = ((marks[key] ??= nothing())[name] ??= nothing());
        if (!place[who] || place[who].at < entry.at) place[who] = entry;
      }
}

function checked(more) {
  /* Marks from a file, or an error that says what is wrong with them. */
  for (const questions of Object.values(more))
    for (const [name, markers] of Object.entries(questions))
      for (const entry of Object.values(markers)) {
        const lines = room.questions.find((question) => question.name === name)?.lines ?? [];
        if (typeof entry.at !== "string") throw new Error(`a mark of ${name} has no time`);
        entry.comment = String(entry.comment ?? "");
        const fits = Array.isArray(entry.points) && entry.points.length === lines.length;
        if (!fits || !entry.points.every((p, k) => Number.isInteger(p) && p >= 0 && p <= lines[k])) entry.points = null;
      }
  return more;
}

function stored() {
  try {
    return checked(JSON.parse(localStorage.getItem(KEY) ?? "{}"));
  } catch {
    return {};
  }
}

function keep() {
  /* Into the browser at once, with what another tab has put there; into the file, where there is one. */
  try {
    unite(stored());
    localStorage.setItem(KEY, JSON.stringify(marks));
    if (!file) tell(`kept in this browser; ${unsaved.size} answer${unsaved.size === 1 ? "" : "s"} not in a file yet`);
  } catch {
    tell("This browser keeps no marks: save a file before you leave.", true);
  }
  if (file) writeSoon();
}

const entries = (key, name) => marks[key]?.[name] ?? {};
const mine = (key, name) => entries(key, name)[marker] ?? { points: null, comment: "" };

function mark(key, name, change) {
  const place = ((marks[key] ??= nothing())[name] ??= nothing());
  const { of } = room.submissions.find((submission) => submission.key === key);
  place[marker] = { ...mine(key, name), ...change, at: new Date().toISOString(), of };
  unsaved.add(`${key}/${name}`);
  keep();
  refresh();
}

function state(submission, name) {
  /* Points on which all who marked agree, or null; whether they disagree; whether the notebook has changed since. */
  const marked = Object.entries(entries(submission.key, name)).filter(([, entry]) => entry.points);
  const different = new Set(marked.map(([, entry]) => entry.points.join())).size > 1;
  const old = marked.some(([, entry]) => entry.of && submission.of && entry.of !== submission.of);
  const cell = submission.byHand[name];
  if (!marked.length) return { points: cell === undefined ? null : Number(cell.replace(",", ".")), different, old };
  return { points: different ? null : sum(marked[0][1].points), different, old };
}

/* --- files -------------------------------------------------------------------------------------------------------- */

const content = () => JSON.stringify({ kind: KIND, set: room.set, room: room.room, saved: new Date().toISOString(), marks }, null, 1);
const fileName = () => `marks-${room.set}-${marker.replace(/[^\p{L}\p{N}-]+/gu, "-")}.json`;

async function save() {
  try {
    if (!file && window.showSaveFilePicker) file = await window.showSaveFilePicker({ suggestedName: fileName() });
  } catch (trouble) {
    if (trouble.name === "AbortError") return;
  }
  if (file) return write();
  const link = make("a", { href: URL.createObjectURL(new Blob([content()])), download: fileName() });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  unsaved = new Set();
  tell(`${link.download}: put it beside the submissions`);
}

async function write() {
  try {
    const stream = await file.createWritable();
    await stream.write(content());
    await stream.close();
    unsaved = new Set();
    tell(`in ${file.name}, and at each tick from now on`);
  } catch {
    file = null;
    tell("The file could not be written: save it again. The marks are in this browser.", true);
  }
}

let [waiting, writing] = [0, Promise.resolve()];
const writeSoon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => (writing = writing.then(write)), 300);
};

async function load(files) {
  const said = [];
  for (const each of files)
    try {
      const found = JSON.parse(await each.text());
      if (found?.kind !== KIND) throw new Error("it is no file of marks");
      if (found.set !== room.set) throw new Error(`it holds marks of ${found.set}`);
      unite(checked(found.marks));
      const known = new Set(room.submissions.map((submission) => submission.key));
      const others = Object.keys(found.marks).filter((key) => !known.has(key));
      said.push(`${each.name} is loaded${others.length ? `; not here: ${others.join(", ")}` : ""}`);
    } catch (trouble) {
      said.push(`${each.name} was left out: ${trouble.message}`);
    }
  keep();
  show(shown, current);
  const disagree = room.submissions.flatMap((s) => asked.filter((q) => state(s, q.name).different)).length;
  tell(said.join(". ") + (disagree ? `. ${disagree} marks differ: look at the red cells` : ""), said.some((s) => / out: /.test(s)));
}

function tell(what, alarm = false) {
  byId("kept").textContent = what;
  byId("kept").classList.toggle("alarm", alarm);
}

/* --- a submission -------------------------------------------------------------------------------------------------- */

const part = (key, selector) =>
  [...document.querySelectorAll("template[data-submission]")].find((t) => t.dataset.submission === key)?.content.querySelectorAll(selector) ?? [];
const copyOf = (nodes) => [...nodes].flatMap((node) => [...node.cloneNode(true).childNodes]);
const named = (key, what, name) => copyOf([...part(key, `[data-${what}]`)].filter((node) => node.dataset[what] === name));

function fold(kind, title, nodes, open) {
  if (!nodes.length) return "";
  const details = make("details", { className: kind, open }, make("summary", { textContent: title }), ...nodes);
  details.addEventListener("toggle", () => (folded[kind] = !details.open));
  return details;
}
const folded = { model: false, asked: true, told: true };

function article(submission, question, place) {
  const sheet = document.querySelector(`template[data-sheet="${question.name}"]`).content;
  const automatic = submission.automatic[question.name];
  const head = make("header", {}, make("h2", {}, make("span", { textContent: place + 1 }), ` ${question.title}`));
  if (question.checks) head.append(make("p", { className: "tests", textContent: `tests ${automatic ?? "–"} of ${question.checks}` }));
  const answer = named(submission.key, "answer", question.name);
  if (!answer.length) answer.push(make("p", { className: "gone", textContent: "Nothing in the notebook belongs to this question." }));
  const lines = [...sheet.querySelectorAll(".rubric > li")].map((line, k) => {
    const boxes = Array.from({ length: question.lines[k] }, (_, point) => {
      const box = make("input", { type: "checkbox", name: `${question.name} ${k}` });
      if (point) box.setAttribute("aria-label", `point ${point + 1} of line ${k + 1}`);
      box.addEventListener("change", () => tick(submission, question, k, sum(boxes.map((b) => Number(b.checked)))));
      return box;
    });
    boxes[0].id = `${question.name} ${k}`;
    const words = make("label", { htmlFor: boxes[0].id }, ...copyOf([line]));
    return make("div", { className: "line" }, make("kbd", { textContent: k + 1 }), ...boxes, words);
  });
  const comment = make("textarea", { rows: 2, value: mine(submission.key, question.name).comment, spellcheck: true });
  comment.addEventListener("input", () => mark(submission.key, question.name, { comment: comment.value }));
  const button = (textContent, key, action) => {
    const made = make("button", { textContent, title: `key ${key}` });
    made.addEventListener("click", action);
    return made;
  };
  const form = make("fieldset", {}, make("legend", {}, "By hand ", make("output"), ` of ${question.byHand}`), ...lines,
    make("div", { className: "row" }, button("all", "a", () => all(submission, question)),
      button("none", "0", () => mark(submission.key, question.name, { points: question.lines.map(() => 0) })),
      button("not marked", "x", () => mark(submission.key, question.name, { points: null }))),
    ...copyOf([make("div", {}, ...[...sheet.querySelectorAll(".remark")].map((n) => n.cloneNode(true)))]),
    make("div", { className: "others" }),
    make("label", { className: "comment" }, "Comment", comment), make("div", { className: "again" }));
  const side = make("div", { className: "sheet" }, question.byHand ? form : "",
    fold("model", "Model answer", copyOf(sheet.querySelectorAll(".model")), !folded.model),
    fold("asked", "Question", copyOf(sheet.querySelectorAll(".asked")), !folded.asked),
    fold("told", "Tests", named(submission.key, "told", question.name), !folded.told));
  const whole = make("article", {}, head, make("div", { className: "beside" }, make("div", { className: "answer", tabIndex: 0 }, ...answer), side));
  whole.dataset.question = question.name;
  whole.addEventListener("pointerdown", () => choose(place));
  whole.addEventListener("focusin", () => choose(place));
  return whole;
}

function tick(submission, question, line, points) {
  const now = mine(submission.key, question.name).points ?? question.lines.map(() => 0);
  mark(submission.key, question.name, { points: now.map((p, k) => (k === line ? points : p)) });
}
const all = (submission, question) => mark(submission.key, question.name, { points: [...question.lines] });

function comments(question) {
  /* What has been said of this question before, the most frequent first. */
  const times = new Map();
  for (const { key } of room.submissions) {
    const said = mine(key, question.name).comment.trim();
    if (said && key !== shown.key) times.set(said, (times.get(said) ?? 0) + 1);
  }
  return [...times].sort((a, b) => b[1] - a[1]).slice(0, 6).map(([said]) => said);
}

function refresh() {
  /* Everything that depends on the marks, without a new page. */
  const cells = room.submissions.flatMap((s) => asked.map((q) => state(s, q.name)));
  const done = cells.filter((cell) => cell.points !== null).length;
  Object.assign(byId("progress"), { max: cells.length, value: done });
  byId("count").textContent = `${done} of ${cells.length}`;
  if (!shown) return;
  for (const element of document.querySelectorAll("article")) {
    const question = room.questions.find((each) => each.name === element.dataset.question);
    if (!question.byHand) continue;
    const own = mine(shown.key, question.name);
    const { points, different, old } = state(shown, question.name);
    element.querySelectorAll(".line").forEach((line, k) =>
      line.querySelectorAll("input").forEach((box, point) => (box.checked = point < (own.points?.[k] ?? 0))));
    element.querySelector("output").value = own.points ? sum(own.points) : (points ?? "–");
    element.classList.toggle("marked", points !== null);
    element.classList.toggle("different", different);
    const comment = element.querySelector("textarea");
    if (comment.value !== own.comment) comment.value = own.comment;
    const others = Object.entries(entries(shown.key, question.name)).filter(([who, e]) => who !== marker && (e.points || e.comment));
    const notes = others.map(([who, entry]) => {
      const said = `${who}: ${entry.points ? `${sum(entry.points)} (${entry.points.join(" + ")})` : "no marks"} ${entry.comment}`;
      const take = make("button", { textContent: "agree" });
      take.addEventListener("click", () => mark(shown.key, question.name, { points: entry.points, comment: own.comment || entry.comment }));
      return make("p", {}, said, " ", take);
    });
    if (different) notes.unshift(make("p", { className: "alarm", textContent: "Markers disagree: agree with one, or ask each other." }));
    if (old) notes.unshift(make("p", { className: "alarm", textContent: "The notebook has changed since this was marked." }));
    const cell = shown.byHand[question.name];
    if (cell !== undefined && Number(cell.replace(",", ".")) !== (own.points ? sum(own.points) : null))
      notes.push(make("p", { textContent: `by-hand.csv says ${cell}` }));
    element.querySelector(".others").replaceChildren(...notes);
    element.querySelector(".again").replaceChildren(...(own.comment ? [] : comments(question)).map((said) => {
      const again = make("button", { textContent: said });
      again.addEventListener("click", () => mark(shown.key, question.name, { comment: said }));
      return again;
    }));
  }
}

function choose(place, scroll = false) {
  current = Math.max(0, Math.min(room.questions.length - 1, place));
  document.querySelectorAll("article").forEach((element, k) => element.classList.toggle("current", k === current));
  if (scroll) document.querySelectorAll("article")[current]?.scrollIntoView({ block: "start" });
  if (shown) history.replaceState(null, "", address(shown, current));
}
const address = (submission, place) => `#${encodeURIComponent(submission.key)}/${room.questions[place].name}`;

function show(submission, place = 0) {
  shown = submission;
  byId("which").value = submission ? submission.key : "";
  document.body.classList.toggle("all", !submission);
  document.title = `${submission ? submission.key : "Marking"} · ${room.set}`;
  if (!submission) {
    history.replaceState(null, "", "#");
    byId("main").replaceChildren(...overview());
    refresh();
    return;
  }
  const rest = named(submission.key, "answer", "");
  const happened = named(submission.key, "told", "");
  const trouble = [...part(submission.key, "[data-trouble]")].map((node) => node.cloneNode(true));
  const total = submission.sum ? `tests ${submission.sum} of ${room.checks}` : submission.status || "not judged yet";
  byId("main").replaceChildren(
    make("div", { className: "title" }, make("h1", { textContent: submission.key }), make("p", { textContent: total })),
    ...trouble,
    fold("happened", "What happened when the notebook was run", happened, true),
    ...room.questions.map((question, k) => article(submission, question, k)),
    fold("rest", "The rest of the notebook", rest, false));
  refresh();
  choose(place, place > 0);
  if (!place) scrollTo(0, 0);
}

function overview() {
  const head = make("tr", {}, make("th", { textContent: "submission", scope: "col" }), make("th", { textContent: "tests", scope: "col" }),
    ...asked.map((q) => make("th", { scope: "col" }, make("abbr", { textContent: `${room.questions.indexOf(q) + 1}`, title: q.title }))),
    make("th", { textContent: "by hand", scope: "col" }));
  const rows = room.submissions.map((submission) => {
    const states = asked.map((q) => state(submission, q.name));
    const cells = states.map(({ points, different, old }, k) => {
      const text = different ? "≠" : points === null ? "·" : `${points}`;
      const link = make("a", { href: address(submission, room.questions.indexOf(asked[k])), textContent: text });
      link.setAttribute("aria-label", `${submission.key}, question ${room.questions.indexOf(asked[k]) + 1}: ${
        different ? "markers disagree" : points === null ? "not marked" : `${points} of ${asked[k].byHand}`}`);
      const share = points === null ? "" : points === asked[k].byHand ? "full" : points ? "part" : "none";
      return make("td", { className: `${different ? "different" : share} ${old ? "old" : ""}` }, link);
    });
    const whole = states.every(({ points }) => points !== null) ? `${sum(states.map(({ points }) => points))}` : "";
    const name = make("th", { scope: "row" }, make("a", { href: address(submission, 0), textContent: submission.key }));
    if (submission.status && submission.status !== "judged") name.append(make("small", { textContent: submission.status }));
    return make("tr", {}, name, make("td", { textContent: submission.sum || "–" }), ...cells, make("td", { textContent: whole }));
  });
  const box = make("div", { className: "table", tabIndex: 0 }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Marks");
  const list = make("ol", { className: "titles" }, ...asked.map((q) => make("li", { value: room.questions.indexOf(q) + 1 }, `${q.title} (${q.byHand})`)));
  return [make("div", { className: "title" }, make("h1", { textContent: room.title }), make("p", {}, `${room.submissions.length} submissions. `, make("kbd", { textContent: "Enter" }), " opens the next answer to mark, ",
    make("kbd", { textContent: "?" }), " shows the keys.")), box, list];
}

/* --- getting about ------------------------------------------------------------------------------------------------ */

const step = (by) => {
  const k = room.submissions.indexOf(shown) + by;
  if (room.submissions[k]) show(room.submissions[k], current);
};

function onwards() {
  /* The next answer to this question that is not marked; then the first of the next question that is not. */
  const order = [...room.questions.keys()].flatMap((q) => room.submissions.map((s) => [s, q]));
  const here = shown ? order.findIndex(([s, q]) => s === shown && q === current) : -1;
  const open = ([s, q]) => room.questions[q].byHand && state(s, room.questions[q].name).points === null;
  const found = order.slice(here + 1).find(open) ?? order.find(open);
  if (found) show(...found);
  else tell("Every answer is marked.");
}

function follow() {
  const [key, name] = location.hash.slice(1).split("/");
  const submission = room.submissions.find((each) => encodeURIComponent(each.key) === key);
  show(submission ?? null, Math.max(0, room.questions.findIndex((question) => question.name === name)));
}

const toggle = (kind) => {
  const details = document.querySelector(`article.current details.${kind}`);
  if (details) details.open = !details.open;
};
const ACTIONS = {
  j: () => choose(current + 1, true),
  k: () => choose(current - 1, true),
  n: () => (shown ? step(1) : show(room.submissions[0])),
  p: () => shown && step(-1),
  h: () => show(null),
  s: save,
  m: () => toggle("model"),
  q: () => toggle("asked"),
  c: () => document.querySelector("article.current textarea")?.focus(),
  Enter: onwards,
  "?": () => byId("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  if (target.matches("textarea, input:not([type=checkbox]), select")) {
    if (key === "Escape") target.blur();
    return;
  }
  if (key === "Enter" && target.matches("a, button, summary")) return;
  const question = room.questions[current];
  if (shown && question.byHand) {
    const line = Number(key) - 1;
    const points = mine(shown.key, question.name).points ?? question.lines.map(() => 0);
    if (line >= 0 && line < question.lines.length) tick(shown, question, line, points[line] ? points[line] - 1 : question.lines[line]);
    if (key === "0") mark(shown.key, question.name, { points: question.lines.map(() => 0) });
    if (key === "a") all(shown, question);
    if (key === "x") mark(shown.key, question.name, { points: null });
  }
  if (ACTIONS[key]) {
    event.preventDefault();
    ACTIONS[key]();
  }
});

let resting = 0; // the question under the eye is the one that the keys are for
document.addEventListener("scroll", () => {
  clearTimeout(resting);
  resting = setTimeout(() => {
    const seen = [...document.querySelectorAll("article")].map((element) => element.getBoundingClientRect());
    const inView = (box) => box && box.bottom > innerHeight * 0.2 && box.top < innerHeight * 0.5;
    if (!inView(seen[current])) choose(Math.max(0, seen.findIndex(inView)));
  }, 120);
}, { passive: true });

addEventListener("hashchange", follow);
addEventListener("storage", (event) => {
  if (event.key !== KEY) return;
  unite(stored());
  shown ? refresh() : show(null);
});
byId("previous").addEventListener("click", () => step(-1));
byId("next").addEventListener("click", () => (shown ? step(1) : show(room.submissions[0])));
byId("home").addEventListener("click", (event) => {
  event.preventDefault();
  show(null);
});
byId("which").addEventListener("change", ({ target }) => show(room.submissions.find((s) => s.key === target.value) ?? null, current));
byId("save").addEventListener("click", save);
byId("help").addEventListener("click", ACTIONS["?"]);
byId("load").addEventListener("change", ({ target }) => load([...target.files]).then(() => (target.value = "")));
byId("marker").addEventListener("change", ({ target }) => {
  const name = target.value.trim();
  if (!name) return (target.value = marker);
  if (/^marker-/.test(marker)) // what was marked before one had a name gets the name
    for (const questions of Object.values(marks))
      for (const markers of Object.values(questions))
        if (markers[marker] && !markers[name]) {
          markers[name] = markers[marker];
          delete markers[marker];
        }
  marker = name;
  try {
    localStorage.setItem(NAME, name);
    localStorage.setItem(KEY, JSON.stringify(marks));
  } catch {
    tell("This browser keeps no marks: save a file before you leave.", true);
  }
  show(shown, current);
});

try {
  marker = localStorage.getItem(NAME) ?? `marker-${Math.random().toString(36).slice(2, 6)}`;
  localStorage.setItem(NAME, marker);
} catch {
  marker = "marker-1";
  tell("This browser keeps no marks: save a file before you leave.", true);
}
byId("marker").value = marker;
byId("set").textContent = room.set;
byId("which").append(make("option", { value: "", textContent: "all submissions" }), ...room.submissions.map(({ key }) => make("option", { value: key, textContent: key })));
unite(checked(room.marks));
unite(stored());
follow();
