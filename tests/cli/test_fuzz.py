"""Corrupted files of every kind: an honest answer, or one line that says why not.

`benchmarks/fuzz_sources.py` is the same with 1,000 files of each kind.
"""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
KINDS = (
    "csv", "parquet", "npz", "images", "text", "series", "cifar10", "curve", "sweep",
)  # fmt: skip


@pytest.fixture(scope="module")
def fuzz():
    sys.path.insert(0, str(BENCHMARKS))
    import fuzz_sources

    yield fuzz_sources
    sys.path.remove(str(BENCHMARKS))


def test_every_kind_is_tried(fuzz):
    assert tuple(fuzz.KINDS) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_valid_files_get_an_answer(fuzz, kind, monkeypatch):
    monkeypatch.setattr(fuzz, "corrupt", lambda folder, rng: "not at all")
    code, _, fault = fuzz.try_variant(kind, seed=0)
    assert fault is None
    assert code in (0, 1)  # 1: read and swept, but ten steps showed no descent
    if kind in ("curve", "sweep"):
        assert code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_corrupted_files_get_an_honest_answer_or_one_line(fuzz, kind):
    for seed in range(8):
        _, how, fault = fuzz.try_variant(kind, seed)
        assert fault is None, f"seed {seed} ({how}): {fault}"
