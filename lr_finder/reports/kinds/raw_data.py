"""The files that lie in a report: raw data as CSV, what was found as JSON."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lr_finder._text import listed
from lr_finder.reports.document import Attached, Downloads, Paragraph, Section, section

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 60_000  # bytes of a file that is not compressed
ROOM = 280_000  # bytes of all files together: in base64 a third more
SAVED = "The tables are whole and every digit is kept."


def raw_data(
    told: Mapping[str, Any], tables: Sequence[tuple[str, str, pd.DataFrame]]
) -> Section:
    """What was found as JSON, and the measured numbers as CSV.

    Args:
        told: mapping of JSON values.
        tables: sequence of `(name, about, frame)`, the most telling first: a table for
            which no room is left is named and left out.

    Returns:
        Section.

    Example:
    >>> found = raw_data({"lr": 0.1}, [])
    >>> [file.name for file in found.blocks[1].files]
    ['report.json']
    """
    document = json.dumps(told, indent=2, default=str) + "\n"
    files = [_packed("report.json", "all that this report says", document.encode())]
    left_out = []
    for name, about, frame in tables:
        if not len(frame):
            continue
        text = frame.to_csv(index=False, lineterminator="\n")
        file = _packed(name, f"{about}, {len(frame):,} rows", text.encode())
        if sum(len(each.content) for each in files) + len(file.content) > ROOM:
            left_out.append(name)
        else:
            files.append(file)
    says = SAVED
    if left_out:
        says = (
            f"Too large for this file and left out: {listed(left_out)}. The folder of "
            "the run has them, or save the result."
        )
    return section(
        "data", "Raw data", Paragraph((says,)), Downloads(tuple(files), tuple(left_out))
    )


def _packed(name: str, about: str, content: bytes) -> Attached:
    """A file, compressed if it is large; the same bytes each time."""
    if len(content) > LARGEST:
        name, content = f"{name}.gz", gzip.compress(content, mtime=0)
    return Attached(name, about, content)
