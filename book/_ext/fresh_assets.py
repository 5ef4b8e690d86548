"""Every asset has a digest of its content in its address: who was here before sees what a deployment has changed.

Sphinx does so for what is there before the build.  Much of this book's is written by it, or cut down to what the pages
use (formulas, icons, fonts, the search), so the addresses are set when all files are as they will be.  What scripts ask
for later (previews, the table of notation) carries one digest for all, in the attribute ``data-later`` of the page.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from posixpath import normpath

from sphinx.application import Sphinx

ASKED = re.compile(r'(\b(?:href|src)=")((?:\.\./)*)(_static/[^"?#]+\.(?:css|js)|searchindex\.js)(?:\?[^"#]*)?"')
PRELOADED = re.compile(r'"((?:fonts|mathematics)/[\w-]+\.woff2?)(?:\?[^"]*)?"')
FONT = re.compile(r'(url\(\s*["\']?)([^"\')?#]+\.woff2?)(?:\?[^"\')]*)?')


def digest(*paths: Path) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.read_bytes())
    return whole.hexdigest()[:8]


def rewrite(path: Path, text: str, changed: str) -> None:
    if changed != text:
        path.write_text(changed, "utf8")


def set_addresses(app: Sphinx, exception: Exception | None) -> None:
    """Put the digests into the style sheets, then into the pages."""
    out = Path(app.outdir)
    static = out / "_static"
    if exception or app.builder.format != "html" or not static.is_dir():
        return

    @cache
    def mark(name: str) -> str:
        return f"?v={digest(out / name)}" if (out / name).is_file() else ""

    for sheet in static.rglob("*.css"):
        folder, text = sheet.parent.relative_to(out).as_posix(), sheet.read_text("utf8")

        def font(found: re.Match, folder: str = folder) -> str:
            return f"{found[1]}{found[2]}{mark(normpath(f'{folder}/{found[2]}'))}"

        rewrite(sheet, text, FONT.sub(font, text))
    later = digest(*sorted(static.glob("previews/**/*.js")), *static.glob("notation.js"))
    for page in [*out.glob("*.html"), *out.glob("book/*.html")]:
        text = page.read_text("utf8")
        changed = ASKED.sub(lambda found: f'{found[1]}{found[2]}{found[3]}{mark(found[3])}"', text)
        changed = PRELOADED.sub(lambda found: f'"{found[1]}{mark(f"_static/{found[1]}")}"', changed)
        changed = re.sub(r'(<html\b[^>]*?)(?: data-later="\w*")?>', rf'\1 data-later="{later}">', changed, count=1)
        rewrite(page, text, changed)


def setup(app: Sphinx) -> dict:
    app.connect("build-finished", set_addresses, priority=990)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
