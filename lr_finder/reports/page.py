"""A summary and its pictures become one HTML page that needs nothing beside itself."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lr_finder._version import __version__
from lr_finder.reports.document import plain

if TYPE_CHECKING:
    import jinja2

    from lr_finder.reports.document import Attached, Summary
    from lr_finder.reports.pictures import Drawn

GZIP, CSV, JSON = "application/gzip", "text/csv", "application/json"
MEDIA_TYPES = {".gz": GZIP, ".csv": CSV, ".json": JSON}
FONT_PIXELS = 96  # to an inch


def page(summary: Summary, drawn: Mapping[str, Drawn]) -> str:
    """The HTML of a report.

    It has no script, asks for nothing, and says so to the browser: its policy allows
    the one style sheet in it, by its hash, and images from data: addresses.

    Args:
        summary: Summary.
        drawn: mapping of name -> Drawn.

    Returns:
        str, the same for the same arguments.

    Example:
    >>> from lr_finder.reports.document import Summary
    >>> text = page(Summary("sweep", "a <b>", ("An answer.",), (), {}), {})
    >>> "<h1>a &lt;b&gt;</h1>" in text, "<script" in text
    (True, False)
    """
    environment = _environment()
    style = environment.get_template("report.css").render()
    return environment.get_template(f"{summary.kind}.html").render(
        summary=summary,
        drawn=drawn,
        style=style,
        style_hash=_hash(style),
        version=__version__,
    )


@functools.cache
def _environment() -> jinja2.Environment:
    """The templates, which escape all that comes from outside."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lr_finder.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"data_uri": _data_uri, "plain": plain, "size": _size}
    environment.tests["number"] = _is_number
    return environment


def _hash(text: str) -> str:
    """What a policy calls a style sheet by."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _data_uri(file: Drawn | Attached) -> str:
    """A file as an address that holds it."""
    media_type: str | None = getattr(file, "media_type", None)
    if media_type is None:
        name = file.name  # type: ignore[union-attr]
        media_type = MEDIA_TYPES[name[name.rindex(".") :]]
    content = base64.b64encode(file.content).decode("ascii")
    return f"data:{media_type};base64,{content}"


def _size(content: bytes) -> str:
    """How large a file is, as a person reads it."""
    return f"{max(1, round(len(content) / 1000)):,} kB"


def _is_number(piece: Any) -> bool:
    """Whether a piece of text is a Number."""
    return not isinstance(piece, str)
