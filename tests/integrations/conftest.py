"""Results made by hand, and trackers that send nothing anywhere."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.analysis.verification.candidates import Row
from lr_finder.results.finding import Finding
from lr_finder.results.sweep import Curve, SweepResult
from lr_finder.results.training import TrainingOutcome
from lr_finder.results.verification import VerifiedSuggestion

LRS = np.geomspace(1e-6, 1, 120)
LOSSES = 1 / (1 + LRS / 1e-3) + LRS**2
METADATA = {
    "optimizer": "Adam", "batch_size": 32, "compiled_lr": 1e-3, "group": None,
    "seed": 0,
}  # fmt: skip


@pytest.fixture(autouse=True)
def quiet_trackers(monkeypatch, tmp_path):
    """Nothing is sent or kept outside of the test's folder."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "WANDB_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "staged"))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def sweep():
    return SweepResult([Curve(LRS, LOSSES, validation_losses=2 * LOSSES)], METADATA)


@pytest.fixture(scope="session")
def outcome():
    """Two epochs of three batches, and a training at the compiled rate beside it."""
    frame = pd.DataFrame(
        {"epoch": [1, 2], "loss": [3.0, 2.0], "val_loss": [2.5, np.nan],
         "learning_rate": [3e-3, 1e-3], "top-5 %": [0.1, 0.2]}
    )  # fmt: skip
    batches = {
        "loss": [4.0, 3.0, 2.0, 2.0, np.nan, 1.0],
        "epoch": [0, 0, 0, 1, 1, 1],
        "learning_rate": [3e-3] * 6,
    }
    own = TrainingOutcome(1e-3, frame, TrainingRecord(batches), schedule="wsd")
    later = frame.assign(loss=[2.0, 1.0])
    return TrainingOutcome(
        3e-3, later, TrainingRecord(batches), against_default=own, schedule="wsd"
    )


@pytest.fixture(scope="session")
def finding(sweep, outcome):
    """A finding with everything in it, and names and texts that are hard to log."""
    swept = sweep.suggest()
    doubt = "narrow: a | b\nsecond line <b>; verify"
    answer = dataclasses.replace(swept, warnings=(doubt,))
    rows = (
        Row(1e-3, 1, 10, 0.5, 0.4, "winner"),
        Row(3e-3, 1, 10, 0.6, None, "dropped"),
    )
    losses = {1e-3: np.linspace(1, 0.5, 10), 3e-3: np.linspace(1, 0.6, 8)}
    verified = VerifiedSuggestion(answer, rows, losses, None, 18, {"budget_steps": 60})
    about = {
        "source": "../préis|<b>.csv", "notes": ["a", "b"], "kind_reason": None,
        "data": "x" * 7000, "model": "m, 3 parameters",
    }  # fmt: skip
    return Finding(about, sweep, "window", swept, None, verified, outcome)
