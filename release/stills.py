"""Draws the still pictures of the explorables, for paper and readers without JavaScript: ``python release/stills.py``.

They are what the explorables show in the state named here, from the same scripts (tests/pages/test_explorables.py).
``python release/stills.py overview`` draws the picture of the README and of the PDF's title page, the first figure of
the built front page (tests/pages/test_pictures.py).
"""

from __future__ import annotations

import re
import shutil
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "book" / "_static"
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from browser import chromium, pictures  # noqa: E402
from explorables import EXPLORABLES, markup  # noqa: E402

STATES = {"training": "eta=0.04&second=0.08&run=9860,1620"}  # of the others, that in which they open
STYLE = "body { margin: 0; width: 760px; background: #fffefb; font: 17px/1.6 'Source Serif 4', serif }"


def still(browser: Browser, name: str, data: str = "") -> Image.Image:
    """The panels of an explorable, as they are drawn in its state."""
    with TemporaryDirectory() as folder:
        shutil.copytree(STATIC, Path(folder, "_static"))
        page = Path(folder, "book", "page.html")
        page.parent.mkdir()
        body = markup(name, "A still picture.", STATES.get(name, ""), data)
        sheet = '<link rel="stylesheet" href="../_static/theme.css">'
        head = f'<meta charset="utf-8"><title>t</title>{sheet}<style>{STYLE}</style>'
        page.write_text(f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>', "utf8")
        tab = browser.new_page(viewport={"width": 760, "height": 1400}, device_scale_factor=2, reduced_motion="reduce")
        tab.goto(page.as_uri())
        tab.wait_for_timeout(500)
        picture = Image.open(BytesIO(tab.locator(".explorable .panels").screenshot()))
        tab.close()
    return picture.convert("RGB")


def overview(browser: Browser, html: Path) -> Image.Image:
    """The first figure of the built front page, on white."""
    (name,) = re.findall(r"_images/\w+\.svg", (html / "book" / "index.html").read_text("utf8"))[:1]
    (picture,) = pictures(browser, [(html / name).read_text("utf8")])
    return Image.open(BytesIO(picture)).convert("RGB")


def main(names: list[str]) -> None:
    from explorables import data

    (STATIC / "stills").mkdir(exist_ok=True)
    with chromium() as browser:
        for name in names or EXPLORABLES:
            if name == "overview":
                drawn, path = overview(browser, ROOT / "_build" / "html"), STATIC / "overview.png"
            else:
                drawn, path = still(browser, name, data(name, ROOT)), STATIC / "stills" / f"{name}.png"
            small = drawn.quantize(32, dither=Image.Dither.NONE)
            small.save(path, optimize=True)
            print(f"{path.name}  {path.stat().st_size} bytes  {small.size}")


if __name__ == "__main__":
    main(sys.argv[1:])
