"""Documents that live elsewhere in the repository, brought in as pages.

They are copied before each build, with their links turned to the pages here. A link
to what is no page (a script, a folder of data) becomes the plain path: the pages may
lie on a disk without the repository.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx


ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# Document -> page.
DOCUMENTS = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "benchmarks/README.md": "project/benchmarks.md",
    "benchmarks/suggestion_quality/RESULTS.md": "reference/benchmark_results.md",
} | {
    f"notebooks/{path.name}": f"course/{path.name}"
    for path in sorted(ROOT.glob("notebooks/*.ipynb"))
}
PAGES = DOCUMENTS | {"README.md": "index.md"}
LINK = re.compile(r"(!?)\[([^\[\]]*)\]\(([^)\s]+)\)")


def turn_links(text: str, document: str, page: str) -> str:
    r"""The links of a document as they are to be in its page.

    Args:
        text: str, Markdown.
        document: str, its path in the repository.
        page: str, the path of its page in docs.

    Returns:
        str.

    Example:
    >>> at = ("CHANGELOG.md", "project/changelog.md")
    >>> turn_links("See [it](CONTRIBUTING.md) and [this](setup.cfg).", *at)
    'See [it](contributing.md) and this (`setup.cfg`).'
    >>> turn_links("![A picture](benchmarks/a.png)", *at)
    '![A picture](../../benchmarks/a.png)'
    """

    def turned(match: re.Match[str]) -> str:
        is_image, shown, target = match.groups()
        if re.match(r"[a-z]+:|#", target):
            return match.group()
        path, mark, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(document), path))
        start = posixpath.dirname(page)
        if is_image:
            return f"![{shown}]({posixpath.relpath(f'../{path}', start)})"
        if path in PAGES:
            return f"[{shown}]({posixpath.relpath(PAGES[path], start)}{mark}{anchor})"
        plain = shown.strip("`")
        return f"`{path}`" if plain in (target, path) else f"{shown} (`{path}`)"

    return LINK.sub(turned, text)


def page_of(document: str) -> str:
    """The text of the page that a document becomes.

    Args:
        document: str, a key of `DOCUMENTS`.

    Returns:
        str, Markdown; of a notebook, JSON with the outputs that are stored in it.
    """
    page, text = DOCUMENTS[document], (ROOT / document).read_text()
    if not document.endswith(".ipynb"):
        return turn_links(text, document, page)
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            lines = turn_links("".join(cell["source"]), document, page)
            cell["source"] = lines.splitlines(keepends=True)
    return json.dumps(notebook, ensure_ascii=False, indent=1)


def bring() -> None:
    """Write the pages; one that is as it should be is not touched."""
    for document, page in DOCUMENTS.items():
        text = page_of(document)
        path = DOCS / page
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    _remove_old_notebooks()


def _remove_old_notebooks() -> None:
    """Pages of notebooks that are gone, which would be built on and on."""
    for path in DOCS.glob("course/*.ipynb"):
        if f"course/{path.name}" not in DOCUMENTS.values():
            os.remove(path)


def setup(app: Sphinx):
    """Bring the documents before Sphinx looks for pages."""
    app.connect("config-inited", lambda app, config: bring())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
