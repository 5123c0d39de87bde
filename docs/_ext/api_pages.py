"""The names that the API reference lists, and the pages that are made of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx


FOLDER = Path(__file__).parents[1] / "reference/api"
BLOCK = re.compile(r"\.\. currentmodule:: (\S+)\n(.*?)```", re.S)
ENTRY = re.compile(r"^   (\w+)$", re.M)


def listed() -> dict[str, list[str]]:
    """The names on the pages of the API reference.

    Returns:
        dict of module -> list of str, in the order of the pages.
    """
    names: dict[str, list[str]] = {}
    for page in sorted(FOLDER.glob("*.md")):
        for module, block in BLOCK.findall(page.read_text()):
            names.setdefault(module, []).extend(ENTRY.findall(block))
    return names


def remove_stale() -> None:
    """Remove pages of names that are listed no more: Sphinx would warn of them."""
    wanted = {f"{module}.{name}" for module, of in listed().items() for name in of}
    for path in FOLDER.glob("generated/*.rst"):
        if path.stem not in wanted:
            path.unlink()


def setup(app: Sphinx):
    """Remove them before Sphinx looks for pages."""
    app.connect("config-inited", lambda app, config: remove_stale())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
