# ruff: noqa: E501  (an attempt a line)
"""The marking room in a browser, from disk, without a network: marks that stay, and submissions that cannot run."""

import json
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "assignments"), str(ROOT / "tests")]

import marking_room  # noqa: E402
import sets  # noqa: E402
import submissions  # noqa: E402

SET = "1-the-bound"
PROBLEMS = sets.read_set(SET)
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
HACK = "top.hacked=(top.hacked||0)+1"
SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="{HACK}"><script>{HACK}</script>'
    f'<image href="http://evil.example/a.png" onerror="{HACK}"/><foreignObject><script>{HACK}</script></foreignObject></svg>'
)
TEXTS = [
    f"<script>{HACK}</script>",
    f"<img src=x onerror={HACK}>",
    f'<img src="data:image/png;base64,AAAA" onerror="{HACK}">',
    f"<svg onload={HACK}><animate onbegin={HACK} attributeName=x dur=1s></svg>",
    f'<iframe srcdoc="<script>{HACK}</script>"></iframe><iframe src="javascript:{HACK}"></iframe>',
    f"</template><script>{HACK}</script>",
    f"</script><script>{HACK}</script><style>@import 'http://evil.example/a.css'; body {{ display: none }}</style>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'><base href='http://evil.example/'>",
    f"[click](javascript:{HACK}) <javascript:{HACK}> [x](data:text/html,<script>{HACK}</script>)",
    f"![x](javascript:{HACK}) ![y](http://evil.example/y.png) ![z](data:text/html;base64,PHNjcmlwdD4=)",
    f'![" onerror="{HACK}](attachment:a.png "\\" onerror=\\"{HACK}") <details open ontoggle={HACK}>',
    f"# heading <b onmouseover={HACK}>b</b>\n\n| <img src=x onerror={HACK}> |\n|--|\n| </table><script>{HACK}</script> |",
    f"```html\n<script>{HACK}</script>\n```\n\n~~~\n</code></pre><script>{HACK}</script>\n~~~",
    f"$\\href{{javascript:{HACK}}}{{x}}$ $\\text{{</mjx-mtext><script>{HACK}</script>}}$ $\\style{{position:fixed}}{{x}}$",
    f"$$\\require{{html}}\\cssId{{save}}{{\\class{{x}}{{y}}}}$$ $\\unicode[a\" onclick=\"{HACK}]{{65}}$ $\\def\\a{{\\a\\a}}\\a$",
    f"\\begin{{align}}<script>{HACK}</script>\\end{{align}}",
    "<form action=http://evil.example><button>Save</button></form><a id=save name=data>x</a><input id=marker>",
]  # fmt: skip
OUTPUTS = [
    {"output_type": "display_data", "metadata": {}, "data": data}
    for data in (
        {"text/html": f"<b>table</b><script>{HACK}</script><img src=x onerror={HACK}>"},
        {"application/javascript": HACK, "text/plain": f"<script>{HACK}</script>"},
        {"image/svg+xml": SVG},
        {"image/png": SVG, "text/plain": "no picture"},
        {"image/png": 'AAAA" onerror="' + HACK},
        {'image/png" onerror="' + HACK: "AAAA"},
        {"text/markdown": f"<script>{HACK}</script> [x](javascript:{HACK})"},
        {"text/latex": f"$\\href{{javascript:{HACK}}}{{x}}$"},
        {"text/plain": {"a": 1}, "image/jpeg": [1, 2]},
        {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
    )
] + [
    {"output_type": "stream", "name": f"stdout' onclick='{HACK}", "text": f"\x1b]8;;javascript:{HACK}\x07<script>{HACK}</script>"},
    {"output_type": "error", "ename": f"<script>{HACK}</script>", "evalue": "</summary><script>", "traceback": f"<img src=x onerror={HACK}>"},
    "text", None, {"output_type": "stream"}, {"output_type": "error", "traceback": {"a": 1}},
]  # fmt: skip


def hostile(folder: Path) -> Path:
    """A notebook that tries to run something in the browser of whoever marks it."""
    cells = [new_markdown_cell(f"## Question {k % 7 + 1}\n\n{text}") for k, text in enumerate(TEXTS)]
    cells += [new_markdown_cell(text) for text in TEXTS]
    cells += [new_code_cell(f"def noise_floor():\n    '''</code></pre></template><script>{HACK}</script>'''")]
    document = json.loads(nbformat.writes(new_notebook(cells=cells)))
    for cell in document["cells"]:
        cell["metadata"] = {"tags": [f"<script>{HACK}</script>", 3]}
        if cell["cell_type"] == "markdown":
            cell["attachments"] = {"a.png": {"image/svg+xml": SVG, f"image/png' onerror='{HACK}": "AAAA"}, "b": 3}
        else:
            cell["outputs"] = OUTPUTS
    path = folder / f"''><img src=x onerror={HACK.replace('/', '')}><script>.ipynb"
    path.write_text(json.dumps(document), "utf8")
    return path


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The room of three plausible submissions and a hostile one."""
    folder = tmp_path_factory.mktemp("room")
    paths = [*submissions.hand_in(PROBLEMS, folder, 3), hostile(folder)]
    path = folder / marking_room.PAGE
    path.write_text(marking_room.room(PROBLEMS, paths, {}), "utf8")
    return path


class Desk:
    """A marker's browser: a profile of its own, and what it had to say."""

    def __init__(self, browser, page: Path, size: dict = WIDE, scheme: str = "light", picker: str = "undefined"):
        self.context = browser.new_context(viewport=size, offline=True, color_scheme=scheme, accept_downloads=True)
        self.context.add_init_script(f"window.showSaveFilePicker = {picker}")
        self.page, self.complaints, self.requests = page, [], []
        self.tab = self.open()

    def open(self):
        tab = self.context.new_page()
        tab.on("console", lambda message: self.complaints.append(message.text))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("request", lambda request: self.requests.append(request.url))
        tab.on("dialog", lambda dialog: (self.complaints.append("a dialog"), dialog.dismiss()))
        tab.goto(self.page.as_uri())
        return tab

    def press(self, keys: str):
        for key in keys.split():
            self.tab.keyboard.press(key)

    def ticks(self, question: str) -> list[bool]:
        return [
            box.is_checked() for box in self.tab.query_selector_all(f"article[data-question={question}] .line input")
        ]

    def saved(self, folder: Path, name: str) -> Path:
        with self.tab.expect_download() as download:
            self.tab.click("#save")
        download.value.save_as(folder / name)
        return folder / name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


def test_a_tick_is_still_there_after_a_reload_and_in_another_tab(browser, page):
    with Desk(browser, page) as desk:
        other = desk.open()
        desk.press("Enter 1 j a c")
        desk.tab.keyboard.type("Mind the 1/2, j k n.")
        desk.press("Escape 2")
        assert desk.ticks("noise_floor") == [True, False] and desk.ticks("stale_ceiling") == [True, False, True]
        desk.tab.reload()
        assert desk.ticks("noise_floor") == [True, False] and desk.ticks("stale_ceiling") == [True, False, True]
        assert desk.tab.input_value("article[data-question=stale_ceiling] textarea") == "Mind the 1/2, j k n."
        assert desk.tab.inner_text("#count") == "2 of 28"
        other.bring_to_front()
        other.keyboard.press("n")
        other.click("article[data-question=bending] .line input >> nth=1")
        desk.tab.bring_to_front()
        assert desk.ticks("bending") == [False, True] and desk.ticks("noise_floor") == [True, False]
        desk.context.add_init_script(
            "const real = addEventListener; addEventListener = (...a) => a[0] === 'storage' || real(...a)"
        )
        late = desk.open()  # no word of another tab arrives here before it writes
        desk.press("j a")
        late.bring_to_front()
        late.keyboard.press("n")
        late.click("article[data-question=memory] .line input >> nth=0")
        desk.tab.bring_to_front()
        desk.tab.reload()
        assert desk.ticks("bending") == [False, True] and desk.ticks("stale_ceiling") == [True, False, True]
        assert desk.ticks("largest_curvature") == [True, True] and desk.ticks("memory")[0]
        assert not desk.complaints


def test_every_key_does_what_the_page_says(browser, page):
    with Desk(browser, page) as desk:
        shown = lambda: desk.tab.evaluate("[shown && shown.key, room.questions[current].name]")  # noqa: E731
        desk.press("n")
        assert shown() == ["student-01.ipynb", "noise_floor"]
        desk.press("j j k n n p")
        assert shown() == ["student-02.ipynb", "stale_ceiling"]
        desk.press("0")
        assert desk.ticks("stale_ceiling") == [False] * 3 and desk.tab.inner_text("article.current output") == "0"
        desk.press("x")
        assert desk.tab.inner_text("article.current output") == "–" and desk.tab.inner_text("#count") == "0 of 28"
        desk.press("a Enter")
        assert shown() == ["student-03.ipynb", "stale_ceiling"], "the same question of the next submission"
        model = "document.querySelector('article.current .model').open"
        before = desk.tab.evaluate(model)
        desk.press("m")
        assert desk.tab.evaluate(model) is not before
        for _ in range(7):
            desk.press("j")
        desk.press("1 1 2")
        assert shown()[1] == "memory" and desk.ticks("memory")[:4] == [True, False, True, True]
        desk.press("h")
        assert shown()[0] is None and "4 submissions" in desk.tab.inner_text("main")
        desk.tab.click("td.part a")
        assert shown() == ["student-03.ipynb", "memory"]
        desk.press("?")
        assert desk.tab.is_visible("dialog")
        desk.press("Escape")
        assert not desk.tab.is_visible("dialog") and not desk.complaints


def test_a_saved_file_loads_into_a_fresh_browser(browser, page, tmp_path):
    with Desk(browser, page) as desk:
        desk.tab.fill("#marker", "Ada")
        desk.press("Tab")
        desk.tab.click("th a")
        desk.press("1 j 3 c")
        desk.tab.keyboard.type("ü <b>")
        desk.press("Escape")
        path = desk.saved(tmp_path, "marks-ada.json")
    entry = json.loads(path.read_text("utf8"))["marks"]["student-01.ipynb"]["stale_ceiling"]["Ada"]
    assert entry["points"] == [0, 0, 1] and entry["comment"] == "ü <b>"
    with Desk(browser, page) as desk:
        desk.tab.fill("#marker", "Ada")
        desk.press("Tab")
        desk.tab.set_input_files("#load", path)
        desk.tab.wait_for_function("() => document.querySelector('#kept').textContent.includes('is loaded')")
        assert desk.tab.inner_text("#count") == "2 of 28"
        desk.press("n")
        assert desk.ticks("noise_floor") == [True, False] and desk.ticks("stale_ceiling") == [False, False, True]
        assert desk.tab.input_value("article[data-question=stale_ceiling] textarea") == "ü <b>"
        desk.tab.reload()
        assert desk.ticks("noise_floor") == [True, False]


def test_two_markers_who_differ_see_it_and_can_agree(browser, page, tmp_path):
    def desk_of(name):
        desk = Desk(browser, page)
        desk.tab.fill("#marker", name)
        desk.press("Tab n")
        return desk

    with desk_of("Ada") as ada, desk_of("Ben") as ben:
        ada.press("1 j a")
        ben.press("2 j a")
        ben.tab.set_input_files("#load", ada.saved(tmp_path, "marks-ada.json"))
        ben.tab.wait_for_selector("text=1 marks differ")
        assert ben.ticks("noise_floor") == [False, True], "what another has marked replaces nothing"
        assert "Ada: 1 (1 + 0)" in ben.tab.inner_text("article[data-question=noise_floor] .others")
        assert ben.tab.is_visible("text=Markers disagree") and ben.tab.inner_text("#count") == "1 of 28"
        ben.press("h")
        assert ben.tab.inner_text("td.different") == "≠"
        ben.press("n")
        ben.tab.click("article[data-question=noise_floor] .others button")
        assert ben.ticks("noise_floor") == [True, False] and ben.tab.inner_text("#count") == "2 of 28"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "was left out"),
        ('{"kind": "grades"}', "it is no file of marks"),
        ('{"kind": "marks by hand", "set": "2-mnist", "marks": {}}', "it holds marks of 2-mnist"),
        ('{"kind": "marks by hand", "set": "1-the-bound", "marks": {"a": {"bending": {"Ada": {}}}}}', "has no time"),
        ('{"kind": "marks by hand", "set": "1-the-bound", "marks": {"gone.ipynb": {}}}', "not here: gone.ipynb"),
        (
            '{"kind": "marks by hand", "set": "1-the-bound", "marks": {"__proto__": {"bending": {"<img src=x onerror='
            'top.hacked=1>": {"points": [9, "x"], "comment": "<img src=x onerror=top.hacked=1>", "at": "9"}}}}}',
            "not here: __proto__",
        ),
    ],
)
def test_files_that_hold_something_else_change_nothing(browser, page, tmp_path, content, message):
    (tmp_path / "file.json").write_text(content)
    with Desk(browser, page) as desk:
        desk.press("n 1")
        desk.tab.set_input_files("#load", tmp_path / "file.json")
        desk.tab.wait_for_function("m => document.querySelector('#kept').textContent.includes(m)", arg=message)
        assert desk.ticks("noise_floor") == [True, False] and desk.tab.inner_text("#count") == "1 of 28"
        assert desk.tab.evaluate("[window.hacked, {}.bending].every(x => x === undefined)") and not desk.complaints


def test_where_the_browser_can_write_a_file_each_tick_goes_into_it(browser, page):
    picker = """async ({ suggestedName }) => ({ name: suggestedName, createWritable: async () => ({
        write: async (text) => (window.written = text), close: async () => (window.times = (window.times ?? 0) + 1) }) })"""
    with Desk(browser, page, picker=picker) as desk:
        desk.press("n 1 s")
        desk.tab.wait_for_function("() => window.times === 1")
        desk.press("2")
        desk.tab.wait_for_function("() => window.times === 2")
        entry = json.loads(desk.tab.evaluate("window.written"))["marks"]["student-01.ipynb"]["noise_floor"]
        assert [each["points"] for each in entry.values()] == [[1, 1]] and "at each tick" in desk.tab.inner_text(
            "#kept"
        )


def test_a_browser_that_keeps_nothing_says_so_and_still_saves(browser, page, tmp_path):
    with Desk(browser, page) as desk:
        desk.context.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); }")
        desk.tab.reload()
        assert "keeps no marks" in desk.tab.inner_text("#kept.alarm")
        desk.press("n 1")
        assert desk.ticks("noise_floor") == [True, False]
        assert '"points"' in desk.saved(tmp_path, "marks.json").read_text("utf8")


def test_comments_of_before_are_offered_again(browser, page):
    with Desk(browser, page) as desk:
        desk.press("n c")
        desk.tab.keyboard.type("Why does it contract?")
        desk.press("Escape n")
        desk.tab.click("article[data-question=noise_floor] .again button")
        assert desk.tab.input_value("article[data-question=noise_floor] textarea") == "Why does it contract?"


NOT_OURS = """() => {
    const found = [];
    const roots = [document, ...[...document.querySelectorAll('template')].map(t => t.content)];
    for (const root of roots) for (const element of root.querySelectorAll('*')) {
        const own = element.closest('#bar, #keys, head');
        if (/^(script|iframe|object|embed|link|style|form|base|meta|a|svg|button|input|animate)$/i.test(element.tagName)
            && !own && !(root === document && element.closest('#main')) && element.id !== 'data'
            && element !== document.body.lastElementChild) found.push(element.outerHTML.slice(0, 200));
        for (const { name, value } of element.attributes)
            if (/^on/i.test(name) || (/^(src|href|action|srcdoc|xlink:href|background)$/i.test(name) && !/^(#|data:image)/.test(value)))
                found.push(`${element.tagName} ${name}=${value.slice(0, 100)}`);
    }
    return found;
}"""


def test_nothing_of_a_submission_runs_or_is_fetched(browser, page):
    with Desk(browser, page) as desk:
        assert desk.tab.evaluate(NOT_OURS) == []
        desk.press("n n n n")
        assert "onerror" in desk.tab.inner_text("h1"), "the hostile one is shown"
        desk.tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        desk.tab.wait_for_timeout(500)
        main = desk.tab.inner_text("main")
        for text in ("<script>", "javascript:", "onerror=", "http://evil.example/y.png", "table"):
            assert text in main, "it is there to be read"
        assert desk.tab.evaluate(NOT_OURS) == [] and desk.tab.evaluate("window.hacked") is None
        assert desk.tab.evaluate("getComputedStyle(document.body).display") == "block"
        assert desk.tab.evaluate("document.querySelectorAll('#save').length") == 1
        assert all(request.startswith(("file:", "data:image/")) for request in desk.requests)
        assert len({request for request in desk.requests if request.startswith("file:")}) == 1
        assert not desk.complaints, "the policy had nothing to stop"
        desk.press("1 h")
        desk.tab.reload()
        assert desk.tab.inner_text("#count") == "1 of 28", "and it is marked like any other"


def test_the_policy_would_stop_what_the_filter_let_through(browser, page, tmp_path):
    text = page.read_text("utf8")
    leak = f"<script>{HACK}</script><img src=x onerror={HACK}><img src=http://evil.example/a.png><a id=l href='javascript:{HACK}'>l</a>"
    (tmp_path / "leak.html").write_text(text.replace("<main", f"{leak}<main", 1), "utf8")
    with Desk(browser, tmp_path / "leak.html") as desk:
        desk.tab.click("#l")
        desk.tab.wait_for_timeout(300)
        assert desk.tab.evaluate("window.hacked") is None
        stopped = [complaint for complaint in desk.complaints if "Content Security Policy" in complaint]
        assert any("http://evil.example/a.png" in complaint for complaint in stopped) and len(stopped) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_it_can_be_read_by_all_and_nothing_sticks_out(browser, page, size, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    thin = "document.querySelectorAll('mjx-container').forEach(f => { f.replaceChildren('x'); f.style.lineHeight = 'normal'; })"
    with Desk(browser, page, size, scheme) as desk:
        for keys in ("", "n 1 j 0", "n n n"):
            desk.press(keys)
            desk.tab.wait_for_timeout(200)
            assert desk.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
            desk.tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert desk.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
            desk.tab.evaluate(thin)
            violations = axe.run(desk.tab, options={"resultTypes": ["violations"], "preload": False}).response[
                "violations"
            ]
            assert [(v["id"], v["nodes"][0]["target"], v["nodes"][0]["failureSummary"]) for v in violations] == []


def test_formulas_are_drawn_by_letters_in_the_page(browser, page):
    with Desk(browser, page) as desk:
        desk.press("n")
        fonts = (
            "document.fonts.ready.then(() => [...document.fonts].filter(f => f.status === 'loaded').map(f => f.family))"
        )
        assert any("MJX" in family or "MathJax" in family for family in desk.tab.evaluate(fonts))
        assert desk.tab.evaluate("document.querySelector('.model mjx-container').getBoundingClientRect().width") > 5
