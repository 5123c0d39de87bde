"""The page: modules, style, colours and data put into one HTML file."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from lr_finder._files import write_atomically
from lr_finder._version import __version__
from lr_finder.playground.bundler import bundle
from lr_finder.playground.colors import style_rules
from lr_finder.playground.readings import check_number, own_case, recorded_cases
from lr_finder.results.sweep import SweepResult

FOLDER = Path(__file__).parent
MODULES = FOLDER / "modules"
POLICY = "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; \
base-uri 'none'; form-action 'none'"


def build_page(
    sweeps: Mapping[str, SweepResult] | None = None, *, docs: str | None = None
) -> str:
    """The whole page.

    It loads nothing: its policy allows the one script and the one style sheet in it, by
    their hashes, and no request.

    Args:
        sweeps: mapping of name -> SweepResult, a person's own to be read in panel 9;
            at most 20.
        docs: str, where the documentation lies, seen from the page (`"."`); None shows
            its pages' names without links.

    Returns:
        str, HTML; the same for the same arguments.

    Raises:
        InputError: If there are too many sweeps.

    Example:
    >>> page = build_page()
    >>> page[:15], page.count("<script")
    ('<!DOCTYPE html>', 2)
    """
    sweeps = sweeps or {}
    check_number(len(sweeps))
    data = {
        "cases": recorded_cases(),
        "own": [own_case(name, result) for name, result in sweeps.items()],
        "docs": docs,
    }
    script = bundle(MODULES / "main.js")
    style = style_rules() + (FOLDER / "template/page.css").read_text("utf-8")
    return Template((FOLDER / "template/page.html").read_text("utf-8")).substitute(
        policy=POLICY.format(_hash(style), _hash(script)),
        version=__version__,
        style=style,
        script=script,
        data=_as_json(data),
    )


def _as_json(data: Any) -> str:
    """JSON in which no text of a person can end the element that holds it."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


def write_page(
    path: str | Path,
    sweeps: Mapping[str, SweepResult] | None = None,
    *,
    docs: str | None = None,
) -> Path:
    """Write the page, whole or not at all.

    Args:
        path: str or Path, the file.
        sweeps: as of `build_page`.
        docs: as of `build_page`.

    Returns:
        Path, the file written.

    Raises:
        OSError: If the folder cannot be written.
        InputError: If there are too many sweeps.
    """
    page = build_page(sweeps, docs=docs).encode()
    write_atomically(path, lambda file: file.write(page))
    return Path(path)
