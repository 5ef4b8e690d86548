/* The slider of the front page: one of the eight recorded runs at a time. */

(() => {
  "use strict";
  const figure = document.querySelector(".eight-runs");
  if (!figure) return;
  const runs = JSON.parse(figure.dataset.runs);
  const slider = figure.querySelector("input"), paths = figure.querySelectorAll("path");
  const [norm, ceiling] = figure.querySelectorAll(".bar"), numbers = figure.querySelectorAll("b");

  function show() {
    const run = runs[slider.value];
    paths.forEach((path, k) => path.classList.toggle("shown", k === Number(slider.value)));
    figure.querySelector("output").value = run.step;
    slider.setAttribute("aria-valuetext", `step size ${run.step}, roughness ${run.norm}, ceiling ${run.ceiling}`);
    norm.firstChild.style.width = `${run.normWidth}%`;
    ceiling.firstChild.style.width = `${run.ceilingWidth}%`;
    [numbers[0].textContent, numbers[1].textContent] = [run.norm, run.ceiling];
  }

  slider.addEventListener("input", show);
  show();
})();
