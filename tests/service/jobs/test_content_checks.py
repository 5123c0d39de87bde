"""Limits on what is inside a file, found before it is loaded."""

import io

import numpy as np
import pandas as pd
import pytest

from lr_finder.errors import InputError
from lr_finder.service.jobs.content_checks import checked_source
from lr_finder.service.service_settings import Limits

from .test_uploads import picture, zipped

LIMITS = Limits(rows=100, unpacked=2**20, pixels=200)


def check(tmp_path, name, content, limits=LIMITS):
    (tmp_path / name).write_bytes(content)
    return checked_source(tmp_path, tmp_path / "work", limits)


def parquet(frame):
    pytest.importorskip("pyarrow")
    file = io.BytesIO()
    frame.to_parquet(file)
    return file.getvalue()


def test_rows_of_a_table_are_counted(tmp_path):
    import gzip

    for n, is_fine in ((100, True), (101, False)):
        for content in (b"1,2\n" * n, b"1,2\r" * n, gzip.compress(b"1,2\n" * n)):
            if is_fine:
                assert check(tmp_path, "data.csv", content) == tmp_path / "data.csv"
            else:
                with pytest.raises(InputError, match="at most 100 rows"):
                    check(tmp_path, "data.csv", content)


def test_parquet_is_measured_by_its_footer(tmp_path):
    small = parquet(pd.DataFrame({"a": range(100)}))
    assert check(tmp_path, "data.parquet", small).name == "data.parquet"
    with pytest.raises(InputError, match="at most 100 rows"):
        check(tmp_path, "data.parquet", parquet(pd.DataFrame({"a": range(101)})))
    bomb = parquet(pd.DataFrame({"a": np.zeros(3_000_000)}))
    assert len(bomb) < 100_000
    with pytest.raises(InputError, match=r"3,000,000 rows of 1 columns, 22 MiB"):
        check(tmp_path, "data.parquet", bomb, Limits(unpacked=2**20, rows=10**9))


def test_a_damaged_footer_is_refused(tmp_path):
    whole = parquet(pd.DataFrame({"a": range(9)}))
    rng = np.random.default_rng(0)
    for _ in range(100):
        changed = bytearray(whole)
        for place in rng.integers(len(whole) - 400, len(whole), 2):
            changed[place] = rng.integers(256)
        try:
            check(tmp_path, "data.parquet", bytes(changed))
        except InputError:
            pass
    with pytest.raises(InputError, match="readable Parquet"):
        check(tmp_path, "data.parquet", b"PAR1PAR1")


def test_pixels_are_counted(tmp_path):
    three = zipped([(f"{c}/{i}.png", picture()) for i, c in enumerate("aab")])
    assert check(tmp_path, "images.zip", three) == tmp_path / "work/images"
    four = zipped([(f"{c}/{i}.png", picture()) for i, c in enumerate("aabb")])
    with pytest.raises(InputError, match="at most 200 pixels"):
        checked_source_in(tmp_path, four)


def checked_source_in(tmp_path, content):
    (tmp_path / "images.zip").write_bytes(content)
    return checked_source(tmp_path, tmp_path / "other", LIMITS)
