/* The path through a page: n and p, or two buttons, go from stop to stop.  Closing the bar switches the keys off. */

document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const root = document.documentElement;
  const line = document.querySelector(".twenty-minutes");
  const stops = [...document.querySelectorAll(".path-stop")];
  if (!line || !stops.length) return;
  const names = [...line.querySelectorAll("a")];
  let at = null, bar, keys = true;
  try { keys = localStorage.getItem("walk-keys") !== "off"; } catch { /* they work, then */ }

  const top = (stop) => stop.getBoundingClientRect().top;
  const beyond = (way) => way > 0 ? stops.findIndex((stop) => top(stop) > 120) : stops.findLastIndex((stop) => top(stop) < 60);

  function go(way) {
    const next = at === null ? beyond(way) : at + way;
    if (next < 0 || next >= stops.length) return;
    show(next);
    stops[next].scrollIntoView({ block: "start" });
    stops[next].tabIndex = -1;
    stops[next].focus({ preventScroll: true });
  }

  function show(next) {
    bar ??= build();
    bar.hidden = false;
    root.dataset.walking = "";
    at = next;
    bar.querySelector("output").textContent = `${at + 1} of ${stops.length}: ${names[at]?.textContent ?? ""}`;
    bar.querySelector("[data-walk='-1']").disabled = at === 0;
    bar.querySelector("[data-walk='1']").disabled = at === stops.length - 1;
    for (const name of names) name.setAttribute("aria-current", name === names[at]);
  }

  function remember(on) {
    keys = on;
    try { localStorage.setItem("walk-keys", on ? "on" : "off"); } catch { /* for this page only */ }
  }

  function build() {
    const box = document.createElement("div");
    box.className = "walk-bar";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "The path through this page");
    box.innerHTML = '<button type="button" data-walk="-1" aria-label="Previous stop (p)">‹</button><output></output>' +
      '<button type="button" data-walk="1" aria-label="Next stop (n)">›</button>' +
      '<button type="button" class="close" aria-label="Leave the path; n and p do nothing until it begins again">×</button>';
    box.querySelector(".close").addEventListener("click", () => {
      box.hidden = true;
      delete root.dataset.walking;
      at = null;
      remember(false);
    });
    document.body.append(box);
    return box;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-walk]");
    if (!button) return;
    remember(true);
    if (button.classList.contains("walk")) at = 0; /* the promise is read already: it stands beneath the button */
    go(Number(button.dataset.walk));
  });
  document.addEventListener("keydown", (event) => {
    const way = { n: 1, p: -1 }[event.key];
    const busy = event.target.closest?.("input, select, textarea, [contenteditable], dialog, .explorable");
    if (!way || !keys || busy || event.ctrlKey || event.metaKey || event.altKey) return;
    go(way);
  });
  for (const moved of ["wheel", "touchmove"]) addEventListener(moved, () => { at = null; }, { passive: true });

  /* The list of contents says which sections the path visits. */
  for (const part of document.querySelectorAll(".on-path, section.path-stop")) {
    const link = document.querySelector(`.page-toc a[href="#${CSS.escape(part.closest("section").id)}"]`);
    if (link && !link.matches(".visited-by-path")) {
      link.classList.add("visited-by-path");
      link.title = "on the path through this page";
    }
  }
});
