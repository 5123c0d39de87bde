"""From data to files: what was found and trained is what was written."""

import json

import keras
import numpy as np
import pandas as pd
import pytest

import lr_finder
from lr_finder._output import OutputFolder
from time_series.pipeline import compare
from time_series.settings import ForecastSettings
from time_series.splitting import prepare_forecast

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
]


def test_files_hold_what_the_report_says(tmp_path):
    rng = np.random.default_rng(0)
    series = 20 + 5 * np.sin(np.arange(300) / 7) + rng.normal(size=300)
    data = prepare_forecast(series, window_size=8)
    settings = ForecastSettings(epochs=3, num_epochs=1)
    report = compare(data, settings, seed=0, season=44, output=OutputFolder(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {
        "sweep.npz", "sweep.png", "analysis.png", "verification.png", "losses.png",
        "losses.csv", "model.keras", "experiment.json",
    }  # fmt: skip
    assert json.loads((tmp_path / "experiment.json").read_text()) == report
    result = lr_finder.SweepResult.load(tmp_path / "sweep.npz")
    assert len(result.lrs) == 100
    table = pd.read_csv(tmp_path / "losses.csv")
    assert table.groupby("arm").size().to_dict() == {
        "baseline": 3, "stopping_plateau": 3, "optimized": 3,
    }  # fmt: skip
    baseline, stopping, optimized = report["arms"]
    assert stopping["learning_rate"] == 1e-3 and stopping["search_seconds"] == 0.0
    # Until a plateau or the end nothing differs: the same weights, batches and losses.
    losses = {arm: part["loss"].tolist() for arm, part in table.groupby("arm")}
    assert losses["stopping_plateau"] == losses["baseline"]
    lowest = {arm: int(part["watched_loss"].to_numpy().argmin()) + 1
              for arm, part in table.groupby("arm")}  # fmt: skip
    for row in report["arms"]:
        assert row["best_epoch"] == lowest[row["arm"]]
        assert row["last_rate"] == pytest.approx(row["learning_rate"])
    gained = 1 - stopping["validation_mse"] / baseline["validation_mse"]
    assert report["gains"]["stopping"] == pytest.approx(gained)
    assert optimized["learning_rate"] == report["suggestion"]["lr"]
    assert baseline["learning_rate"] == 1e-3
    assert list(report["references"]) == ["persistence", "seasonal_naive", "ridge"]
    model = keras.models.load_model(tmp_path / "model.keras")
    forecasts = model.predict(data.windows(data.validation)[0], verbose=0)
    assert data.score(forecasts) == pytest.approx(optimized["validation_mse"], rel=1e-4)
