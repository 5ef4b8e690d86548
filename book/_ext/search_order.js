/* How results of the search are ordered: what the book defines and states, then its text, then the library.  Sphinx copies
   this file into its own script. */

var Scorer = {
  score: ([page, , , , score]) => (/(^|\/)api$|^py-modindex/.test(page) ? score - 40 : score),
  objNameMatch: 14,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
