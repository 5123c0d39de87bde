"""One run: what plain Keras gives for the same seed, and every way it may end."""

import keras
import numpy as np
import pytest

import lr_finder
from lr_finder.errors import InputError
from lr_finder.experiments.comparison.optimizers import choose_optimizer
from lr_finder.experiments.comparison.run import run_task
from lr_finder.experiments.comparison.settings import FOUND, Conditions, Setting, Task
from lr_finder.schedules import cosine, linear
from lr_finder.training.watching.trackers import LearningRateTracker

from ..conftest import three_parts

pytestmark = pytest.mark.training
FIXED = {"early_stopping": False, "reduce_on_plateau": False}


def build(dataset, initializer=None):
    layers = [
        keras.Input(dataset.input_shape),
        keras.layers.Dense(8, "relu", kernel_initializer=initializer or "he_normal"),
        keras.layers.Dropout(0.1),
        keras.layers.Dense(
            dataset.n_outputs,
            "softmax" if dataset.task == "classification" else "linear",
        ),
    ]
    return keras.Sequential(layers)


def task_of(optimizer="momentum", rate=0.01, *, initializer=None, seed=0, **conditions):
    setting = Setting(choose_optimizer(optimizer), rate, 32, initializer)
    return Task(setting, Conditions(**{"epochs": 3, **conditions}), seed)


def plain_fit(parts, seed=0, rate=0.01, epochs=3):
    """What a person would write."""
    keras.utils.set_random_seed(seed)
    data = parts.dataset
    model = build(data)
    model.compile(
        keras.optimizers.SGD(rate, 0.9), "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )  # fmt: skip
    keras.utils.set_random_seed(seed)
    history = model.fit(
        data.x_train, data.y_train, batch_size=32, epochs=epochs, verbose=0,
        validation_data=(data.x_validation, data.y_validation),
    )  # fmt: skip
    return model, history.history


def test_a_run_is_plain_fit_with_its_seed(parts):
    record, _ = run_task(task_of(**FIXED), parts, build)
    model, history = plain_fit(parts)
    assert [row["loss"] for row in record.epochs] == history["loss"]
    assert [row["val_accuracy"] for row in record.epochs] == history["val_accuracy"]
    loss, accuracy = model.evaluate(parts.x_test, parts.y_test, 256, verbose=0)
    values = record.values
    assert (values["test_loss"], values["test_accuracy"]) == (loss, accuracy)
    assert values["val_loss"] == pytest.approx(history["val_loss"][-1], rel=1e-5)
    assert (values["status"], values["epochs_run"]) == ("finished", 3)
    assert values["learning_rate"] == 0.01 and np.isnan(values["low"])
    assert values["search_seconds"] == 0 < values["seconds"]
    assert [row["epoch"] for row in record.epochs] == [1, 2, 3]
    assert np.all(np.diff([row["elapsed"] for row in record.epochs]) > 0)


def test_all_settings_of_a_seed_start_from_the_same_weights(parts):
    starts = {}

    class Start(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            weights = [np.array(each) for each in self.model.get_weights()]
            starts.setdefault(len(starts), weights)

    for task in (task_of("sgd"), task_of("lion", FOUND, steps=30), task_of(seed=1)):
        run_task(task, parts, build, callbacks=[Start()])
    for a, b in zip(starts[0], starts[1], strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(starts[0][0], starts[2][0])


def test_a_found_rate_is_that_of_a_sweep_of_the_same_model(parts):
    record, _ = run_task(task_of("sgd", FOUND, steps=60), parts, build)
    keras.utils.set_random_seed(0)
    model = build(parts.dataset)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    data = parts.dataset
    result = lr_finder.sweep(
        model, data.x_train, data.y_train, steps=60, batch_size=32, seed=0, verbose=0
    )
    suggestion = result.suggest()
    values = record.values
    assert values["learning_rate"] == pytest.approx(suggestion.lr, rel=1e-6)
    assert values["low"] < values["learning_rate"] < values["high"]
    assert values["search_seconds"] > 0


@pytest.mark.slow
def test_a_verified_rate_is_chosen_by_short_trainings(parts):
    record, _ = run_task(
        task_of("sgd", FOUND, epochs=40, verify=True, steps=60), parts, build
    )
    assert record.values["status"] == "finished"
    assert record.values["low"] < record.values["learning_rate"]


@pytest.mark.slow
def test_a_training_too_short_to_verify_for_is_verified_all_the_same():
    """320 rows in batches of 64, 10 epochs: 50 steps, fewer than rates need."""
    parts = three_parts(320)
    setting = Setting(choose_optimizer("adam"), FOUND, 64)
    shared = {"epochs": 10, "steps": 60}
    verified, swept = (
        run_task(Task(setting, Conditions(verify=verify, **shared)), parts, build)[0]
        for verify in (True, False)
    )
    assert verified.values["status"] == "finished"
    intervals = [
        (each.values["low"], each.values["high"]) for each in (verified, swept)
    ]
    assert intervals[0] != intervals[1]
    rates = [each.values["learning_rate"] for each in (verified, swept)]
    assert rates[1] / 100 < rates[0] < 100 * rates[1]


def test_the_best_weights_are_kept_and_scored(parts):
    # A rate of 1 worsens from the first epochs on: the last weights are not the best.
    record, model = run_task(task_of("adam", 1.0, epochs=8, seed=2), parts, build)
    losses = [row["val_loss"] for row in record.epochs]
    assert record.values["best_epoch"] == int(np.argmin(losses)) + 1
    assert record.values["val_loss"] == pytest.approx(min(losses), rel=1e-5)
    data = parts.dataset
    kept = model.evaluate(data.x_validation, data.y_validation, 256, verbose=0)[0]
    assert kept == pytest.approx(min(losses), rel=1e-5)


def test_a_plateau_lowers_the_rate_and_stopping_ends_the_training(parts):
    task = task_of("sgd", 1e-9, epochs=40, reduce_on_plateau=True)
    record, _ = run_task(task, parts, build)
    rates = [row["epoch_rate"] for row in record.epochs]
    assert rates[0] == pytest.approx(1e-9) and rates[-1] < 0.5e-9
    assert record.values["epochs_run"] < 40


def test_a_constant_rate_is_constant(parts):
    record, _ = run_task(task_of("sgd", 1e-9, epochs=10), parts, build)
    rates = [row["epoch_rate"] for row in record.epochs]
    np.testing.assert_allclose(rates, 1e-9, rtol=1e-6)
    assert len(rates) == 10  # longer than it takes a plateau to lower the rate
    assert record.values["callbacks"] == "early stopping"


@pytest.mark.parametrize(
    "schedule, expected",
    [("cosine", cosine(0.01, 0.0, 15)), (linear(2.0, 1.0, 15), linear(0.01, 5e-3, 15))],
)
def test_a_run_follows_a_schedule(parts, schedule, expected):
    tracker = LearningRateTracker()
    task = task_of("sgd", 0.01, epochs=3, schedule=schedule)
    record, _ = run_task(task, parts, build, callbacks=[tracker])
    batches = -(-len(parts.dataset.x_train) // 32)
    assert len(tracker.learning_rates) == 3 * batches == 15
    np.testing.assert_allclose(tracker.learning_rates, expected(range(15)), rtol=1e-5)
    rates = [row["epoch_rate"] for row in record.epochs]  # with which epochs begin
    np.testing.assert_allclose(rates, expected([0, 5, 10]), rtol=1e-5)
    assert f"schedule {schedule}" in record.values["callbacks"]
    assert record.values["learning_rate"] == 0.01


def test_a_training_that_explodes_is_a_row_with_its_status():
    parts = three_parts(task="regression")
    record, _ = run_task(task_of("sgd", 1e4, epochs=5, **FIXED), parts, build)
    assert record.values["status"] == "diverged"
    assert record.values["epochs_run"] >= 1
    assert np.isnan(record.values["test_accuracy"])


def test_a_sweep_that_shows_no_rate_is_a_row_with_its_status(parts):
    task = task_of("sgd", FOUND, start_lr=1e-12, end_lr=1e-11)
    record, _ = run_task(task, parts, build)
    values = record.values
    assert values["status"] == "no_rate" and record.epochs == []
    assert values["message"] and np.isnan(values["learning_rate"])


def test_a_regression_has_losses_and_no_accuracy():
    parts = three_parts(task="regression")
    record, _ = run_task(task_of("adam", 0.05, epochs=20), parts, build)
    assert record.values["test_loss"] < 0.5 * np.var(parts.y_test)
    assert np.isnan(record.values["test_accuracy"])
    assert np.isnan(record.epochs[0]["accuracy"])


def test_the_loss_of_a_model_stands_unless_another_is_asked_for():
    parts = three_parts(task="regression")

    def compiled(dataset, initializer=None):
        model = build(dataset, initializer)
        model.compile("sgd", "mae")
        return model

    _, model = run_task(task_of(epochs=1), parts, compiled)
    assert model.loss == "mae" and isinstance(model.optimizer, keras.optimizers.SGD)
    _, model = run_task(task_of(epochs=1, loss="huber"), parts, compiled)
    assert model.loss == "huber"
    with pytest.raises(InputError, match="loss"):
        run_task(task_of(loss="categorical_crossentropy"), parts, compiled)


def test_sixteen_bits_are_for_one_model_only(parts):
    policy = keras.config.dtype_policy()
    record, model = run_task(task_of(mixed_precision=True, epochs=1), parts, build)
    assert record.values["status"] == "finished"
    assert "16" in model.layers[0].compute_dtype
    assert keras.config.dtype_policy() == policy
