"""``make seeds``: a page executed with another seed says which claims hold; what is recorded is of the present code."""

import json
import re
from pathlib import Path

import jupytext
import pytest

from stableminima.book import seeds

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "tests" / "reference" / "seeds.json"


PAGE = """---
kernelspec:
  name: python3
  display_name: Python 3
jupytext:
  text_representation:
    extension: .md
    format_name: myst
---

# A page

```{code-cell} ipython3
from stableminima.book.claims import claim

SEED = 0  # shifts every random draw of this page
draws = [SEED + 1, SEED + 2]
```

```{code-cell} ipython3
claim("small", "the first draw is small", draws[0], at_most=10)
claim("ordered", "the draws are in order", draws[1] - draws[0], equals=1)
after = 3
```

```{code-cell} ipython3
claim("after", "a failing claim does not stop its cell", after, equals=3)
claim("number", "nor does one that is no number", float("nan") if SEED else 1, at_most=1)
nothing = {}[SEED] if SEED else 0
```
"""


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf8")
    return path


def test_another_seed_shows_the_claims_that_fail_and_goes_on(page):
    told = seeds.outcome(page, 1000)
    assert told["claims"] == 4
    assert told["failed"] == [["small", "1001", "≤ 10"], ["number", "nan", "≤ 1"]]
    assert told["errors"] == [[3, "KeyError: 1000"]]


def test_the_record_keeps_other_pages_and_knows_its_code(page, tmp_path, capsys):
    file = tmp_path / "seeds.json"
    file.write_text('{"other": {"code": "x", "seeds": {}}}')
    told = seeds.record([page], file, seeds=(0,), workers=1)
    assert set(told) == {"other", "page"} and told == json.loads(file.read_text("utf8"))
    assert told["page"]["code"] == seeds.digest(jupytext.read(page))
    assert told["page"]["seeds"]["0"] == {"claims": 4, "failed": [], "errors": []}
    assert "4 of 4 claims hold" in capsys.readouterr().out


def test_a_page_without_the_line_is_left_out(page, tmp_path):
    page.write_text(PAGE.replace("SEED = 0", "SEED = 7"), encoding="utf8")
    assert seeds.record([page], tmp_path / "seeds.json", workers=1) == {}


def test_what_is_recorded_is_of_the_present_code_and_only_chance_fails():
    """A failing claim is rare, never the same with two seeds, and no page stops; pages of other code say so."""
    told = json.loads(RECORD.read_text("utf8"))
    made, failed, twice = 0, [], []
    for page, entry in told.items():
        source = ROOT / "book" / f"{page}.md"
        assert seeds.digest(jupytext.read(source)) == entry["code"], f"{page} has changed: python make.py seeds {page}"
        lost = [name for run in entry["seeds"].values() for name, *_ in run["failed"]]
        assert not any(run["errors"] for run in entry["seeds"].values()), page
        made += sum(run["claims"] for run in entry["seeds"].values())
        failed += lost
        twice += [name for name in set(lost) if lost.count(name) > 1]
    assert made > 100 and twice == []
    assert len(failed) <= 0.01 * made + 1, failed


@pytest.mark.parametrize("page", sorted((ROOT / "book").glob("0*.md")), ids=lambda page: page.stem)
def test_every_draw_of_a_page_derives_from_its_seed(page):
    """No code cell gives a generator or a ``seed=`` a number of its own."""
    notebook = jupytext.read(page)
    code = "\n".join(re.sub(r"#.*|^def .*", "", source, flags=re.M) for source in seeds.code_of(notebook))
    fixed = re.findall(r"default_rng\(\s*\d[^)]*\)|\bseed=\d+", code)
    assert fixed == [], f"derive it from SEED: {fixed}"
    assert not re.search(r"random|rng|seed", code) or seeds.seeded(notebook), "the page draws at random without SEED"
