"""Arms of an experiment: equal but for what they are about, resumed, told apart."""

import json

import keras
import numpy as np
import pytest

import lr_finder
from lr_finder.errors import InputError
from time_series.experiment import find_rate, run_arm, run_experiment
from time_series.model import create_model
from time_series.settings import ForecastSettings
from time_series.splitting import prepare_forecast
from time_series.windowing import create_windowed_dataset

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
]
BUSY = 0.05  # JAX sums in another order when the processor is busy
SETTINGS = ForecastSettings(epochs=3, num_epochs=1)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    series = np.sin(np.arange(300) / 7) + 0.1 * rng.normal(size=300)
    return prepare_forecast(series, window_size=8)


@pytest.fixture(scope="module")
def found(data):
    return find_rate(data, SETTINGS, seed=1)


def test_the_baseline_is_a_plain_fit(data):
    """The same losses and the same score, to the last bit."""
    row = run_arm("baseline", data, SETTINGS, seed=1)
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    model = create_model(8, learning_rate=1e-3)
    learnt = create_windowed_dataset(data.fit, 8, seed=1)
    watched = create_windowed_dataset(data.watch, 8, seed=1, is_shuffled=False)
    keras.utils.set_random_seed(1)
    history = model.fit(
        learnt, validation_data=watched, epochs=3, verbose=0, shuffle=False
    ).history
    scale = data.sd**2
    assert row["losses"] == [loss * scale for loss in history["loss"]]
    assert row["watched_losses"] == [loss * scale for loss in history["val_loss"]]
    x, y = data.windows(data.validation)
    mse = np.mean((model.predict(x, verbose=0) - y) ** 2) * scale
    assert row["validation_mse"] == pytest.approx(mse, rel=1e-4)
    assert (row["learning_rate"], row["epochs_run"]) == (1e-3, 3)


@pytest.mark.slow
def test_the_rate_found_is_that_of_the_pipeline(data, found):
    keras.utils.set_random_seed(1)
    sizes = {"window_size": 8, "seed": 1}
    optimizer = lr_finder.LearningRateOptimizer(
        create_model(8),
        create_windowed_dataset(data.fit, **sizes),
        create_windowed_dataset(data.watch, is_shuffled=False, **sizes),
        seed=1,
    )
    rate = optimizer.find_optimal_rate(num_epochs=1)
    assert found.learning_rate == pytest.approx(rate, rel=BUSY)
    assert found.optimizer.verified.metadata["judge"] == "training"


@pytest.mark.slow
def test_arms_begin_alike_and_differ_in_what_they_are_about(data, found):
    def row(arm):
        return run_arm(arm, data, SETTINGS, 1, found)

    baseline, again = row("baseline"), row("baseline")
    assert baseline["losses"] == again["losses"]
    assert row("stopping")["losses"] == baseline["losses"]  # too short to stop
    assert row("found")["learning_rate"] == found.learning_rate
    whole = row("baseline_whole")
    assert whole["losses"] != baseline["losses"]
    assert baseline["search_seconds"] == 0 < row("optimized")["search_seconds"]


@pytest.mark.slow
def test_the_scored_part_has_no_say(data, found):
    other = prepare_forecast(
        np.r_[data.series[:240], 50 + np.arange(60.0)], window_size=8
    )
    rate = find_rate(other, SETTINGS, 1).learning_rate
    assert rate == pytest.approx(found.learning_rate, rel=BUSY)
    one = run_arm("optimized", data, SETTINGS, 1, found)
    two = run_arm("optimized", other, SETTINGS, 1, found)
    assert one["watched_losses"] == pytest.approx(two["watched_losses"], rel=1e-3)
    assert one["validation_mse"] < two["validation_mse"]


@pytest.mark.slow
def test_a_run_goes_on_where_it_was_killed(data, tmp_path):
    path, told = tmp_path / "rows.jsonl", []
    options = {"path": path, "tell": lambda row: told.append((row["arm"], row["seed"]))}
    arms = ("baseline", "stopping")
    run_experiment(data, SETTINGS, arms=arms, seeds=[0], **options)
    lines = path.read_text().splitlines()
    path.write_text(lines[0] + "\n" + lines[1][:40])  # the second is cut off
    rows = run_experiment(data, SETTINGS, arms=arms, seeds=[0, 1], **options)
    assert told == [
        ("baseline", 0), ("stopping", 0), ("stopping", 0), ("baseline", 1),
        ("stopping", 1),
    ]  # fmt: skip
    assert list(zip(rows["arm"], rows["seed"], strict=True)) == [
        ("baseline", 0), ("stopping", 0), ("baseline", 1), ("stopping", 1)
    ]  # fmt: skip
    assert rows["validation_mse"][0] == json.loads(lines[0])["validation_mse"]
    assert rows["validation_mse"][1] == json.loads(lines[1])["validation_mse"]


def test_rows_of_another_experiment_are_refused(data, tmp_path):
    path = tmp_path / "rows.jsonl"
    run_experiment(data, SETTINGS, arms=["baseline"], path=path)
    with pytest.raises(InputError, match="epochs=3 in place of 2"):
        run_experiment(data, ForecastSettings(epochs=2, num_epochs=1), path=path)
    other = prepare_forecast(data.series[::-1], window_size=8)
    with pytest.raises(InputError, match="rows of this experiment"):
        run_experiment(other, SETTINGS, path=path)


def test_bad_arguments_are_refused(data):
    with pytest.raises(InputError, match="'best'"):
        run_experiment(data, SETTINGS, arms=["best"])
    with pytest.raises(InputError, match="'found' must have a rate"):
        run_arm("found", data, SETTINGS, 0)
    with pytest.raises(InputError, match="seed=-1"):
        run_arm("baseline", data, SETTINGS, -1)
