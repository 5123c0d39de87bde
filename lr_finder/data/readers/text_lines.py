"""Texts in lines of `label TAB text`, in which quotation marks are plain text."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from lr_finder.data.cells.columns import could_be_classes, is_number, is_running_text
from lr_finder.data.readers.text_files import read_text
from lr_finder.errors import InputError

PAIR_SHARE = 0.95  # of lines with one tab: the others have one in their text
LINE_END = re.compile("\r\n|\r|\n")  # str.splitlines takes marks within a text too
MAX_LABELS = 100
MAX_HEADER_WORDS = 2  # of the cell above the texts: longer, it is a text itself


def read_labelled_lines(
    path: str | Path, text: str | None = None
) -> pd.DataFrame | None:
    r"""Read lines of `label TAB text` (or `text TAB label`) as two columns.

    The first line is a header when its label never comes again and its text is of
    two words at most.

    Args:
        path: str or Path, a UTF-8 file.
        text: str or None, what the file holds, if it is read already.

    Returns:
        DataFrame of text, columns "label" and "text" or as the header names them, in
        the order of the file; None if the lines have another form.

    Raises:
        InputError: If the file is not UTF-8 text, or a single line has no tab.

    Example:
    >>> import pathlib, tempfile
    >>> lines = ["ham\tsee you at ten", 'ham\t"so" it goes', "spam\tbuy all of it now"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "messages")
    ...     _ = path.write_text("\n".join(lines))
    ...     read_labelled_lines(path)["text"].tolist()
    ['see you at ten', '"so" it goes', 'buy all of it now']
    """
    every = LINE_END.split(read_text(Path(path))[0] if text is None else text)
    lines = [(number, line) for number, line in enumerate(every, 1) if line.strip()]
    pairs = sum(line.count("\t") == 1 for _, line in lines)
    if pairs < PAIR_SHARE * len(lines):
        return None
    for number, line in lines:
        if "\t" not in line:
            raise InputError(
                f"File {path} must have a label, a tab and a text in every line. "
                f"Received: line {number} without a tab. Mend that line."
            )
    for label_first in (True, False):
        table = _in_columns([line for _, line in lines], label_first)
        if _is_labelled(table):
            return _with_header(table)
        _check_labels(path, table)
    return None


def _in_columns(lines: list[str], label_first: bool) -> pd.DataFrame:
    """Split at the first tab, or at the last where the label comes last."""
    split = str.split if label_first else str.rsplit
    names = ["label", "text"] if label_first else ["text", "label"]
    rows = [[cell.strip() for cell in split(line, "\t", 1)] for line in lines]
    return pd.DataFrame(rows, columns=names, dtype="str")


def _is_labelled(table: pd.DataFrame) -> bool:
    body = table.iloc[1:] if len(table) > 1 else table  # the first may be a header
    labels, texts = body["label"], body["text"]
    if labels.nunique() > MAX_LABELS or not is_running_text(texts.where(texts != "")):
        return False
    return len(labels) <= 3 or could_be_classes(labels, MAX_LABELS)


def _check_labels(path: str | Path, table: pd.DataFrame) -> None:
    """Refuse texts that all have one label, under a header or not."""
    first, body = table.iloc[0], table.iloc[1:]
    is_header = len(first["text"].split()) <= MAX_HEADER_WORDS
    labels = (body if is_header else table)["label"]
    if len(body) < 2 or labels.nunique() != 1 or not is_running_text(body["text"]):
        return
    raise InputError(
        f"File {path} must hold at least two labels. Received: only "
        f"{labels.iloc[0]!r}. Add texts of another label."
    )


def _with_header(table: pd.DataFrame) -> pd.DataFrame:
    first, body = table.iloc[0], table.iloc[1:].reset_index(drop=True)
    is_header = (
        (body["label"] != first["label"]).all()
        and len(first["text"].split()) <= MAX_HEADER_WORDS
        and first["label"] != ""
        and not (is_number(body["label"]) and is_number(first[["label"]]))
    )
    if not is_header:
        return table
    names = list(first) if first.nunique() == 2 and first["text"] else list(table)
    return body.set_axis(names, axis=1)
