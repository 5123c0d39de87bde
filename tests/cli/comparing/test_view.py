"""What is shown of a comparison: drawn on a terminal, a line for each run elsewhere."""

import io
import math
import time

import pytest
from rich.console import Console

from lr_finder.cli.comparing.view import ComparisonView
from lr_finder.experiments.comparison.records import RunRecord
from lr_finder.experiments.pool import Progress


def record(score, *, metric="accuracy", status="finished", **values):
    usual = {
        "key": str(score), "optimizer": "adam", "rate": "found", "batch_size": 64,
        "learning_rate": 0.00234, "initializer": "he_normal", "model": "default",
        "seed": 4, "status": status, f"val_{metric}": score,
    }  # fmt: skip
    return RunRecord(usual | values)


def progress(ended, *latest, running=(), left=None):
    return Progress(10, ended, list(running), list(latest), left)


def lines(view_metric, *steps, terminal=False, shown=True, opening=()):
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=100, color_system=None)
    with ComparisonView(
        view_metric, is_shown=shown, console=console, opening=opening
    ) as view:
        for step in steps:
            view(step)
    return file.getvalue()


def done(n):
    """The first n of ten runs, as they end now."""
    return progress(n, *(record(0.5) for _ in range(n)))


def test_the_plan_comes_first_and_once():
    text = lines("accuracy", progress(0), done(10), opening=["Plan: ten.", "Then."])
    assert text.startswith("Plan: ten.\nThen.\n10/10  adam")
    assert text.count("Plan") == 1


def test_nothing_is_told_of_a_plan_that_was_refused():
    assert lines("accuracy", opening=["Plan: ten."]) == ""


@pytest.mark.parametrize("terminal", [False, True])
def test_runs_that_were_there_are_counted(terminal):
    whole = lines("accuracy", progress(10), progress(10), terminal=terminal)
    assert whole.endswith("10 of 10 runs were already there\n")
    last = progress(10, *(record(0.5) for _ in range(3)))
    part = lines("accuracy", progress(7), last, terminal=terminal)
    assert part.endswith("7 of 10 runs were already there\n")
    assert "already there" not in lines("accuracy", done(10), terminal=terminal)


def test_a_comparison_that_failed_counts_nothing():
    file = io.StringIO()
    view = ComparisonView("loss", console=Console(file=file, width=100))
    with pytest.raises(ValueError), view:
        view(progress(10))
        raise ValueError
    assert "already there" not in file.getvalue()


def test_each_run_that_ended_is_a_line():
    text = lines("accuracy", progress(0), progress(3, record(0.4321), left=75.4))
    assert text == (
        "3/10  adam, rate found 2.3e-3, batch size 64, he_normal, seed 4: "
        "validation accuracy 0.4321  about 0:01:15 left\n"
        "9 of 10 runs were already there\n"
    )


@pytest.mark.parametrize("status", ["diverged", "no_rate", "failed"])
def test_a_run_that_did_not_finish_says_why(status):
    broken = record(math.nan, status=status, message="no [memory]", rate="0.1")
    text = lines("accuracy", progress(10, broken))
    assert f"seed 4: {status.replace('_', ' ')}: no [memory]\n" in text
    assert "left" not in text


@pytest.mark.parametrize(("metric", "best"), [("accuracy", "0.9"), ("loss", "0.1")])
def test_a_terminal_shows_what_runs_and_the_best_so_far(metric, best):
    running = {"setting": "sgd, rate 0.1, batch size 32", "seed": 1, "epochs": 2,
               "max_epochs": 5, "began": time.time() - 61}  # fmt: skip
    records = [
        record(score, metric=metric, seed=seed)
        for seed, score in enumerate([0.5, 0.9, 0.1])
    ]
    records.append(record(math.inf, metric=metric, status="diverged"))
    text = lines(
        metric, progress(4, *records, running=[running], left=10), terminal=True
    )
    assert "sgd, rate 0.1, batch size 32, seed 1" in text
    assert "epoch 3/5" in text and "0:01:01" in text and "4/10 runs" in text
    assert "best so far: adam" in text
    assert text.split("best so far")[-1].split(f"validation {metric} ")[1][:3] == best


def test_nothing_is_shown_when_nothing_is_to_be():
    assert lines("loss", progress(1, record(0.1, metric="loss")), shown=False) == ""
