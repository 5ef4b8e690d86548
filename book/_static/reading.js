/* Small things that a page needs once it is in a browser. */

(() => {
  "use strict";
  const MAY_BE_TOO_WIDE = "mjx-container[display='true'], mjx-container.too-wide, .pst-scrollable-table-container, .ledger, .cell_output, .chapter-map, dt.sig";

  /* A page opened from disk may not fetch others, so the search shows no excerpts there. */
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

  /* What scrolls sideways can be scrolled with the keyboard. */
  function reachWideBoxes() {
    for (const formula of document.querySelectorAll(".bd-article mjx-container:not([display])")) {
      formula.classList.remove("too-wide");
      const line = formula.parentElement.closest("p, li, dd, td, th, figcaption, div, h1, h2, h3");
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
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    let folded = false;
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS" && !part.open) folded = part.open = true;
      if (part.classList.contains("toggle-hidden") && part !== target) {
        part.querySelector(":scope > .admonition-title .toggle-button")?.click();
        folded = true;
      }
    }
    if (folded) target.scrollIntoView();
  }

  addEventListener("hashchange", unfoldTarget);
  addEventListener("load", async () => {
    unfoldTarget();
    await document.fonts.ready;
    reachWideBoxes();
    document.documentElement.dataset.ready = ""; // for whoever waits: the tests, the printing of the book
    let timer;
    addEventListener("resize", () => { clearTimeout(timer); timer = setTimeout(reachWideBoxes, 200); });
  });
})();
