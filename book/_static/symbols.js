/* Point at a formula, or tap it, and see what its symbols mean: those of the table of notation, the one beneath the pointer
   alone where it is one of them.  Escape closes it.  The table is fetched, as a script, when it is first needed. */

(() => {
  "use strict";
  const OPEN_AFTER = 450, CLOSE_AFTER = 200; // milliseconds: a pointer on its way opens nothing
  const TOKEN = /\\[A-Za-z]+|[^\s{}\\]|\\[^A-Za-z]/g;
  const SPACES = new Set(["\\,", "\\;", "\\ ", "\\!", "\\left", "\\right", "\\bigl", "\\bigr", "\\displaystyle"]);
  const { content_root: root, later } = document.documentElement.dataset;
  let table, box, timer;

  function notation() {
    return (table ??= new Promise((resolve) => {
      window.bookNotation = resolve;
      const script = document.createElement("script");
      script.src = `${root}_static/notation.js?v=${later}`;
      script.onerror = () => resolve([]);
      document.head.append(script);
    }));
  }

  const contains = (all, some) => all.some((_, k) => some.every((token, i) => all[k + i] === token));

  /* The rows of the table whose symbol occurs in a formula, longer symbols instead of their parts. */
  function rowsFor(rows, tex, letter) {
    const tokens = (tex.match(TOKEN) ?? []).filter((token) => !SPACES.has(token));
    const found = rows.filter(([symbol]) => contains(tokens, symbol));
    const beneath = found.filter((row) => row[1] === letter);
    const shown = beneath.length ? beneath : found;
    const whole = shown.filter((row) => !shown.some((other) => other !== row && other[0].length > row[0].length && contains(other[0], row[0])));
    return whole.slice(0, 6);
  }

  async function open(formula, target) {
    const letter = target.closest("mjx-c")?.classList[0];
    const rows = rowsFor(await notation(), formula.dataset.tex, letter);
    close();
    if (!rows.length) return;
    box = document.createElement("div");
    box.id = "symbols";
    box.setAttribute("role", "tooltip");
    const list = document.createElement("dl");
    for (const [, , drawn, meaning] of rows) {
      const [name, what] = [document.createElement("dt"), document.createElement("dd")];
      name.innerHTML = drawn;
      what.innerHTML = meaning;
      list.append(name, what);
    }
    box.append(list);
    document.body.append(box);
    const at = target.getBoundingClientRect(), { width, height } = box.getBoundingClientRect();
    const below = at.bottom + 8;
    box.style.top = `${(below + height <= innerHeight ? below : Math.max(4, at.top - height - 8)) + scrollY}px`;
    box.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8)) + scrollX}px`;
    box.addEventListener("mouseleave", leave);
    box.addEventListener("mouseenter", () => clearTimeout(timer));
  }

  function close() {
    box?.remove();
    box = undefined;
  }

  function leave() {
    clearTimeout(timer);
    timer = setTimeout(close, CLOSE_AFTER);
  }

  const formulaAt = (target) => target.closest?.(".bd-article mjx-container[data-tex]:not(a *, summary *, label *)");

  document.addEventListener("mouseover", (event) => {
    const formula = formulaAt(event.target);
    if (!formula) return;
    clearTimeout(timer);
    timer = setTimeout(() => open(formula, event.target), OPEN_AFTER);
  });
  document.addEventListener("mouseout", (event) => { if (formulaAt(event.target)) leave(); });
  document.addEventListener("click", (event) => {
    const formula = formulaAt(event.target);
    if (formula) open(formula, event.target);
    else if (!box?.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });

  /* What is copied of a formula is its TeX. */
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection.isCollapsed || document.activeElement?.matches("input, textarea")) return;
    const part = selection.getRangeAt(0).cloneContents();
    const formulas = part.querySelectorAll("mjx-container[data-tex]");
    if (!formulas.length) return;
    for (const formula of formulas) {
      const [open, close] = formula.hasAttribute("display") ? ["\n$$", "$$\n"] : ["$", "$"];
      formula.replaceWith(open + formula.dataset.tex + close);
    }
    const holder = document.createElement("div");
    holder.style.cssText = "position: absolute; left: -9999px; white-space: pre-line";
    holder.append(part);
    document.body.append(holder);
    event.clipboardData.setData("text/plain", holder.innerText);
    holder.remove();
    event.preventDefault();
  });
})();
