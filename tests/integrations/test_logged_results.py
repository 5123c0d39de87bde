"""What is logged of each result is what the result says."""

import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.integrations.logged_results import logged_result
from lr_finder.results.sweep import Curve, SweepResult

from .conftest import LOSSES, LRS, METADATA


def test_a_sweep_with_its_suggestion(sweep):
    logged, answer = logged_result(sweep), sweep.suggest()
    assert logged.name == "sweep"
    assert logged.metrics["suggestion/lr"] == answer.lr
    assert logged.metrics["suggestion/low"] == answer.low
    assert logged.metrics["suggestion/window_high"] == answer.window.high
    assert logged.metrics["suggestion/compiled_lr"] == METADATA["compiled_lr"]
    assert logged.metrics["rule/valley"] == sweep.suggest("valley").lr
    assert {k: logged.parameters[k] for k in ("optimizer", "seed")} == {
        "optimizer": "Adam", "seed": 0,
    }  # fmt: skip
    assert "group" not in logged.parameters  # it is None
    assert logged.texts["suggestion"] == str(answer)
    (series,) = logged.series
    np.testing.assert_array_equal(series.columns["lr"], LRS)
    np.testing.assert_array_equal(series.columns["loss"], LOSSES)
    np.testing.assert_array_equal(series.columns["validation_loss"], 2 * LOSSES)


def test_a_sweep_without_a_suggestion_says_why():
    flat = SweepResult([Curve(LRS, np.ones(120))])
    logged = logged_result(flat)
    assert "suggestion/lr" not in logged.metrics
    assert logged.texts["suggestion"].startswith("No suggestion. ")


def test_repeats_stand_beside_their_mean():
    curves = [Curve(LRS, LOSSES), Curve(LRS[:100], LOSSES[:100] + 1, "diverged")]
    (series,) = logged_result(SweepResult(curves)).series
    assert list(series.columns) == ["lr", "loss", "loss_1", "loss_2"]
    ours = series.columns
    np.testing.assert_allclose(ours["loss"], (ours["loss_1"] + ours["loss_2"]) / 2)
    assert {len(each) for each in ours.values()} == {100}


def test_a_finding_with_nested_runs(finding, outcome, tmp_path):
    logged = logged_result(finding, "mine")
    assert logged.name == "mine"
    assert logged.metrics["suggestion/warnings"] == 1
    assert logged.metrics["training/best_val_loss"] == outcome.best_loss
    assert finding.suggestion.warnings[0] in logged.texts["warnings"]
    groups = [each.group for each in logged.series]
    assert groups == ["sweep", "batch", "epoch"]
    assert logged.series[1].columns["loss"] == outcome.record.batches["loss"]
    names = [child.name for child in logged.children]
    assert names == [
        "candidate 1e-3", "candidate 3e-3", "training at the compiled rate 1e-3",
    ]  # fmt: skip
    first = logged.children[0]
    assert first.parameters == {"lr": 1e-3, "status": "winner"}
    assert first.metrics == {
        "candidate/steps": 10, "candidate/loss": 0.5, "candidate/validation_loss": 0.4,
    }  # fmt: skip
    losses = finding.verification.losses[1e-3]
    np.testing.assert_array_equal(first.series[0].columns["loss"], losses)
    own = logged.children[2]
    assert own.metrics["training/epochs"] == outcome.against_default.epochs
    logged.save(tmp_path)
    files = {path.name for path in tmp_path.iterdir()}
    assert files >= {"sweep.png", "sweep.npz", "suggestion.json", "verification.png",
                     "history.csv", "training.png"}  # fmt: skip
    assert "model.keras" not in files
    again = SweepResult.load(tmp_path / "sweep.npz")
    np.testing.assert_array_equal(again.losses, finding.sweep.losses)


def test_a_comparison_has_a_run_for_each_training(comparison, tmp_path):
    logged, table = logged_result(comparison), comparison.table()
    first = table.iloc[0]
    assert logged.metrics[f"ranking/{first['optimizer']}/mean"] == first["mean"]
    assert logged.metrics[f"ranking/{first['optimizer']}/rank"] == 1
    assert logged.texts["comparison"].startswith(comparison.sentences()[0])
    assert len(logged.children) == len(comparison.runs)
    assert len({child.name for child in logged.children}) == len(comparison.runs)
    for child, row in zip(logged.children, comparison.runs.itertuples(), strict=True):
        assert child.parameters["optimizer"] == row.optimizer
        assert child.parameters["seed"] == row.seed
        assert child.metrics["run/val_loss"] == row.val_loss
        (series,) = child.series
        mine = comparison.epochs[comparison.epochs["key"] == row.key]
        np.testing.assert_array_equal(series.columns["val_loss"], mine["val_loss"])
    lost = [c for c in logged.children if c.parameters["status"] == "diverged"]
    assert lost
    assert all("run/test_loss" not in child.metrics for child in lost)


def test_what_is_no_result_is_refused():
    with pytest.raises(InputError, match="Received: dict"):
        logged_result({})
