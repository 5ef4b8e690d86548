/* Sets formulas: a line of JSON in, {tex, display}, a line of JSON out, the markup; {styles: true} asks for the style sheet.
   Runs MathJax, from the folder named on the command line, in Node. */

"use strict";
const [folder] = process.argv.slice(2);
const NOBODY_READS = / (?:data-mjx-[\w-]+|unselectable|xmlns)="[^"]*"/g; // a fifth of the markup

require(`${folder}/node-main.js`).init({
  loader: {
    load: ["input/tex-full", "output/chtml", "adaptors/liteDOM", "a11y/assistive-mml"],
    paths: { mathjax: folder },
    versionWarnings: false,
    require,
  },
  chtml: { adaptiveCSS: false, matchFontHeight: false, fontURL: "mathematics" },
}).then(async (MathJax) => {
  const { adaptor } = MathJax.startup;
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    const { tex, display, styles } = JSON.parse(line);
    const box = styles ? MathJax.chtmlStylesheet() : await MathJax.tex2chtmlPromise(tex, { display });
    const text = styles ? adaptor.textContent(box) : adaptor.outerHTML(box).replace(NOBODY_READS, "");
    process.stdout.write(`${JSON.stringify(text)}\n`);
  }
});
