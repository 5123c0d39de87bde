import gzip

import pytest

from lr_finder.data.readers.text_files import read_text
from lr_finder.errors import InputError


def test_compression_and_encoding_are_undone_together(tmp_path):
    path = tmp_path / "table.csv"  # whatever its name
    path.write_bytes(gzip.compress("größe,b\n".encode("utf-16"), mtime=0))
    assert read_text(path) == ("größe,b\n", ())
    path.write_bytes(gzip.compress("größe,b\n".encode("cp1252"), mtime=0))
    assert read_text(path) == (
        "größe,b\n", ("encoding: cp1252, as it is not UTF-8",)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html><body>", "Received: an HTML page. Save the table"),
        (b'[{"a": 1}, {"a": 2}]', r"Received: JSON \(an array\). Write one object in"),
        (b"PAR1\x15\x04", r"a Parquet file\. .*if its name ends in \.parquet"),
        (b"PAR1\x15\x04", r"by pandas\.read_parquet and save it by to_csv"),
        (gzip.compress(b"SQLite format 3\0" + bytes(9), mtime=0), "an SQLite database"),
        (gzip.compress(b" \n", mtime=0), "an empty file"),
    ],
)
def test_other_formats_are_refused_by_name(tmp_path, content, message):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_text(path)
    assert "table.csv" in str(caught.value) and "\n" not in str(caught.value)
