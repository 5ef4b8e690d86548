/* How results of the search are ordered: what the book defines and states, its sections, its figures, its text, and then the
   library; what is called exactly as the query stands first.  Sphinx copies this file into its own script. */

var Scorer = {
  score: ([page, title, , , score]) => {
    const query = (new URLSearchParams(location.search).get("q") || "").trim().toLowerCase();
    const name = title.replace(/<[^>]*>/g, "").toLowerCase();
    if (query && name.startsWith(query) && !/^[\w.]/.test(name.slice(query.length))) return score + 50;
    if (/(^|\/)api(-|$)|^py-modindex/.test(page)) return score / 2;
    return name.startsWith("fig. ") && !query.startsWith("fig") ? score - 12 : score;
  },
  objNameMatch: 14,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 20,
  partialTitle: 16,
  term: 5,
  partialTerm: 2,
};
