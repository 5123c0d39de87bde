"""Files in a report: whole, the same bytes, and never more than there is room for."""

import gzip
import io
import json

import numpy as np
import pandas as pd

from lr_finder.reports.kinds.raw_data import LARGEST, ROOM, raw_data


def frame(rows, seed=0):
    return pd.DataFrame({"x": np.random.default_rng(seed).normal(size=rows)})


def test_a_large_file_is_compressed_and_keeps_every_digit():
    files = raw_data({}, [("x.csv", "numbers", frame(5_000))]).blocks[1].files
    small, large = files
    assert small.name == "report.json" and json.loads(small.content) == {}
    assert large.name == "x.csv.gz" and len(large.content) < 5_000 * 20
    text = gzip.decompress(large.content)
    assert len(text) > LARGEST
    read = pd.read_csv(io.BytesIO(text), engine="python")
    pd.testing.assert_frame_equal(read, frame(5_000), check_exact=True)
    again = raw_data({}, [("x.csv", "numbers", frame(5_000))]).blocks[1].files[1]
    assert again == large


def test_what_has_no_room_is_named_and_left_out():
    tables = [("a.csv", "", frame(20_000)), ("b.csv", "", frame(20_000, 1)),
              ("c.csv", "", frame(9))]  # fmt: skip
    section = raw_data({}, tables)
    text, downloads = section.blocks[0].parts[0], section.blocks[1]
    assert downloads.left_out == ("b.csv",) and "'b.csv'" in text
    names = [file.name for file in downloads.files]
    assert names == ["report.json", "a.csv.gz", "c.csv"]
    assert sum(len(file.content) for file in downloads.files) <= ROOM


def test_an_empty_table_is_no_file():
    downloads = raw_data({}, [("x.csv", "numbers", frame(0))]).blocks[1]
    assert len(downloads.files) == 1
