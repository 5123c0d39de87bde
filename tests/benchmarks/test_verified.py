"""The table of real verifications: what it holds, and the report with and without."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.suggestion_quality import report, verified
from benchmarks.suggestion_quality.replays import summarize
from benchmarks.suggestion_quality.tasks import TASKS
from benchmarks.suggestion_quality.truth import load_truth

CASES = [("digits_linear", "adam"), ("digits_linear", "sgd")]


def run(task, optimizer, seed):
    """A row whose suggestion is 0.01, or none, and whose verified rate is 0.1."""
    suggested = 0.01 if optimizer == "adam" else np.nan
    return {
        "task": task, "optimizer": optimizer, "seed": seed, "suggested": suggested,
        "suggested_low": suggested / 2, "suggested_high": suggested * 2,
        "lr": 0.1, "low": 0.05, "high": 0.2, "sweep_steps": 200, "steps": 600,
    }  # fmt: skip


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "verified.csv"
    list(verified.extend(CASES, (101,), path, run))
    return path


def test_what_is_in_the_file_is_not_run_again(path):
    assert list(verified.extend(CASES, (101,), path, run)) == []
    assert list(verified.extend(CASES[:1], (101, 102), path, run)) == [(*CASES[0], 102)]
    rows = verified.read_rows(path)
    assert list(rows) == verified.COLUMNS and len(rows) == 3
    assert rows["seed"].tolist() == [101, 101, 102]


def test_the_suggestion_is_judged_beside_the_verified_rate(path):
    truths = load_truth()
    answers = verified.answers(truths, path)
    summary = summarize(answers, truths).set_index("method")
    before = [truths[CASES[0]].regret(0.01), 1.0]  # no suggestion is regret 1
    after = [truths[case].regret(0.1) for case in CASES]
    assert summary.loc["lr_finder", "mean"] == pytest.approx(np.mean(before))
    assert summary.loc["lr_finder", "silent"] == 0.5
    assert summary.loc["lr_finder, verified", "mean"] == pytest.approx(np.mean(after))
    budget = TASKS["digits_linear"].budget
    assert summary.loc["lr_finder", "share"] == 200 / budget
    assert summary.loc["lr_finder, verified", "share"] == 600 / budget


def test_the_report_tells_of_it_where_there_is_a_file(path, tmp_path, monkeypatch):
    truths = load_truth()
    empty = pd.DataFrame()
    monkeypatch.setattr(report.replays, "replayed", lambda truths: empty)
    text = "\n".join(report.verified_section(truths, path))
    assert "on 2 cases (2 sweeps)" in text
    assert "| lr_finder, verified |" in text and "| lr_finder |" in text
    assert report.verified_section(truths, tmp_path / "none.csv") == []


@pytest.mark.slow
@pytest.mark.training
def test_a_case_is_swept_and_verified_within_nine_tenths_of_its_training():
    row = verified.verify_case("digits_linear", "adam", 101)
    assert set(row) == set(verified.COLUMNS)
    assert row["low"] < row["lr"] < row["high"]
    assert row["sweep_steps"] <= 200
    assert 200 < row["steps"] <= 0.9 * TASKS["digits_linear"].budget
    assert load_truth()["digits_linear", "adam"].regret(row["lr"]) < 0.1
