"""The marking room: rubrics that add up, answers beside their questions, marks that are merged and never lost."""

import csv
import json
import sys
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "assignments"), str(ROOT / "tests")]

import build  # noqa: E402
import marking  # noqa: E402
import marking_back as back  # noqa: E402
import marking_room as room  # noqa: E402
import marking_text  # noqa: E402
import sets  # noqa: E402
import submissions  # noqa: E402

SET = "1-the-bound"
PROBLEMS = sets.read_set(SET)
SHEETS = room.sheets_of(PROBLEMS)
LINES = {sheet.question.name: [points for points, _ in sheet.rubric.lines] for sheet in SHEETS}
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="module")
def text():
    formulas = marking_text.Formulas()
    yield marking_text.Text(formulas)
    formulas.stop()


# --- rubrics ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sets.set_names())
def test_rubrics_add_up_and_are_read_to_the_last_word(name):
    problems = sets.read_set(name)
    for sheet in room.sheets_of(problems):
        assert sheet.rubric.points == sheet.question.by_hand
        assert all(
            words.strip() and "point:" not in words and "points:" not in words for _, words in sheet.rubric.lines
        )
    rubrics = [sheet.rubric for sheet in room.sheets_of(problems)]
    said = " ".join(" ".join([*(words for _, words in r.lines), r.remark]) for r in rubrics).lower()
    tails = [cell.source.split("**Rubric.**")[1] for cell in problems.notebook.cells if "**Rubric.**" in cell.source]
    words = {word.strip(".,;:()").lower() for tail in tails for word in tail.split()}
    assert {word for word in words if word not in said} <= {"point", "points", "each", "1", "2", "3"}


@pytest.mark.parametrize(
    ("rubric", "lines", "remark"),
    [
        ("1 point: the mean. 2 points: a\nfigure; axes.", [(1, "the mean"), (2, "a figure; axes")], ""),
        ("1 point for each of (a), (b). In (b), say it.", [(1, "(a)"), (1, "(b)")], "In (b), say it."),
        (
            "1 point each for (a) and (b), in (b) with care; 1 point for both statements of (c).",
            [(1, "(a)"), (1, "(b)"), (1, "both statements of (c)")],
            "In (b) with care;",
        ),
        ("1 point: x. No point is lost for y.", [(1, "x")], "No point is lost for y."),
        ("2 points: (c); one of them for weights, 1 for z.", [(2, "(c); one of them for weights, 1 for z")], ""),
    ],
)
def test_the_forms_of_a_rubric(rubric, lines, remark):
    read = room.parse_rubric(rubric)
    assert list(read.lines) == lines and read.remark.rstrip(";.") == remark.rstrip(";.")


def test_a_rubric_that_does_not_add_up_is_refused():
    cells = [new_markdown_cell("## T\n"), new_markdown_cell("**Rubric.** 1 point: x.", metadata={"tags": ["solution"]})]
    question = sets.Question("q", "T", 2, 2, 5, ())
    cells[0].metadata["question"] = "q"
    problems = sets.ProblemSet("s", new_notebook(cells=cells), (question,), "", ())
    with pytest.raises(ValueError, match="s, q: the lines of its rubric add up to 1 points, and 2 are marked by hand"):
        room.sheets_of(problems)


# --- answers beside their questions -------------------------------------------------------------------------------


def answers(cells, tmp_path, text):
    path = tmp_path / "one.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return room.answers_of(path, room.Given(PROBLEMS), text)


def handed_out():
    return [
        cell
        for cell in build.edition(PROBLEMS, student=True).cells
        if "otter_ignore" not in cell.metadata.get("tags", [])
    ]


def test_an_untouched_notebook_shows_that_it_is_untouched(tmp_path, text):
    shown = answers(handed_out(), tmp_path, text)
    assert set(shown) == {question.name for question in PROBLEMS.questions}
    for html in shown.values():
        assert set(html.replace("\n", "").split("<p class='gone'>")) <= {
            "", "The place for the answer is as it was.</p>", "The function is as it was.</p>"
        }  # fmt: skip


def test_each_answer_lies_beside_its_question(tmp_path, text):
    cells, name = handed_out(), None
    for cell in cells:
        name = room.Given(PROBLEMS).place(cell.source) or name
        if cell.cell_type == "markdown" and cell.source == build.YOUR_TURN:
            cell.source = f"This is for {name}, with $x^2$."
    figure = new_output("display_data", data={"image/png": PICTURE, "text/plain": "<Figure>"})
    cells.append(new_code_cell("plt.plot(y)", outputs=[figure, new_output("stream", text="loss 1e-9")]))
    shown = answers(cells, tmp_path, text)
    for question in PROBLEMS.questions:
        assert f"This is for {question.name}, with" in shown[question.name] and "<mjx-msup>" in shown[question.name]
    last = shown[PROBLEMS.questions[-1].name]
    assert f"data:image/png;base64,{PICTURE}" in last and "loss 1e-9" in last and "code, 1 line<" in last


def test_copied_cells_in_another_order_are_found_by_what_they_are(tmp_path, text):
    cells = [
        new_code_cell("def bending(net, centre, radius):\n    return 1.0"),
        new_markdown_cell("flux"),
        new_markdown_cell("# Two stable minima\n\nmine: triangle"),
        new_markdown_cell("### Question 2\nroots"),
        new_code_cell("def noise_floor(h, g, s):\n    return 7.25"),
    ]
    shown = answers(cells, tmp_path, text)
    assert "flux" in shown["bending"] and "triangle" in shown["distance"] and "roots" in shown["stale_ceiling"]
    assert "7.25" in shown["noise_floor"]


def test_an_answer_written_into_the_cell_of_the_question_is_kept(tmp_path, text):
    cells = handed_out()
    asked = next(cell for cell in cells if "Stale gradients" in cell.source and "##" in cell.source)
    asked.source += "\n\nMy answer: the circle."
    shown = answers(cells, tmp_path, text)
    assert (
        "My answer: the circle." in shown["stale_ceiling"]
        and "Machines that work in parallel" not in shown["stale_ceiling"]
    )


def test_pasted_pictures_are_shown(tmp_path, text):
    pasted = new_markdown_cell('## Question 1\n![scan](attachment:a.png) <img src="attachment:a.png" width=400>')
    pasted["attachments"] = {"a.png": {"image/png": PICTURE}}
    colab = new_markdown_cell(f"![](data:image/png;base64,{PICTURE})")
    shown = answers([pasted, colab], tmp_path, text)["noise_floor"]
    assert shown.count(f'<img src="data:image/png;base64,{PICTURE}"') == 3


def test_what_is_long_is_cut_and_says_so(tmp_path, text):
    flood = new_code_cell("print()", outputs=[new_output("stream", text="x" * 10**6)] * 60)
    shown = answers([new_markdown_cell("## Question 1\n" + "word " * 10**5), flood], tmp_path, text)["noise_floor"]
    assert (
        len(shown) < 3 * 10**6 and "more characters are left out" in shown and "10 more outputs are left out" in shown
    )


def test_definitions_last_for_one_submission():
    formulas = marking_text.Formulas()
    assert formulas.html(r"\newcommand{\E}{\mathbb E}\E", False) and "mjx-ds" in formulas.html(r"\E", False)
    formulas.fresh()
    assert "mjx-ds" not in formulas.html(r"\E", False)
    formulas.html(r"\renewcommand{\frac}[2]{evil}", False)
    formulas.fresh()
    assert "mjx-mfrac" in formulas.html(r"\frac12", False)
    formulas.stop()


def test_without_mathjax_formulas_stay_readable(capsys, monkeypatch):
    monkeypatch.setattr(
        marking_text.subprocess, "Popen", lambda *a, **k: (_ for _ in ()).throw(OSError("no such file"))
    )
    formulas = marking_text.Formulas()
    assert formulas.html(r"a<b", True) == "<code class='tex'>$$a&lt;b$$</code>" and formulas.style("") == ""
    assert "formulas stay as TeX" in capsys.readouterr().err


# --- marks --------------------------------------------------------------------------------------------------------

entry = st.fixed_dictionaries(
    {"points": st.none() | st.tuples(st.integers(0, 1)), "at": st.text("0123456789", min_size=1)}
)
some_marks = st.dictionaries(
    st.sampled_from("xyz"),
    st.dictionaries(st.sampled_from("pq"), st.dictionaries(st.sampled_from(["Ada", "Ben"]), entry)),
)


@settings(max_examples=60, deadline=None)
@given(some_marks, some_marks, some_marks)
def test_merging_files_does_not_depend_on_their_order_and_loses_nobody(a, b, c):
    once = back.united(back.united(a, b), c)
    assert back.united(once, b) == once
    times = {(k, q, m): e["at"] for k, v in once.items() for q, w in v.items() for m, e in w.items()}
    for each in (a, b, c):
        for key, questions in each.items():
            for name, markers in questions.items():
                for marker, one in markers.items():
                    assert times[key, name, marker] >= one["at"]
    other = back.united(c, back.united(b, a))
    assert times == {(k, q, m): e["at"] for k, v in other.items() for q, w in v.items() for m, e in w.items()}


def test_markers_who_differ_are_told_and_comments_of_all_are_kept():
    one, two = {"points": [1, 0], "comment": "short"}, {"points": [0, 1], "comment": "look at the middle term"}
    points, comments, different = back.agreed({"Ada": one, "Ben": two})
    assert points is None and different == "Ada gives 1+0, Ben gives 0+1"
    assert comments == "short\n\nlook at the middle term"
    assert back.agreed({"Ada": one, "Ben": one | {"comment": ""}}) == ([1, 0], "short", "")
    assert back.agreed({"Ada": one | {"points": None}}) == (None, "short", "")


def file_of(marks, folder, name="marks-a.json", **others):
    content = {"kind": back.KIND, "set": SET, "marks": marks} | others
    (folder / name).write_text(json.dumps(content), "utf8")


def full(marker="Ada", at="2026-01-01", comment=""):
    return {name: {marker: {"points": list(lines), "comment": comment, "at": at}} for name, lines in LINES.items()}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no file of marks"),
        ('{"kind": "grades", "marks": {}}', "is no file of marks"),
        ("[]", "is no file of marks"),
        (
            '{"kind": "marks by hand", "set": "1-the-bound", "marks": {"a": {"bending": {"Ada": {"points": [1]}}}}}',
            "is no file",
        ),
        ('{"kind": "marks by hand", "set": "2-mnist", "marks": {}}', "holds marks of 2-mnist, and this is 1-the-bound"),
    ],
)
def test_a_file_that_holds_no_marks_ends_the_command_by_name(tmp_path, content, message):
    (tmp_path / "marks-x.json").write_text(content)
    with pytest.raises(SystemExit, match=message):
        back.read_marks(tmp_path, PROBLEMS, LINES)


def test_points_that_the_rubric_does_not_have_are_no_points(tmp_path):
    odd = {
        f"{k}.ipynb": {"bending": {"Ada": {"points": p, "comment": "hm", "at": "1"}}}
        for k, p in enumerate(([1], [2, 0], ["1", 0]))
    }
    file_of(odd, tmp_path)
    for markers in back.read_marks(tmp_path, PROBLEMS, LINES).values():
        assert markers["bending"]["Ada"]["points"] is None and markers["bending"]["Ada"]["comment"] == "hm"


# --- what is given back -------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Three submissions with automatic marks, as `grade` leaves them (the judge is tested elsewhere)."""
    tmp_path = tmp_path / "in"
    tmp_path.mkdir()
    submissions.hand_in(PROBLEMS, tmp_path, 3)
    judged(tmp_path)
    return tmp_path


def judged(folder, after_deadline=False):
    (folder / "reports").mkdir(exist_ok=True)
    rows = {}
    for path in sorted(folder.glob("*.ipynb")):
        verdicts = {
            each.name: "" if each.public else "3.25 is not right" for q in PROBLEMS.questions for each in q.checks
        }
        points = {
            q.name: sum(c.points for c in q.checks if not verdicts[c.name]) for q in marking.asked_by_checks(PROBLEMS)
        }
        rows[path.name] = {"status": "judged"} | {
            marking.column(q): f"{points[q.name]:g}" for q in marking.asked_by_checks(PROBLEMS)
        }
        rows[path.name]["automatic"] = f"{sum(points.values()):g}"
        report = marking.report(PROBLEMS, points, verdicts, ["cell 3 was left out"], after_deadline)
        (folder / "reports" / f"{path.name}.md").write_text(f"# {path.name}\n\n{report}", "utf8")
    head = ["status", *map(marking.column, marking.asked_by_checks(PROBLEMS)), "automatic"]
    marking.merge(folder / "automatic.csv", head, rows, ours=True)


def call(folder, *options):
    return room.main(SET, str(folder), *options)


def table(path):
    with open(path, encoding="utf8", newline="") as file:
        return list(csv.reader(file))


def test_marks_come_back_as_table_feedback_and_tables(folder, capsys):
    assert call(folder) == 0 and "marked by hand: 0 of 21 answers" in capsys.readouterr().out
    file_of({"student-01.ipynb": full(comment="Good; mind $q<1$."), "gone.ipynb": full()}, folder)
    (folder / "students.csv").write_text(
        "notebook;name;id;login;email;canvas id;section\n"
        'student-01;"Byron, Ada";007;ab;ada@example.org;41;A\nstudent-01.ipynb;Ben Ito;8;bi;ben@example.org;42;B\n'
        "student-02.ipynb;Cy;9;cy;cy@example.org;43;B\nnobody.ipynb;Di;10;;;;\n",
        "utf-8-sig",
    )
    assert call(folder) == 0
    told = capsys.readouterr().out
    assert "marked by hand: 7 of 21 answers" in told and "2 students, 2 wait for marks" in told
    assert "gone.ipynb, which was marked, is not in" in told and "students.csv names nobody.ipynb" in told
    assert "no student in students.csv has handed in student-03.ipynb" in told
    assert table(folder / "by-hand.csv")[1] == ["student-01.ipynb", *(str(s.question.by_hand) for s in SHEETS)]
    public = sum(each.points for q in PROBLEMS.questions for each in q.checks if each.public)
    total = f"{sum(s.question.by_hand for s in SHEETS) + public:g}"
    assert table(folder / "tables" / "canvas.csv") == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", SET],
        ["    Points Possible", "", "", "", "", str(PROBLEMS.points)],
        ["Byron, Ada", "41", "007", "ab", "A", total],
        ["Ben Ito", "42", "8", "bi", "B", total],
    ]
    moodle = table(folder / "tables" / "moodle.csv")
    assert moodle[1][:5] == ["ab", "007", "ada@example.org", "Byron, Ada", total] and "mind $q<1$" in moodle[1][5]
    gradescope = table(folder / "tables" / "gradescope.csv")
    assert gradescope[1][:7] == ["Ada", "Byron", "007", "ada@example.org", total, f"{PROBLEMS.points:.1f}", "Graded"]
    assert gradescope[2][:2] == ["Ben", "Ito"] and gradescope[0][7] == "1: How far the noise throws (5.0 pts)"
    assert sum(map(float, gradescope[1][7:])) == float(total)
    feedback = (folder / "reports" / "student-01.ipynb.html").read_text("utf8")
    assert f"<b>{total}</b> of {PROBLEMS.points} points" in feedback and "Good; mind" in feedback
    assert feedback.count("<li class='full'>") == sum(map(len, LINES.values())) and "cell 3 was left out" in feedback
    assert "not all of the 44 points" in (folder / "reports" / "student-02.ipynb.html").read_text("utf8")


def test_a_cell_that_is_filled_in_is_never_touched(folder, capsys):
    call(folder)
    hand = folder / "by-hand.csv"
    hand.write_text(hand.read_text("utf8").replace("student-01.ipynb,", "student-01.ipynb,0.5", 1), "utf8")
    file_of({"student-01.ipynb": full()}, folder)
    assert call(folder) == 1
    told = capsys.readouterr().out
    assert "student-01.ipynb, noise_floor: by-hand.csv says 0.5, the room 2; the cell is left as it is" in told
    assert table(hand)[1][1:3] == ["0.5", "3"]
    assert (
        "<li"
        not in (folder / "reports" / "student-01.ipynb.html")
        .read_text("utf8")
        .split("<section>")[2]
        .split("class='tests'")[0]
    )
    assert '"byHand": {"noise_floor": "0.5"' in (folder / "marking-room.html").read_text("utf8")


def test_markers_who_disagree_leave_the_cell_empty(folder, capsys):
    file_of({"student-01.ipynb": full("Ada")}, folder, "marks-a.json")
    other = full("Ben")
    other["memory"]["Ben"]["points"] = [0, 0, 1, 0]
    file_of({"student-01.ipynb": other}, folder, "marks-b.json")
    assert call(folder) == 1
    assert "student-01.ipynb, memory: Ada gives 2+2+2+2, Ben gives 0+0+1+0" in capsys.readouterr().out
    assert table(folder / "by-hand.csv")[1][1:] == ["2", "3", "2", "3", "2", "2", ""]
    other["memory"]["Ada"] = {"points": [0, 0, 1, 0], "comment": "", "at": "2026-02-02"}
    file_of({"student-01.ipynb": other}, folder, "marks-c.json")
    assert call(folder) == 0 and table(folder / "by-hand.csv")[1][-1] == "1"


def test_a_notebook_that_changed_after_it_was_marked_is_named(folder, capsys):
    marks = full()
    for markers in marks.values():
        markers["Ada"]["of"] = back.digest(folder / "student-01.ipynb")
    file_of({"student-01.ipynb": marks}, folder)
    call(folder)
    assert "has changed" not in capsys.readouterr().out
    path = folder / "student-01.ipynb"
    path.write_text(path.read_text("utf8") + "\n", "utf8")
    judged(folder)
    call(folder)
    assert "student-01.ipynb has changed since it was marked" in capsys.readouterr().out


def test_hidden_checks_stay_hidden_until_the_deadline(folder, monkeypatch):
    hidden = [each for q in PROBLEMS.questions for each in q.checks if not each.public]
    call(folder)
    body = lambda: (folder / "reports" / "student-01.ipynb.html").read_text("utf8").split("<body")[1]  # noqa: E731
    before = body()
    assert "failed: a hidden test" in before and "3.25" not in before
    assert not any(each.cause and each.cause in before for each in hidden)
    asked = []
    monkeypatch.setattr(
        room, "grade", lambda name, paths, after, year: asked.append((len(paths), after)) or judged(folder, after) or 0
    )
    call(folder, "--after-deadline")
    after = body()
    assert asked == [(3, True)] and "It tries" in after and "3.25" in after
    call(folder, "--after-deadline")
    assert asked == [(3, True)], "what is judged already is not judged again"
    call(folder)
    assert asked[1:] == [(3, False)] and body() == before


def test_names_are_no_formulas_and_without_students_there_are_no_ids(folder, capsys):
    path = folder / "=HYPERLINK(1).ipynb"
    (folder / "student-01.ipynb").rename(path)
    judged(folder)
    file_of({path.name: full(comment="=1+1")}, folder)
    call(folder)
    assert "students.csv: the tables have no ids" in capsys.readouterr().out
    row = table(folder / "tables" / "canvas.csv")[2]
    assert row[0] == "'=HYPERLINK(1)" and row[1:5] == [""] * 4


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ((SET,), "which set, and which folder"),
        ((SET, "x", "--fast"), "which set, and which folder"),
        (("9-none", "x"), "no set is called 9-none"),
        ((SET, "/nowhere"), "there is no notebook"),
    ],
)
def test_requests_that_say_too_little_are_refused(request_, message):
    with pytest.raises(SystemExit, match=message):
        room.main(*request_)


def test_a_broken_notebook_is_a_line_in_the_room_and_no_mark(folder, monkeypatch):
    (folder / "broken.ipynb").write_text("{")
    monkeypatch.setattr(room, "grade", marking.grade)
    assert call(folder) == 1
    assert "The notebook cannot be shown: the file cannot be read" in (folder / "marking-room.html").read_text("utf8")
    assert table(folder / "by-hand.csv")[1] == ["broken.ipynb"] + [""] * 7


@pytest.mark.slow
def test_from_thirty_submissions_to_feedback_within_ten_minutes(tmp_path, capsys):
    """The judge, the room, the tables and the feedback; marking itself is done by a file that takes no time."""
    import time

    paths = submissions.hand_in(PROBLEMS, tmp_path, 30)
    started = time.perf_counter()
    assert call(tmp_path) == 0
    made = time.perf_counter() - started
    file_of({path.name: full() for path in paths}, tmp_path)
    assert call(tmp_path, "--after-deadline") == 0
    seconds = time.perf_counter() - started
    assert "30 students" in capsys.readouterr().out and seconds < 600
    with capsys.disabled():
        print(f"\n30 submissions: the room after {made:.0f} s, feedback and tables after {seconds:.0f} s")


def test_the_room_asks_what_the_year_of_the_notebooks_asked(tmp_path, monkeypatch):
    year = next(y for y in range(2027, 2099) if sets.read_set(SET, y).versions != PROBLEMS.versions)
    drawn = sets.read_set(SET, year)
    nbformat.write(build.edition(drawn, student=True), tmp_path / "ada.ipynb")
    asked = []
    monkeypatch.setattr(room, "grade", lambda name, paths, after, year: asked.append(year) or 0)
    monkeypatch.setattr(room, "give_back", lambda *arguments: 0)
    room.main(SET, str(tmp_path))
    page = (tmp_path / "marking-room.html").read_text("utf8")
    others = {q.title for q in PROBLEMS.questions} - {q.title for q in drawn.questions}
    assert asked == [year] and others and not any(title in page for title in others)
    assert all(q.title in page for q in drawn.questions)
    room.main(SET, str(tmp_path), "--year", "0")
    assert asked == [year, 0] and all(title in (tmp_path / "marking-room.html").read_text("utf8") for title in others)
