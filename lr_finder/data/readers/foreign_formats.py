"""Files that are no delimited text: told by their first bytes, with the way out."""

from __future__ import annotations

import json
import re

EXPORT = "Export the table as CSV."
EXCEL = "Open it in Excel and save the sheet as CSV (UTF-8)."
UNPACK = "Unpack it first."
IMAGES = "Images are in one folder per class."
IN_R = "In R, write.csv(x, 'x.csv', row.names = FALSE) saves it as CSV."


def _as_csv(reader: str) -> str:
    return f"Read it in Python by {reader} and save it by to_csv(…, index=False)."


# Other commands read text alone.
PARQUET = "`lr_finder find` reads it if its name ends in .parquet. "
BINARY = (  # (offset, first bytes, what the file is, what to do about it)
    (0, b"PAR1", "a Parquet file", PARQUET + _as_csv("pandas.read_parquet")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (.xls)", EXCEL),
    (0, b"SQLite format 3\0", "an SQLite database", EXPORT),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file", _as_csv("pandas.read_hdf")),
    (0, b"ARROW1", "an Arrow (Feather) file", _as_csv("pandas.read_feather")),
    (0, b"FEA1", "a Feather file", _as_csv("pandas.read_feather")),
    (0, b"ORC", "an ORC file", _as_csv("pandas.read_orc")),
    (0, b"Obj\x01", "an Avro file", EXPORT),
    (0, b"\x93NUMPY", "a NumPy array (.npy)", "Save arrays x and y by numpy.savez."),
    (0, b"MATLAB 5.0", "a MATLAB file", EXPORT),
    (0, b"$FL2", "an SPSS file", _as_csv("pandas.read_spss")),
    (0, b"<stata_dta>", "a Stata file", _as_csv("pandas.read_stata")),
    (0, b"RDX", "an R data file", IN_R),
    (0, b"X\n\0\0", "an R data file", IN_R),
    (0, b"%PDF-", "a PDF", "Copy the table into a spreadsheet and export it as CSV."),
    (0, b"\x89PNG\r\n", "an image", IMAGES),
    (0, b"\xff\xd8\xff", "an image", IMAGES),
    (0, b"GIF8", "an image", IMAGES),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (0, b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "compressed by zstd", UNPACK),
    (257, b"ustar", "a tar archive", UNPACK),
)  # fmt: skip
CONTROLS = re.compile(rb"[\0-\x08\x0e-\x1f]")  # bytes that no text of 8 bits holds
PRINTABLE = re.compile(rb"\$?[\w. ]+")  # a mark that may begin a text as well
PICKLE = re.compile(rb"\x80[\x02-\x05].*\.\Z", re.DOTALL)
TEXTS = (  # (pattern of the first characters, what the file is, what to do about it)
    (r"(?i)<!doctype html|<html|<head|<body|<table|<div", "an HTML page",
     "Save the table itself: a download that needs a login gives a page, too."),
    (r"<\?xml|<[a-zA-Z][\w:.-]*(\s[^<>]*)?>\s*<", "XML", 
     _as_csv("pandas.read_xml")),
    (r"\{\\rtf", "a document (RTF)", "Save the table as CSV."),
    (r"version https://git-lfs", "the pointer of a file kept by Git LFS",
     "Fetch the file itself: git lfs pull."),
    (r"(?i)(%[^\n]*\n\s*)*@relation\b", "an ARFF file",
     "Read it by scipy.io.arff.loadarff and save it as CSV."),
    (r"(?i)(--[^\n]*\n\s*)*(create table|insert into)\s+\S+\s*(\(|values)",
     "SQL", EXPORT),
    (r"(\|?[^\n]*\|[^\n]*\n)\|?\s*:?-{2,}:?\s*(\|\s*:?-+:?\s*)+\|?\s*(\n|$)",
     "a Markdown table", "Save it as CSV."),
    (r"[-+]?[\d.]+(\s+\d+:[-+\d.eE]+){2,}\s*\n", "a file of libsvm",
     "Read it by sklearn.datasets.load_svmlight_file; numpy.savez saves the arrays."),
)  # fmt: skip
START = 4_096  # characters that tell what a text is
JSON_START = re.compile(r"\{\s*(\"|\}|$)|\[\s*([\[{\"\]]|$)")


def binary_format(content: bytes) -> tuple[str, str] | None:
    r"""What a file is that is no text, and the way out.

    Args:
        content: bytes, the whole file.

    Returns:
        `(what, way out)`, or None if no format is recognised.

    Example:
    >>> binary_format(b"SQLite format 3\0" + bytes(84))
    ('an SQLite database', 'Export the table as CSV.')
    """
    is_binary = CONTROLS.search(content, 0, START) is not None
    for offset, mark, what, way_out in BINARY:
        is_told = is_binary or not PRINTABLE.fullmatch(
            mark
        )  # a header may start with ORC
        if is_told and content.startswith(mark, offset):
            return what, way_out
    if PICKLE.match(content):
        return "a Python pickle", _as_csv("pandas.read_pickle")
    return None


def text_format(text: str) -> tuple[str, str] | None:
    """What a text is that is no table, and the way out; JSON Lines are none of these.

    Args:
        text: str, the whole file.

    Returns:
        `(what, way out)`, or None if no format is recognised.

    Example:
    >>> text_format("<html><body>")[0], text_format("a,b")
    ('an HTML page', None)
    """
    start = text[:START].lstrip()
    for pattern, what, way_out in TEXTS:
        if re.match(pattern, start):
            return what, way_out
    if JSON_START.match(start):
        return _json_format(text)
    return None


def _json_format(text: str) -> tuple[str, str] | None:
    """What JSON holds that is not one object a line."""
    try:
        if isinstance(json.loads(text.lstrip().partition("\n")[0]), dict):
            return None  # JSON Lines
    except (ValueError, RecursionError):
        pass
    what = "an array" if text.lstrip().startswith("[") else "an object"
    return (
        f"JSON ({what})",
        "Write one object in a line (JSON Lines): in Python, "
        "pandas.read_json(…).to_json(…, orient='records', lines=True).",
    )
