"""Corrupted files of every kind: an honest answer, or one line that says why not.

`benchmarks/fuzz_sources.py` is the same with 1,000 files of each kind.
"""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
KINDS = (
    "csv", "gzip", "bzip2", "xz", "zip", "jsonl", "blanks", "utf16", "western",
    "styled", "parquet", "npz", "images", "text", "series", "cifar10", "curve", "sweep",
)  # fmt: skip
ONLY_READ = KINDS[1:10]  # what follows is as for "csv"


@pytest.fixture(scope="module")
def fuzz():
    sys.path.insert(0, str(BENCHMARKS))
    import fuzz_sources

    yield fuzz_sources
    sys.path.remove(str(BENCHMARKS))


def test_every_kind_is_tried(fuzz):
    assert tuple(fuzz.KINDS) == KINDS


@pytest.mark.parametrize("kind", ONLY_READ)
def test_valid_files_are_read_and_corrupted_ones_too_or_refused(
    fuzz, kind, monkeypatch
):
    code, how, fault = fuzz.read_variant(kind, seed=0)
    assert fault is None, f"{how}: {fault}"
    monkeypatch.setattr(fuzz, "corrupt", lambda folder, rng: "not at all")
    assert fuzz.read_variant(kind, seed=0) == (0, "not at all", None)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ONLY_READ])
@pytest.mark.few(1)
def test_valid_files_get_an_answer(fuzz, kind, monkeypatch):
    monkeypatch.setattr(fuzz, "corrupt", lambda folder, rng: "not at all")
    code, _, fault = fuzz.try_variant(kind, seed=0)
    assert fault is None
    assert code in (0, 1)  # 1: read and swept, but ten steps showed no descent
    if kind in ("curve", "sweep"):
        assert code == 0


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ONLY_READ])
@pytest.mark.few(2)
def test_corrupted_files_get_an_honest_answer_or_one_line(fuzz, kind):
    for seed in range(8):
        _, how, fault = fuzz.try_variant(kind, seed)
        assert fault is None, f"seed {seed} ({how}): {fault}"
