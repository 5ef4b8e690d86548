/* A figure that is clicked or tapped fills the screen; a phone can then be turned, and the figure pinched. */

(() => {
  "use strict";
  let layer, opener;

  function open(link) {
    layer ??= build();
    opener = link;
    const copy = link.querySelector("img").cloneNode();
    for (const name of ["loading", "width", "height", "style"]) copy.removeAttribute(name);
    copy.classList.toggle("photo", Boolean(link.closest(".photo, .tag_photo")));
    layer.querySelector("div").replaceChildren(copy);
    layer.showModal();
  }

  function build() {
    const box = document.createElement("dialog");
    box.id = "enlarged";
    box.setAttribute("aria-label", "The figure, enlarged");
    box.innerHTML = '<button type="button" aria-label="Close">×</button><div></div>';
    box.addEventListener("click", () => box.close());
    box.addEventListener("close", () => opener?.focus({ preventScroll: true }));
    document.body.append(box);
    return box;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.enlarge");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !window.HTMLDialogElement) return;
    event.preventDefault();
    open(link);
  });
})();
