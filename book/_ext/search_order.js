/* How results of the search are ordered: what the book defines and states, its sections, its figures, its text, and then the
   library; what is called exactly as the query stands first, a function only if the query can be nothing else.  Sphinx
   copies this file into its own script. */

var Scorer = {
  score: ([page, title, , , score]) => {
    const query = (new URLSearchParams(location.search).get("q") || "").trim().toLowerCase();
    const name = title.replace(/<[^>]*>/g, "").toLowerCase();
    if (query && name.startsWith(query) && !/^[\w.]/.test(name.slice(query.length))) return score + 50;
    if (/(^|\/)api(-|$)|^py-modindex/.test(page)) {
      const exact = /[_.]/.test(query) && `.${name}`.endsWith(`.${query}`);
      return exact ? score + 50 : score / 8;
    }
    if (/ > +[^ (]/.test(title)) return score + 12; // a section whose title holds the query
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
