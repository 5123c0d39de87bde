import io
import pickle
import sqlite3

import numpy as np
import pytest

pd = pytest.importorskip("pandas")

from lr_finder.data.readers.foreign_formats import binary_format, text_format  # noqa: E402

TABLE = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def parquet():
    pytest.importorskip("pyarrow")
    return TABLE.to_parquet()


def feather():
    pytest.importorskip("pyarrow")
    memory = io.BytesIO()
    TABLE.to_feather(memory)
    return memory.getvalue()


def npy():
    memory = io.BytesIO()
    np.save(memory, np.ones(3))
    return memory.getvalue()


def sqlite():
    with sqlite3.connect(":memory:") as connection:
        TABLE.to_sql("t", connection)
        return connection.serialize()


def tar():
    import tarfile

    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"))
    return memory.getvalue()


def image():
    from PIL import Image

    memory = io.BytesIO()
    Image.new("RGB", (4, 4)).save(memory, "PNG")
    return memory.getvalue()


@pytest.mark.parametrize(
    ("make", "what", "way_out"),
    [
        (parquet, "Parquet", ".parquet"), (feather, "Feather", "read_feather"),
        (npy, "NumPy array", "numpy.savez"), (sqlite, "SQLite", "CSV"),
        (tar, "tar archive", "Unpack"), (image, "image", "one folder per class"),
        (lambda: pickle.dumps(TABLE), "pickle", "read_pickle"),
        (lambda: pickle.dumps([1, 2], protocol=2), "pickle", "read_pickle"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "Excel", "CSV"),
        (lambda: b"%PDF-1.7\n%\xe2\xe3", "PDF", "spreadsheet"),
    ],
)  # fmt: skip
def test_files_that_other_programs_wrote_are_named(make, what, way_out):
    found = binary_format(make())
    assert what in found[0] and way_out in found[1]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (TABLE.to_html(), "HTML"),
        ("\n<!DOCTYPE html>\n<html><body>404</body></html>", "HTML"),
        ('<?xml version="1.0"?><data/>', "XML"),
        ("<data>\n<row a='1'/></data>", "XML"),
        (TABLE.to_json(orient="records"), "JSON (an array)"),
        (TABLE.to_json(orient="values"), "JSON (an array)"),
        (TABLE.to_json(orient="records", indent=1), "JSON (an array)"),
        (TABLE.to_json(indent=2), "JSON (an object)"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
        ("% about\n@RELATION iris\n@ATTRIBUTE a NUMERIC\n@DATA\n1\n", "ARFF"),
        ("CREATE TABLE t (a INT);\n", "SQL"),
        ("INSERT INTO `t` VALUES (1),(2);\n", "SQL"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |\n", "Markdown"),
        ("1 1:0.5 2:0.1 7:1\n-1 2:0.3 3:1 4:1\n", "libsvm"),
        ("{\\rtf1 a,b}", "RTF"),
    ],
)
def test_texts_that_are_no_tables_are_named(text, what):
    assert what in text_format(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n", "[x],[y]\n1,2\n", "ORC,PAR1\n1,2\n", "<5,>6\n1,2\n", "a|b\n1|2\n",
        "{1},{2}\n3,4\n", "insert,into\n1,2\n", "1 2\n3 4\n", "time 12:30:15\n1 2\n",
        TABLE.to_json(orient="records", lines=True), "%a,b\n1,2\n", "<a,b\n1,2\n",
        "create table,2\n1,3\n", "html,b\n1,2\n", '"{",b\n1,2\n', "--,b\n1,2\n",
        "a|b\n--|1\n",
    ],
)  # fmt: skip
def test_tables_are_none_of_these(text):
    assert text_format(text) is None
    assert binary_format(text.encode()) is None


@pytest.mark.parametrize("mark", [b"PAR1", b"ORC", b"RDX", b"GIF8", b"$FL2", b"FEA1"])
def test_a_header_that_begins_as_a_mark_is_a_header(mark):
    assert binary_format(mark + b",b\n1,2\n") is None
