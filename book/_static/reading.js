/* Small things that a page needs once it is in a browser. */

(() => {
  "use strict";
  const MAY_BE_TOO_WIDE = "mjx-container[display='true'], mjx-container.too-wide, .pst-scrollable-table-container, .ledger, .cell_output, .chapter-map, dt.sig";

  /* A page opened from disk may not fetch others, so the search shows no excerpts there. */
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

  /* How much of the code a page shows: the choice is kept, except where a link asks for more. */
  const root = document.documentElement;

  function show(choice, keep = false) {
    if (!keep && (choice === root.dataset.voice || root.dataset.voice === "all")) return;
    root.dataset.voice = choice;
    for (const part of document.querySelectorAll("details.how, details.hide")) part.open = choice === "all";
    for (const button of document.querySelectorAll("[data-choose]"))
      button.setAttribute("aria-pressed", button.dataset.choose === choice);
    if (keep) try { localStorage.setItem("voice", choice); } catch { /* it is not remembered, then */ }
  }

  function offerVoices() {
    for (const button of document.querySelectorAll("[data-choose]"))
      button.addEventListener("click", () => { show(button.dataset.choose, true); reachWideBoxes(); });
    if (root.dataset.voice === "all") document.querySelectorAll("details.how, details.hide").forEach((part) => { part.open = true; });
    document.querySelectorAll("[data-choose]").forEach((button) =>
      button.setAttribute("aria-pressed", button.dataset.choose === root.dataset.voice));
    for (const proof of document.querySelectorAll("div[class='proof admonition']")) foldable(proof);
  }

  /* With the text only, a proof that is longer than the screen opens on a click. */
  function foldable(proof) {
    if (proof.offsetHeight <= innerHeight) return;
    proof.classList.add("long");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "open-proof", textContent: "Show the whole proof" });
    button.addEventListener("click", () => proof.classList.add("opened"));
    proof.after(button);
  }

  /* What the search shows of a page is its prose, where it holds the whole query if it does. */
  document.addEventListener("DOMContentLoaded", () => {
    if (typeof Search === "undefined" || !Search.htmlToText) return;
    const textOf = Search.htmlToText;
    Search.htmlToText = (html, anchor) => {
      const page = new DOMParser().parseFromString(html, "text/html");
      page.querySelectorAll(".bd-header-article, .prev-next-footer, .highlight, .cell_input, .cell_output, .chapter-facts, .voice-switch, .twenty-minutes, .walk, .walk-keys, #jb-print-docs-body, .hidden-code, nav, mjx-math, .headerlink, .eqno").forEach((part) => part.remove());
      return textOf(page.documentElement.outerHTML, anchor).replace(/\s+/g, " ").trim();
    };
    const summaryOf = Search.makeSearchSummary, query = new URLSearchParams(location.search).get("q") ?? "";
    Search.makeSearchSummary = (html, words, anchor) => summaryOf(html, [...words, query.trim()], anchor);
  });

  /* What scrolls sideways can be scrolled with the keyboard. */
  function reachWideBoxes() {
    for (const formula of document.querySelectorAll(".bd-article mjx-container:not([display])")) {
      formula.classList.remove("too-wide");
      const line = formula.parentElement.closest("p, .check-say, legend, li, dd, td, th, figcaption, div, h1, h2, h3");
      formula.classList.toggle("too-wide", formula.offsetWidth > line.clientWidth && line.clientWidth > 0);
    }
    for (const box of document.querySelectorAll(MAY_BE_TOO_WIDE)) {
      if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible") {
        box.tabIndex = 0;
        if (!box.hasAttribute("role")) {
          box.setAttribute("role", "group");
          box.setAttribute("aria-label", "scrolls sideways");
        }
      } else if (box.getAttribute("aria-label") === "scrolls sideways") {
        ["tabindex", "role", "aria-label"].forEach((name) => box.removeAttribute(name));
      }
    }
  }

  /* A link into something folded unfolds it. */
  function unfoldTarget() {
    let target = null;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { /* no address at all */ }
    if (!target) return;
    let folded = false;
    if (!target.checkVisibility() || target.matches(".cell")) show("code");
    target.querySelectorAll(":scope.cell > details.how").forEach((part) => { folded = part.open = true; });
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS" && !part.open) folded = part.open = true;
      if (part.classList.contains("toggle-hidden") && part !== target) {
        part.querySelector(":scope > .admonition-title .toggle-button")?.click();
        folded = true;
      }
    }
    if (folded) target.scrollIntoView();
  }

  /* The list of contents folds where a caption in the margin would come to lie beneath it. */
  function makeWay() {
    const list = document.querySelector(".bd-sidebar-secondary"), beneath = new Set();
    if (!list || innerWidth < 1200) return;
    const watch = new IntersectionObserver((captions) => {
      for (const { target, isIntersecting } of captions) beneath[isIntersecting ? "add" : "delete"](target);
      list.classList.toggle("hide", beneath.size > 0);
    }, { rootMargin: `0px 0px ${Math.min(0, list.scrollHeight - innerHeight)}px 0px` });
    document.querySelectorAll("figure.in-margin > figcaption").forEach((caption) => watch.observe(caption));
  }

  addEventListener("hashchange", unfoldTarget);
  addEventListener("load", async () => {
    if (innerWidth < 600) document.querySelectorAll(".map-in-words").forEach((list) => { list.open = true; });
    offerVoices();
    unfoldTarget();
    await document.fonts.ready;
    reachWideBoxes();
    makeWay();
    root.dataset.ready = ""; // for whoever waits: the tests, the printing of the book
    let timer;
    addEventListener("resize", () => { clearTimeout(timer); timer = setTimeout(reachWideBoxes, 200); });
  });
})();
