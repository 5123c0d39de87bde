import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from scipy import stats

from benchmarks.suggestion_quality import figure, methods, report, scores, sweeps
from benchmarks.suggestion_quality.tasks import OPTIMIZERS, TASKS
from benchmarks.suggestion_quality.truth import Truth

RATES = np.array([0.1, 1.0, 10.0])


@pytest.fixture(scope="module")
def truths():
    """Two tasks whose best rates lie at both ends."""
    low = Truth(RATES, np.array([1.0, 2.0, 3.0]), 3.0)
    high = Truth(RATES, np.array([3.0, 2.0, 1.0]), 3.0)
    return {
        (name, optimizer): truth
        for optimizer in OPTIMIZERS
        for name, truth in (("digits_linear", low), ("iris_tiny", high))
    }


@pytest.fixture(scope="module")
def judged(truths, make_sweep):
    found = {
        (*case, steps): [[make_sweep(steps=steps)] * (200 // steps)] * 2
        for case in truths
        for steps in (100, 200)
    }
    return scores.judge(methods.answers(truths, found), truths)


def test_clustered_error_by_hand():
    values, clusters = pd.Series([1.0, 2.0, 3.0, 4.0]), pd.Series(list("aabb"))
    # Residuals sum to -2 and 2: sqrt(2 / 1 * (4 + 4)) / 4.
    assert scores.clustered_error(values, clusters) == pytest.approx(1)


def test_with_a_cluster_for_each_value_the_error_is_the_usual_one():
    values = pd.Series(np.random.default_rng(0).normal(size=20))
    usual = stats.sem(values)
    assert scores.clustered_error(values, pd.Series(range(20))) == pytest.approx(usual)


def test_the_best_fixed_rate_is_learnt_on_the_other_tasks(truths):
    fixed = methods.best_fixed_rates(truths)
    assert fixed["digits_linear", "sgd"] == 10 and fixed["iris_tiny", "sgd"] == 0.1


def test_an_interval_holds_what_lies_in_it_or_at_its_ends(truth):
    assert scores.interval_regret(truth, 0.01, 100) == 0
    assert scores.interval_regret(truth, 10**-0.5, 3.0) == pytest.approx(0.25)
    assert scores.interval_regret(truth, 0.5, 5) == truth.regret(0.5)


def test_a_method_without_an_answer_has_all_the_regret(truths):
    row = {"method": "m", "steps": 100, "task": "digits_linear", "optimizer": "sgd"}
    missing = dict.fromkeys(["lr", "low", "high"], np.nan)
    judged = scores.judge(pd.DataFrame([row | missing | {"cost": 100}]), truths)
    assert judged.loc[0, ["regret", "catastrophic", "silent"]].tolist() == [1, 1, 1]


def test_a_case_in_which_nothing_learns_is_left_out(truths):
    flat = Truth(RATES, np.array([3.0, 3.0, 3.0]), 3.0)
    more = truths | {("noisy_labels", "sgd"): flat}
    judged = scores.judge(methods.answers(more, {}), more)
    assert set(judged["task"]) == {"digits_linear", "iris_tiny"}


def test_a_summary_counts_over_cases_and_sweeps(truths, judged):
    summary = scores.summarize(judged).set_index("method")
    fixed = summary.loc["best fixed rate"]
    assert (fixed["mean"], fixed["good"], fixed["catastrophic"]) == (1, 0, 1)
    assert fixed["error"] == 0 and fixed["distance"] == 2 and fixed["excess"] == 2
    assert {*methods.NO_SWEEP, *methods.peers.PEERS} < set(summary.index)
    assert summary.loc["lr_finder, 2 x 100", "steps"] == 200
    assert 0 <= summary.loc["lr_finder", "held"].min() <= 1


def test_a_missing_interval_holds_nothing(truths):
    row = {"method": "m", "steps": 1, "optimizer": "sgd", "sweep": 0, "cost": 1}
    rows = [
        row | {"task": "digits_linear", "lr": 0.1, "low": 0.1, "high": 1.0},
        row | {"task": "iris_tiny", "lr": np.nan, "low": np.nan, "high": np.nan},
    ]
    summary = scores.summarize(scores.judge(pd.DataFrame(rows), truths))
    assert summary.loc[0, ["held", "width"]].tolist() == [0.5, 1]


def test_paired_differences_by_hand():
    regrets = {"one": [0.1, 0.2, 0.6, 0.5], "other": [0.0, 0.3, 0.2, 0.3]}
    rows = [
        {"method": m, "steps": 0, "task": t, "optimizer": o, "regret": r}
        for m, values in regrets.items()
        for (t, o), r in zip(["ax", "ay", "bx", "by"], values, strict=True)
    ]
    mean, low, high = scores.paired(pd.DataFrame(rows), ("one", 0), ("other", 0))
    # Differences .1 -.1 | .4 .2: means of the tasks 0 and .3, error .15, t(1) = 12.7.
    assert mean == pytest.approx(0.15)
    assert [low, high] == pytest.approx([0.15 - 12.7062 * 0.15, 0.15 + 12.7062 * 0.15])


def test_a_new_idea_is_asked_with_the_sweeps_of_each_case(truths, make_sweep):
    def ask(found):
        yield {"method": "new", "steps": len(found[0].lrs), "lr": 0.1, "cost": 7}

    found = {(*case, 100): [[make_sweep()]] for case in truths}
    judged = scores.judge(methods.answers(truths, found, ask), truths)
    new = scores.summarize(judged).set_index("method").loc["new"]
    assert (new["mean"], new["good"], new["cost"]) == (0.5, 0.5, 7)


def test_break_downs_average_to_the_mean(judged):
    table = scores.by(judged, "optimizer").loc["Keras default", 0]
    overall = judged.query("method == 'Keras default'")["regret"].mean()
    assert table.mean() == pytest.approx(overall)


@pytest.mark.slow
def test_the_report_holds_every_method(truths, judged):
    summary = scores.summarize(judged)
    constants = pd.DataFrame(
        [[name, (0.0, -2.0, -2.5), 0.4, 0.9, 0.5, 0.7] for name in ("a task", "none")],
        columns=["left_out", "usual", "above", "below", "half", "half_at_top"],
    )
    text = report.markdown(judged, summary, truths, constants, (0.03, 0.04))
    console = Console(file=io.StringIO(), width=250)
    report.print_tables(summary, console)
    for method in summary["method"]:
        assert f"| {method} |" in text and method in console.file.getvalue()
    assert "10 of 2 tasks" in text
    assert "| a task, no task | 1.0e+00, 1.0e-02, 3.2e-03 | 0.40 | 0.90 |" in text


def test_the_figure_has_a_dot_for_each_case(judged):
    summary = scores.summarize(judged)
    axes = figure.draw(judged, summary).axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "."]
    shown = summary[(summary["steps"] != 100) & (summary["method"] != "rule window")]
    assert len(dots) == len(axes.get_yticks()) == len(shown) < len(summary)
    assert all(len(line.get_xdata()) == 10 for line in dots)
    # The rule of lr_finder itself has one row, and both limits have a name.
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == list(shown["method"])
    lines = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "--"]
    assert {text.get_text(): text.xy[0] for text in axes.texts} == {
        "good ≤ .05": lines[0], "catastrophic > .5": lines[1],
    }  # fmt: skip


def test_sweeps_come_back_as_they_were_stored(tmp_path):
    path = tmp_path / "sweeps.npz"
    keys = {"task": "t", "optimizer": "sgd", "seed": 1, "per_epoch": 7}
    lines = [(200, 0, [3.0, 2.0]), (100, 0, np.ones(100)), (100, 1, [0.5])]
    rows = [
        keys | {"steps": steps, "order": order, "losses": np.array(losses)}
        for steps, order, losses in lines
    ]
    sweeps.write(rows, path)
    found = sweeps.load_sweeps(path)
    (one,) = found["t", "sgd", 200][0]
    assert one.finite == 2 and len(one.lrs) == 200 and one.per_epoch == 7
    assert [sweep.finite for sweep in found["t", "sgd", 100][0]] == [100, 1]
    assert one.stopped().stop_reason == "nonfinite"


def test_the_committed_sweeps_are_whole():
    found = sweeps.load_sweeps()
    assert len(found) == len(TASKS) * len(OPTIMIZERS) * len(sweeps.ORDERS)
    for (_, _, steps), seeds in found.items():
        assert len(seeds) == len(sweeps.SEEDS)
        assert all(len(group) == sweeps.ORDERS[steps] for group in seeds)
