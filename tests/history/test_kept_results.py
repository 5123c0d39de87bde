"""What is kept of a result, and what never is."""

import numpy as np
import pandas as pd
import pytest

from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.errors import InputError
from lr_finder.history.kept_results import layers_of, optimizer_of, runs_of
from lr_finder.results.comparison import Comparison
from lr_finder.results.comparison_runs import EPOCH_COLUMNS, RUN_COLUMNS
from lr_finder.results.verification import VerifiedSuggestion


def test_a_finding_is_kept_by_its_numbers(make_finding):
    import dataclasses

    finding = make_finding(kind="tabular", task="regression")
    verified = VerifiedSuggestion(
        Suggestion(2e-3, 1e-3, 4e-3, "window, verified"), (), {}, None, 45
    )
    (run,) = runs_of(dataclasses.replace(finding, verification=verified))
    swept = finding.swept
    kept = {
        "command": "find", "kind": "tabular", "task": "regression", "origin": "own",
        "optimizer": "Adam", "batch_size": 16, "loss": "mse", "parameters": 7,
        "sweep_steps": 100, "suggested": swept.lr, "suggested_low": swept.low,
        "window_low": swept.window.low, "falls_at": swept.window.falls_at,
        "decided_by": str(swept.decided_by), "verified": 2e-3, "verified_high": 4e-3,
        "verification_steps": 45, "trained": None, "best_val_loss": None,
        "swept_from": pytest.approx(1e-6),
    }  # fmt: skip
    assert {name: run[name] for name in kept} == kept


def test_a_window_without_room_is_left_empty(make_finding):
    import dataclasses

    from lr_finder.analysis.sweep.rate_window import RateWindow

    finding = make_finding()
    window = RateWindow(0.23, 0.055, falls_at=0.09, climbs_at=0.44)
    swept = dataclasses.replace(finding.swept, window=window)
    (run,) = runs_of(dataclasses.replace(finding, swept=swept))
    assert (run["window_low"], run["window_high"]) == (None, None)
    assert (run["falls_at"], run["climbs_at"]) == (0.09, 0.44)


def test_nothing_of_the_data_is_kept(make_finding):
    finding = make_finding(
        kind="tabular", data="160 rows", notes=["column salary"], command="find x.csv"
    )
    (run,) = runs_of(finding)
    told = " ".join(map(str, run.values()))
    assert not any(word in told for word in ("secret", "ada", "salary", "160", "x.csv"))


def test_two_results_have_two_ids(make_finding):
    finding = make_finding()
    assert runs_of(finding)[0]["id"] != runs_of(finding)[0]["id"]


def test_names_of_a_persons_own_code_are_not_kept(make_finding):
    keras = pytest.importorskip("keras")

    class Unreleased(keras.layers.Dense):
        pass

    def secret_loss(y_true, y_pred):
        return keras.ops.mean(y_pred - y_true)

    model = keras.Sequential([keras.Input((3,)), Unreleased(4), keras.layers.Dense(1)])
    model.compile("sgd", secret_loss)
    (run,) = runs_of(make_finding("MyAdam", model))
    assert (run["optimizer"], run["loss"]) == ("own", "own")
    assert run["layers"] == "own 1, Dense 1"
    model.compile("sgd", keras.losses.MeanSquaredError())
    assert runs_of(make_finding("Adam", model))[0]["loss"] == "mse"
    model.compile("sgd", [secret_loss])
    assert runs_of(make_finding("Adam", model))[0]["loss"] == "own"


def test_models_within_models_are_counted():
    keras = pytest.importorskip("keras")
    inner = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(4), keras.layers.BatchNormalization()]
    )
    model = keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(1)])
    assert layers_of(model) == "Dense 2, BatchNormalization 1"
    assert layers_of(None) is None


@pytest.mark.parametrize(
    "name, kept",
    [("adamw", "AdamW"), ("LossScaleOptimizer(Adam)", "Adam"), ("rmsprop", "RMSprop"),
     ("../ada", "own"), (None, "own")],
)  # fmt: skip
def test_optimizers_have_the_names_of_keras(name, kept):
    assert optimizer_of(name) == kept


def test_a_loss_that_exploded_is_left_out(make_finding):
    import dataclasses

    from lr_finder.analysis.training.record import TrainingRecord
    from lr_finder.results.training import TrainingOutcome

    frame = pd.DataFrame({"epoch": [1, 2], "loss": [3.0, np.inf]})
    outcome = TrainingOutcome(
        0.1, frame.assign(val_loss=[2.5, 2.6]), TrainingRecord({"loss": [3.0]})
    )
    (run,) = runs_of(dataclasses.replace(make_finding(), training=outcome))
    assert (run["trained"], run["epochs"], run["final_loss"]) == (0.1, 2, None)
    assert run["best_val_loss"] == 2.5


def test_a_comparison_is_kept_by_its_best_settings():
    rows = [
        ("adam", "0.01", 0.01, 0.3), ("adam", "found", 0.003, 0.2),
        ("sgd(momentum=0.99)", "0.01", 0.01, 0.5),
        ("my adam", "0.01", 0.01, np.nan),
    ]  # fmt: skip
    runs = pd.DataFrame(
        {"key": f"{optimizer} {rate} {seed}", "model": "mlp", "optimizer": optimizer,
         "rate": rate, "learning_rate": lr * (1 + seed), "low": lr / 2, "high": lr * 2,
         "batch_size": 32, "initializer": "default", "seed": seed, "epochs_run": 3,
         "status": "finished", "val_loss": loss, "test_loss": loss}
        for optimizer, rate, lr, loss in rows for seed in (0, 1)
    ).reindex(columns=RUN_COLUMNS)  # fmt: skip
    epochs = pd.DataFrame(columns=EPOCH_COLUMNS)
    kept = runs_of(Comparison(runs, epochs, "loss", about={"kind": "images"}))
    assert [run["optimizer"] for run in kept] == ["Adam", "SGD"]
    adam, sgd = kept
    assert (adam["suggested"], adam["suggested_low"]) == (pytest.approx(0.0045), 0.0015)
    assert (adam["trained"], adam["best_val_loss"]) == (pytest.approx(0.0045), 0.2)
    assert (sgd["suggested"], sgd["momentum"], sgd["kind"]) == (None, 0.99, "images")
    assert {run["command"] for run in kept} == {"compare"}


def test_anything_else_is_refused():
    with pytest.raises(InputError, match="a Finding or a Comparison. Received: float"):
        runs_of(0.01)
