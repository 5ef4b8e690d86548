/* Point at a link to a theorem, an equation, a figure, a reference or a number, or reach it with the Tab key, and see what
   it leads to.  Escape closes it.  What is on the page is copied from it; what is on another page comes from the script
   that the build left for that page (a script, because a page opened from disk may fetch nothing else). */

(() => {
  "use strict";
  const OPEN_AFTER = 180, CLOSE_AFTER = 250; // milliseconds: long enough to cross a link, and to reach the preview
  const WORTH_SHOWING = ".proof, .exercise, .math, .citation, .claim, .cell, figure";
  const pages = new Map(); // of each other page a promise of its previews
  const arrived = new Map();
  const { content_root: root, later } = document.documentElement.dataset;
  const here = new URL(location.href);
  let box, shownFor, timer;

  window.bookPreviews = (page, previews) => arrived.set(page, previews);

  function previewsOf(page) {
    if (!pages.has(page)) {
      pages.set(page, new Promise((resolve) => {
        const script = document.createElement("script");
        script.src = `${root}_static/previews/${page}.js?v=${later}`;
        script.onload = () => resolve(arrived.get(page) ?? {});
        script.onerror = () => resolve({});
        document.head.append(script);
      }));
    }
    return pages.get(page);
  }

  async function contentFor(link) {
    const target = new URL(link.href);
    const anchor = decodeURIComponent(target.hash.slice(1));
    if (target.pathname === here.pathname) {
      const element = document.getElementById(anchor);
      return element?.matches(WORTH_SHOWING) ? marked(copyOf(element), link) : null;
    }
    const base = new URL(root, here).pathname;
    if (target.origin !== here.origin || !target.pathname.startsWith(base)) return null;
    const page = target.pathname.slice(base.length).replace(/\.html$/, "");
    const html = (await previewsOf(page))[anchor];
    if (!html) return null;
    const holder = document.createElement("div");
    holder.innerHTML = html;
    for (const image of holder.querySelectorAll("img")) image.src = new URL(image.getAttribute("src"), target).href;
    return holder.firstElementChild;
  }

  function copyOf(element) {
    const source = element.matches(".cell") ? [...element.querySelectorAll(".cell_input div.highlight, :scope > div.highlight-ipython3 div.highlight")].pop() : element;
    const copy = source.cloneNode(true);
    for (const part of [copy, ...copy.querySelectorAll("*")]) {
      part.removeAttribute("id");
      part.removeAttribute("tabindex");
    }
    copy.querySelectorAll(".headerlink, .copybtn, .made-by, .toggle-button").forEach((part) => part.remove());
    return copy;
  }

  /* Mark the line of a cell that makes a number: the link's title begins with the number's name. */
  function marked(cell, link) {
    const name = link.title.match(/^“(.+?)”/)?.[1], code = cell.querySelector("pre");
    if (!name || !code) return cell;
    const made = [...code.querySelectorAll(".line")].find((line) => line.textContent.includes(`"${name}"`));
    if (made) made.replaceWith(Object.assign(document.createElement("mark"), { innerHTML: made.outerHTML }));
    return cell;
  }

  async function open(link) {
    const content = await contentFor(link);
    if (!content || !wanted.has(link)) return;
    close();
    shownFor = link;
    box ??= Object.assign(document.createElement("div"), { id: "preview" });
    box.setAttribute("role", "tooltip");
    box.replaceChildren(content);
    if (link.title) {
      link.dataset.title = link.title;
      link.removeAttribute("title"); // or the browser would show it over the preview
      box.prepend(Object.assign(document.createElement("p"), { className: "preview-origin", textContent: link.dataset.title }));
    }
    document.body.append(box);
    box.hidden = false;
    const line = box.querySelector("pre > mark");
    if (line) box.scrollTop = line.offsetTop - box.clientHeight / 2;
    place(link);
  }

  function place(link) {
    const at = [...link.getClientRects()].pop();
    const { width, height } = box.getBoundingClientRect();
    const below = at.bottom + 6, above = at.top - height - 6;
    const top = below + height <= innerHeight || above < 0 ? below : above;
    box.style.top = `${top + scrollY}px`;
    box.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8)) + scrollX}px`;
  }

  function close() {
    if (shownFor?.dataset.title) shownFor.title = shownFor.dataset.title;
    shownFor = undefined;
    box?.remove();
  }

  const wanted = new Set(); // the links that are pointed at or have the focus

  function want(link) {
    wanted.add(link);
    clearTimeout(timer);
    timer = setTimeout(() => open(link), OPEN_AFTER);
  }

  function leave(link) {
    wanted.delete(link);
    clearTimeout(timer);
    timer = setTimeout(() => { if (!box?.matches(":hover")) close(); }, CLOSE_AFTER);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const canHover = matchMedia("(hover: hover)").matches;
    for (const link of document.querySelectorAll(".bd-article a.internal[href*='#'], .bd-article a.number")) {
      if (link.matches(".headerlink") || link.querySelector("img")) continue;
      if (canHover) {
        link.addEventListener("mouseenter", () => want(link));
        link.addEventListener("mouseleave", () => leave(link));
      }
      link.addEventListener("focus", () => { if (link.matches(":focus-visible")) want(link); });
      link.addEventListener("blur", () => leave(link));
      link.addEventListener("click", () => { wanted.delete(link); close(); });
    }
    document.addEventListener("mouseout", (event) => {
      if (box?.contains(event.target) && !box.contains(event.relatedTarget) && !wanted.has(shownFor)) leave(shownFor);
    });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  });
})();
