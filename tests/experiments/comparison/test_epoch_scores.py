"""Scores of epochs against `evaluate`, which adds the penalties."""

import keras
import numpy as np
import pytest

from lr_finder.experiments.comparison.epoch_scores import (
    EpochScores,
    parts_to_score,
    scores_of,
)
from lr_finder.experiments.comparison.optimizers import choose_optimizer
from lr_finder.experiments.comparison.run import run_task
from lr_finder.experiments.comparison.settings import Conditions, Setting, Task

from ..conftest import three_parts

pytestmark = pytest.mark.training


def network(penalty=0.0, outputs=3, activation="softmax"):
    regularizer = keras.regularizers.L2(penalty) if penalty else None
    return keras.Sequential([
        keras.Input((2,)),
        keras.layers.Dense(8, "relu", kernel_regularizer=regularizer),
        keras.layers.Dropout(0.5, seed=1), keras.layers.BatchNormalization(),
        keras.layers.Dense(outputs, activation),
    ])  # fmt: skip


def task(**conditions):
    setting = Setting(choose_optimizer("adam"), 0.01, 32, None, "net")
    return Task(setting, Conditions(epochs=2, **conditions), 0)


def run(parts, model, **conditions):
    return run_task(
        task(score_epochs=True, early_stopping=False, **conditions), parts,
        lambda dataset, initializer: model,
    )  # fmt: skip


@pytest.mark.parametrize("penalty", [0.0, 0.1])
def test_the_last_scores_are_those_of_evaluate_less_the_penalty(penalty):
    parts = three_parts()
    record, model = run(parts, network(penalty))
    last = record.epochs[-1]
    added = float(sum(model.losses)) if penalty else 0.0
    for name, (x, y) in parts_to_score(parts).items():
        logs = model.evaluate(x, y, verbose=0, return_dict=True)
        assert last[f"epoch_{name}_loss"] == pytest.approx(
            logs["loss"] - added, rel=1e-4
        )
        assert last[f"epoch_{name}_accuracy"] == pytest.approx(logs["accuracy"])


def test_a_regression_has_losses_and_no_accuracies():
    parts = three_parts(task="regression")
    record, model = run(parts, network(outputs=1, activation=None))
    last = record.epochs[-1]
    logs = model.evaluate(parts.x_test, parts.y_test, verbose=0, return_dict=True)
    assert last["epoch_test_loss"] == pytest.approx(logs["loss"], rel=1e-4)
    assert np.isnan(last["epoch_test_accuracy"])


def test_the_training_goes_on_as_without():
    histories = []
    for score_epochs in (True, False):
        keras.utils.set_random_seed(0)
        record, _ = run_task(
            task(score_epochs=score_epochs), three_parts(),
            lambda dataset, initializer: network(),
        )  # fmt: skip
        histories.append([(row["loss"], row["val_loss"]) for row in record.epochs])
    assert histories[0] == histories[1]


def test_one_output_is_a_probability():
    outputs = np.array([[0.2], [0.7], [0.6], [0.4]])
    loss, accuracy = scores_of("binary_crossentropy", np.array([0, 1, 0, 0]), outputs)
    assert accuracy == 0.75
    assert loss == pytest.approx(-np.log([0.8, 0.7, 0.4, 0.6]).mean(), rel=1e-5)


def test_weights_that_are_nan_have_no_score():
    scored = scores_of("mse", np.zeros(2), np.array([[np.nan], [1.0]]))
    assert np.isnan(scored).all()


def test_large_parts_are_scored_on_rows_evenly_spread():
    parts = three_parts(n=5000)
    scored = parts_to_score(parts)
    assert [len(y) for _, y in scored.values()] == [2000, 40, 40]
    np.testing.assert_array_equal(scored["train"][0][[0, -1]],
                                  parts.dataset.x_train[[0, -1]])  # fmt: skip
    scores = EpochScores(parts)
    model = network()
    model.compile("sgd", "sparse_categorical_crossentropy")
    scores.set_model(model)
    scores.on_epoch_end(0)
    assert list(scores.rows[0]) == [
        f"epoch_{part}_{name}" for part in ("train", "val", "test")
        for name in ("loss", "accuracy")
    ]  # fmt: skip
