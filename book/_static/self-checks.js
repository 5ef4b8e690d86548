/* Self-checks, one question at a time: the reply to a choice, or where an order first goes wrong.  Nothing is kept. */

document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  function build(name, className, text = "") {
    const made = Object.assign(document.createElement(name), { className, textContent: text });
    if (name === "button") made.type = "button";
    return made;
  }

  for (const check of document.querySelectorAll(".self-check")) {
    const questions = [...check.querySelectorAll("fieldset")];
    const score = build("p", "check-score");
    score.setAttribute("role", "status");
    check.classList.add("live");
    check.querySelector(".check-answers").before(score);
    for (const question of questions) {
      const replies = [...check.querySelectorAll(`[data-answers="${question.dataset.check}"] li`)];
      const says = build("div", "check-says"), button = build("button", "check-button", "Check");
      says.setAttribute("role", "status");
      const judge = question.matches(".check-order") ? order(question, replies, says) : choice(question, replies);
      question.append(button, says);
      button.addEventListener("click", () => {
        const [right, ...reply] = judge();
        question.classList.toggle("check-done", right);
        question.classList.toggle("check-wrong", !right);
        says.replaceChildren(...reply);
        dispatchEvent(new Event("resize")); /* a long formula may need to scroll (reading.js) */
        const done = check.querySelectorAll(".check-done").length;
        score.textContent = `${done} of ${questions.length} right${done === questions.length ? ". That is all." : "."}`;
      });
    }
  }

  const reply = (from) => from.querySelector(".check-reply").cloneNode(true);

  function choice(question, replies) {
    const choices = [...question.querySelectorAll("input")];
    question.addEventListener("change", () => question.classList.remove("check-done", "check-wrong"));
    return () => {
      const taken = choices.findIndex((each) => each.checked);
      if (taken < 0) return [false, "Choose an answer first."];
      return [replies[taken].matches(".check-right"), reply(replies[taken])];
    };
  }

  function order(question, replies, says) {
    const list = question.querySelector("ol");
    let dragged = null;

    function move(line, way) {
      const other = way < 0 ? line.previousElementSibling : line.nextElementSibling;
      if (other) (way < 0 ? other : line).before(way < 0 ? line : other);
      moved(line);
    }

    function moved(line) {
      question.classList.remove("check-done", "check-wrong");
      says.textContent = `This line is now ${[...list.children].indexOf(line) + 1} of ${list.children.length}.`;
    }

    for (const line of [...list.children]) {
      line.draggable = true;
      const keys = build("span", "check-keys");
      for (const [sign, way, name] of [["↑", -1, "up"], ["↓", 1, "down"]]) {
        const button = build("button", "", sign);
        button.setAttribute("aria-label", `Move line ${line.querySelector(".check-letter").textContent} ${name}`);
        button.addEventListener("click", () => { move(line, way); button.focus(); });
        keys.append(button);
      }
      line.append(keys);
      line.addEventListener("dragstart", () => { dragged = line; line.classList.add("check-dragged"); });
      line.addEventListener("dragend", () => { line.classList.remove("check-dragged"); dragged = null; });
      line.addEventListener("dragover", (event) => {
        if (!dragged || dragged === line) return;
        event.preventDefault();
        const box = line.getBoundingClientRect();
        line[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
      });
    }
    list.addEventListener("dragover", (event) => { if (dragged) event.preventDefault(); });
    list.addEventListener("drop", (event) => { if (dragged) { event.preventDefault(); moved(dragged); } });

    return () => {
      const places = [...list.children].map((line) => Number(line.dataset.place));
      const first = places.findIndex((place, k) => place !== k + 1);
      if (first < 0) return [true, "Right: each line uses those before it, and only those."];
      const begin = first ? `Right as far as line ${first}. ` : "";
      return [false, `${begin}What stands as line ${first + 1} does not come here yet. `, reply(replies[places[first] - 1])];
    };
  }
});
