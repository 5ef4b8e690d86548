/* Turns the slides of a deck: arrows, space, Page Up and Down, Home, End; f fills the screen.  A slide is a stage of
   1280 by 720 that is scaled to the window; its text is made smaller until nothing overflows.  On a narrow window, and
   without this script, the slides stand one under another. */

(() => {
  "use strict";
  const root = document.documentElement;
  const slides = [...document.querySelectorAll(".slide")];
  const pictures = [...document.images];
  const nav = document.getElementById("turn");
  const wide = matchMedia("(min-width: 700px)");
  let at = 0;

  const high = (box) => box.scrollHeight > box.clientHeight + 1;
  const broad = (box) => box.scrollWidth > box.clientWidth + 1;
  const meets = (number) => {
    const formula = number.parentElement.querySelector("mjx-math");
    return formula && formula.getBoundingClientRect().right + 8 > number.getBoundingClientRect().left;
  };

  function fit(slide) {
    const content = slide.querySelector(".content");
    const lines = [content, ...content.querySelectorAll("div.math, .beside, table")];
    const numbers = [...content.querySelectorAll(".eqno")];
    const fits = (size) => {
      content.style.setProperty("--size", size);
      return !high(content) && !lines.some(broad) && !numbers.some(meets);
    };
    let small = 0.4, large = 1;
    if (fits(large)) return;
    while (large - small > 0.02) {
      const size = (small + large) / 2;
      if (fits(size)) small = size; else large = size;
    }
    fits(small);
  }

  function show(next) {
    at = Math.max(0, Math.min(slides.length - 1, next));
    slides.forEach((slide, k) => slide.classList.toggle("now", k === at));
    nav.querySelector("output").textContent = `${at + 1} / ${slides.length}`;
    nav.querySelector("[data-turn='-1']").disabled = at === 0;
    nav.querySelector("[data-turn='1']").disabled = at === slides.length - 1;
    if (location.hash !== `#${at + 1}`) history.replaceState(null, "", `#${at + 1}`);
  }

  function arrange() {
    root.classList.toggle("stage", wide.matches);
    root.style.setProperty("--scale", Math.min(innerWidth / 1280, innerHeight / 720));
    nav.hidden = !wide.matches;
    if (wide.matches) for (const picture of pictures) picture.loading = "eager"; /* before the network of the room fails */
  }

  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen?.();
  }

  const asked = () => (Number.parseInt(location.hash.slice(1), 10) || 1) - 1;
  const turns = {
    ArrowRight: 1, ArrowDown: 1, PageDown: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Home: -Infinity, End: Infinity,
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !wide.matches) return;
    if (event.key === " " && event.target.closest?.("a, button")) return;
    const way = event.key === " " ? (event.shiftKey ? -1 : 1) : turns[event.key];
    if (event.key === "f") full();
    else if (way) show(at + way);
    else return;
    event.preventDefault();
  });
  nav.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.turn) show(at + Number(button.dataset.turn));
    else if (button) full();
  });
  addEventListener("hashchange", () => show(asked()));
  addEventListener("resize", arrange);
  addEventListener("beforeprint", () => { for (const picture of pictures) picture.loading = "eager"; });

  document.fonts.ready.then(() => {
    root.classList.add("stage", "all"); /* every slide at its size, to be measured */
    slides.forEach(fit);
    root.classList.remove("all");
    root.classList.add("fitted");
    arrange();
    show(asked());
    root.dataset.ready = "";
  });
})();
