"""A page that would load something from another host is a warning, so an error.

Links that a reader clicks are no such thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx


HOST = r"(?:https?:)?//[^\s\"')>]+"
IN_HTML = re.compile(
    rf"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\ssrc=[\"']?({HOST})"
    rf"|<link\b(?![^>]*rel=[\"']?(?:canonical|author))[^>]*\shref=[\"']?({HOST})"
)
IN_CSS = re.compile(rf"url\([\"']?({HOST})|@import\s+[\"']({HOST})")


def external(folder: Path) -> Iterator[tuple[str, str]]:
    """What pages and styles would load from elsewhere.

    Args:
        folder: Path, of the pages built.

    Yields:
        (path, address): str, relative to the folder; where, and what.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     page = Path(name, "a.html")
    ...     _ = page.write_text('<a href="https://a.b"><img alt="" src="//c.d/e.png">')
    ...     list(external(Path(name)))
    [('a.html', '//c.d/e.png')]
    """
    for path in sorted(folder.rglob("*")):
        pattern = {".html": IN_HTML, ".css": IN_CSS}.get(path.suffix)
        if pattern is not None:
            for found in pattern.findall(path.read_text()):
                yield str(path.relative_to(folder)), "".join(found)


def _check(app: Sphinx, error: Exception | None) -> None:
    from sphinx.util import logging

    logger = logging.getLogger(__name__)
    if error is None and app.builder.format == "html":
        for path, address in external(Path(app.outdir)):
            logger.warning("%s loads %s from another host", path, address)


def setup(app: Sphinx):
    """Look through the pages when they are built."""
    app.connect("build-finished", _check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
