"""Stretches of training: each as one uninterrupted training would have been."""

import contextlib

import keras
import numpy as np
import pytest

from lr_finder.training.feeding.batches import make_batches
from lr_finder.training.feeding.replay import Replay
from lr_finder.training.state import preserve_state
from lr_finder.training.trials import KerasTrials

from .conftest import SEED, make_data

pytestmark = pytest.mark.training


def make_model():
    """BatchNorm's statistics and Adam's slots and iteration go on with the weights."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@contextlib.contextmanager
def trials_of(model, weights=None):
    batches = make_batches(
        *make_data(), weights, batch_size=16, steps=60, repeats=1, seed=0
    )
    with preserve_state(model, batches.symbolic) as (state, interrupt):
        yield KerasTrials(model, state, interrupt, Replay(batches), seed=0)


def test_two_stretches_are_one_training_whatever_is_tried_between():
    with trials_of(make_model()) as trials:
        whole = trials.run(1e-2, 0, 30, is_kept=False).losses
        first = trials.run(1e-2, 0, 12, is_kept=True).losses
        trials.run(0.3, 0, 12, is_kept=True)
        second = trials.run(1e-2, 12, 30, is_kept=False).losses
    assert len(whole) == 30
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)


def test_losses_are_those_of_single_batches_at_the_rate():
    model, reference = make_model(), make_model()
    with trials_of(model) as trials:
        losses = trials.run(1e-2, 0, 10, is_kept=False).losses
    reference.optimizer.learning_rate = 1e-2
    batches = make_batches(
        *make_data(), None, batch_size=16, steps=60, repeats=1, seed=0
    )
    expected = []
    for data in (batches.part(step, step + 1) for step in range(10)):
        history = reference.fit(data, shuffle=False, steps_per_epoch=1, verbose=0)
        expected += history.history["loss"]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)


def test_a_divergence_ends_the_stretch_and_keeps_no_weights():
    weights = np.where(np.arange(100) == 7, np.nan, 1.0)
    with trials_of(make_model(), weights) as trials:
        stretch = trials.run(1e-2, 0, 40, is_kept=True)
        assert stretch.has_diverged and 1 <= len(stretch.losses) < 40
        assert np.isnan(stretch.losses[-1])
        assert np.all(np.isfinite(stretch.losses[:-1]))
        assert not trials._kept


def test_what_is_dropped_is_forgotten():
    with trials_of(make_model()) as trials:
        trials.run(1e-2, 0, 3, is_kept=True)
        trials.run(2e-2, 0, 3, is_kept=True)
        trials.run(3e-2, 0, 3, is_kept=False)
        assert set(trials._kept) == {1e-2, 2e-2}
        trials.drop(1e-2)
        trials.drop(1e-2)
        assert set(trials._kept) == {2e-2}
