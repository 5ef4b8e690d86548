/* Sets formulas of strangers: a line of JSON in, a line out.  {tex, display}: the markup;  {styles: true}: the style sheet;
   {fresh: true}: forget what was defined.  No package that loads, links, styles or names anything (require, html, …). */

"use strict";
const [folder] = process.argv.slice(2);
const packages = ["base", "ams", "amscd", "boldsymbol", "braket", "bussproofs", "cancel", "cases", "centernot", "enclose"];
packages.push("gensymb", "mathtools", "newcommand", "noundefined", "textcomp", "textmacros", "upgreek", "verb");
const NOBODY_READS = / (?:data-mjx-[\w-]+|unselectable|xmlns)="[^"]*"/g;

require(`${folder}/node-main.js`).init({
  loader: {
    load: ["input/tex-full", "output/chtml", "adaptors/liteDOM", "a11y/assistive-mml"],
    paths: { mathjax: folder },
    versionWarnings: false,
    require,
  },
  tex: { packages },
  chtml: { adaptiveCSS: false, matchFontHeight: false, fontURL: "mathematics" },
}).then(async (MathJax) => {
  const { adaptor } = MathJax.startup;
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    const { tex, display, styles, fresh } = JSON.parse(line);
    if (fresh) MathJax.startup.getComponents();
    if (fresh) MathJax.startup.makeMethods();
    const box = fresh ? null : styles ? MathJax.chtmlStylesheet() : await MathJax.tex2chtmlPromise(tex, { display });
    const text = fresh ? "" : styles ? adaptor.textContent(box) : adaptor.outerHTML(box).replace(NOBODY_READS, "");
    process.stdout.write(`${JSON.stringify(text)}\n`);
  }
});
