"""The plans of the course, executed: nothing is asked before it is taught, and no week asks for too much."""

import re
import sys
from pathlib import Path

import pytest
from docutils.nodes import make_id

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import course_plans as plans  # noqa: E402

PLANS, QUESTIONS = plans.read_plans(ROOT), plans.read_questions(ROOT)
PAGES = {path.stem: path.read_text("utf8") for path in sorted((ROOT / "book").glob("0*.md"))}


def sections_in(page: str) -> list[tuple[set[str], set[str]]]:
    """The names of each section of a source, and those of the sections around it; read without Sphinx."""
    text = re.sub(r"^```\{code-cell\}.*?^```$", "", PAGES[page], flags=re.DOTALL | re.MULTILINE)
    found, around = [], {}
    for label, level, title in re.findall(r"^(?:\(([\w-]+)\)=\n)?(##+) (.+)$", text, re.MULTILINE):
        around = {depth: names for depth, names in around.items() if depth < len(level)}
        names = {f"{page}#{name}" for name in (label, make_id(title)) if name}
        found.append((names, set().union(*around.values())))
        around[len(level)] = names
    return found


SECTIONS = [section for page in PAGES for section in sections_in(page)]


def is_taught(address: str, sections: set[str]) -> bool:
    names, around = next(section for section in SECTIONS if address in section[0])
    return bool((names | around) & sections)


def taught(plan, week: int, without: int = 0) -> set[str]:
    lectures = [lecture for lecture in plan.lectures if lecture.week <= week and lecture.number != without]
    return {address for lecture in lectures for address in lecture.sections}


def missing(plan, questions, week: int, without: int = 0) -> dict[str, list[str]]:
    """What questions need and has not been taught by the end of a week."""
    known = taught(plan, week, without)
    lacking = {q.name: [need for need in q.needs if not is_taught(need, known)] for q in questions}
    return {name: needs for name, needs in lacking.items() if needs}


def test_every_question_says_what_it_needs():
    assert len({(q.set, q.name) for q in QUESTIONS}) == 35
    known = set().union(*(names for names, _ in SECTIONS))
    assert not {need for q in QUESTIONS for need in q.needs} - known
    assert not {address for plan in PLANS.values() for address in taught(plan, 99)} - known


@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
def test_nothing_is_asked_before_it_is_taught(plan):
    for handout in plan.handouts:
        questions = plans.asked(handout, QUESTIONS)
        assert questions and (handout.questions is None or {q.name for q in questions} == set(handout.questions))
        assert handout.due > handout.out
        assert not missing(plan, questions, handout.due - 1), handout
        begun = [q for q in questions if not missing(plan, [q], handout.out + 1)]
        assert begun, f"{handout}: nothing can be begun in the week after it is handed out"


def test_a_question_asked_too_early_is_found():
    plan = PLANS["twelve"]
    bending = [q for q in QUESTIONS if q.name == "bending"]
    assert missing(plan, bending, 3) == {
        "bending": ["03-multivariate-bound#neurons-as-hyperplanes", "03-neurons-to-functions#the-laplacian-of-a-neuron"]
    }
    assert not missing(plan, bending, 4)


def test_twelve_weeks_ask_all_questions_and_teach_all_pages():
    plan = PLANS["twelve"]
    assert [h.name for h in plan.handouts] == list(dict.fromkeys(q.set for q in QUESTIONS))
    assert not [h for h in plan.handouts if h.questions]
    assert len(plan.lectures) == 24 and plan.lectures[-1].week == 12
    assert max(h.due for h in plan.handouts) == 12
    pages = {address.partition("#")[0] for address in taught(plan, 12)}
    assert pages.isdisjoint(plan.projects) and pages | set(plan.projects) == set(PAGES)


@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
def test_a_page_comes_after_the_pages_that_it_needs(plan):
    labels = {
        label: page for page, text in PAGES.items() for label in re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)
    }
    labels |= {page: page for page in PAGES}
    first = {}
    for lecture in plan.lectures:
        for address in lecture.sections:
            first.setdefault(address.partition("#")[0], lecture.number)
    for page, number in first.items():
        [needs] = re.findall(r"^(?:\*\*)?(?:You|We) need.*?\n\n", PAGES[page], re.DOTALL | re.MULTILINE)[:1]
        needs = re.split(r"\. (?=[A-Z])", needs)[0]  # what follows says where to find other things
        pages = {labels.get(label) for label in re.findall(r"\{(?:ref|doc)\}`(?:[^`<]*<)?([\w-]+)>?`", needs)}
        assert not [p for p in pages & set(first) if first[p] > number], page


def test_a_section_is_taught_once():
    for plan in PLANS.values():
        addresses = [address for lecture in plan.lectures for address in lecture.sections]
        assert len(addresses) == len(set(addresses))
        assert not [a for a in addresses if is_taught(a, set(addresses) - {a})], "a section and one in it"


def test_what_may_be_left_out_is_needed_by_what_the_page_says_only():
    page = (ROOT / "book" / "teaching.md").read_text("utf8")
    names = dict.fromkeys((q.set, q.name) for q in QUESTIONS)
    numbered = {name: (of, k) for k, (of, name) in enumerate(names)}
    first = {q.set: numbered[q.name][1] for q in reversed(QUESTIONS)}
    for lecture, name in ((15, "3-depth"), (13, "2-mnist")):
        lost = [numbered[q] for q in missing(PLANS["twelve"], QUESTIONS, 12, without=lecture)]
        assert {of for of, _ in lost} == {name}
        places = " and ".join(str(k - first[name] + 1) for _, k in lost)
        assert f"lecture {lecture} (and questions {places} of set {name[0]})" in page


def test_a_week_is_the_reading_and_the_share_of_the_sets():
    lectures = tuple(plans.Lecture(k, "", (), (k,)) for k in (1, 2, 3))
    plan = plans.Plan("", 0, lectures, (plans.Handout("s", 1, 3), plans.Handout("s", 2, 3, ("b",))), ())
    questions = [plans.Question("s", "a", "", 40, ()), plans.Question("s", "b", "", 20, ())]
    assert plans.load(plan, questions, {1: 5, 2: 6, 3: 7}) == {1: 11, 2: 7 + 30, 3: 30 + 20}


def test_an_alternative_needs_what_it_stands_for_needs(tmp_path):
    (tmp_path / "assignments" / "s").mkdir(parents=True)
    path = tmp_path / "assignments" / "s" / "s.md"
    cell = '+++ {"question": "b", "instead_of": "a", "minutes": 5}\n\n## Again\n'
    path.write_text('+++ {"question": "a", "minutes": 5, "needs": ["p#q"]}\n\n## Once\n\n' + cell)
    assert [q.needs for q in plans.read_questions(tmp_path)] == [("p#q",)]
    first = '+++ {"question": "a", "minutes": 5, "needs": ["p#q"]}\n\n## Once\n\n'
    path.write_text(first + cell.replace("5}", '5, "needs": ["p#r"]}'))
    assert [(q.name, q.title, q.needs) for q in plans.read_questions(tmp_path)][1] == ("a", "Again", ("p#r",))
    path.write_text(cell)
    with pytest.raises(ValueError, match="s, a: say which sections it needs"):
        plans.read_questions(tmp_path)


def test_every_outcome_is_asked_for():
    outcomes = plans.read_outcomes(ROOT)
    asked = [(name, question) for name, _, questions in outcomes for question in questions]
    assert sorted(asked) == sorted({(q.set, q.name) for q in QUESTIONS})
    assert all(len(words) > 30 for _, words, _ in outcomes)


def test_every_lecture_has_an_outline():
    text = (ROOT / "book" / "lectures.md").read_text("utf8")
    lectures = re.split(r"^\(lecture-\d+\)=\n", text, flags=re.MULTILINE)[1:]
    for lecture, outline in zip(PLANS["twelve"].lectures, lectures, strict=True):
        assert outline.startswith(f"## {lecture.number}. {lecture.title}\n\n```{{lecture}} {lecture.number}\n```\n")
        assert re.findall(r"^\*\*(.+?)\.\*\*", outline, re.MULTILINE) == ["Show", "Ask", "Where they get lost"]
        asked = outline.split("**Ask.** ")[1].split("**Where")[0].strip().split("\n\n")
        assert len(asked) == 2 and all(re.match(r"\*.+?[?.]\* \S", question) for question in asked), lecture.title


def test_students_are_given_neither_plans_nor_outlines(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "assignments"))
    import student

    student.copy_sources(tmp_path / "book")
    given = {path.name for path in (tmp_path / "book").rglob("*")}
    assert "students.md" in given and not given & {"plans.yml", "lectures.md", "teaching.md"}
    assert "lectures" not in (tmp_path / "book" / "_toc.yml").read_text("utf8")
    assert plans.read_plans(tmp_path / "book") == {}, "so no slides are made, and no chapter leads to them"
