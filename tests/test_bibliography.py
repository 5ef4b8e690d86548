"""Every source was looked up: title, authors, venue and year, in a stored copy that its entry names; and is cited."""

import re
from pathlib import Path

import pytest
from pybtex.database import parse_file

ROOT = Path(__file__).parents[1]
ENTRIES = parse_file(ROOT / "book" / "references.bib").entries
PAGES = {page.name: page.read_text("utf8") for page in (ROOT / "book").glob("*.md")}
CITED = {
    key.strip() for text in PAGES.values() for group in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)
    for key in group.split(",")
}  # fmt: skip


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_says_where_it_was_checked(key):
    fields, people = ENTRIES[key].fields, ENTRIES[key].persons.get("author", [])
    assert people and fields.get("title") and re.fullmatch(r"(19|20)\d\d", fields["year"])
    assert re.match(r"20\d\d-\d\d-\d\d, .+; abstract(?: and .+)? read", fields.get("checked", "")), key
    assert key.startswith(re.sub(r"\W", "", people[0].last_names[-1].lower()).replace("é", "e")[:4]) or key[0] == "d"
    assert fields["year"] in key


def test_what_is_cited_is_listed_and_what_is_listed_is_cited():
    assert CITED - set(ENTRIES) == set()
    assert set(ENTRIES) - CITED == set()
