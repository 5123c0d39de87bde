"""What a short training has reached, and a training that goes on from it."""

import keras
import numpy as np
import pytest

from lr_finder.training.fitting import train
from lr_finder.training.preserving.head_start import HeadStart
from lr_finder.training.watching.trackers import LearningRateTracker

pytestmark = pytest.mark.training

X = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
Y = X @ np.array([[1.0], [-2.0], [0.5]], "float32")
OPTIONS = {"learning_rate": 0.05, "batch_size": 32, "seed": 0, "verbose": 0}
PLAIN = {"early_stopping": False, "guard": False}


def make_model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "mse")
    return model


def reached(model, epochs):
    """A head start of so many full batches."""
    model.fit(X, Y, batch_size=32, epochs=epochs, shuffle=False, verbose=0)
    held = [*model.weights, *model.optimizer.variables]
    return HeadStart(0.05, epochs, [(each, np.array(each)) for each in held])


@pytest.mark.parametrize("batches, epochs", [(0, 0), (9, 0), (10, 1), (25, 2)])
def test_it_saves_its_whole_epochs(batches, epochs):
    assert HeadStart(0.1, batches, []).epochs(10) == epochs


def test_going_on_is_the_same_training_as_one_from_the_start():
    """Of 40 epochs with one batch each 12 are made before, at the same rate."""
    whole, tracker = make_model(), LearningRateTracker()
    train(whole, (X, Y), epochs=40, **PLAIN, **OPTIONS)
    model = make_model()
    head_start = reached(model, 12)
    for variable, value in zip(model.weights, make_model().weights, strict=True):
        variable.assign(value)
    history = train(
        model,
        (X, Y),
        epochs=40,
        head_start=head_start,
        callbacks=[tracker],
        **PLAIN,
        **OPTIONS,
    )
    assert history.epoch == list(range(12, 40))
    assert len(tracker.learning_rates) == 28
    assert tracker.learning_rates[-1] == pytest.approx(0.05 / 12)  # WSD: 1 of 12 left
    for one, two in zip(model.weights, whole.weights, strict=True):
        np.testing.assert_allclose(np.array(one), np.array(two), rtol=1e-4, atol=1e-6)


def test_at_least_one_epoch_is_made():
    model = make_model()
    head_start = reached(model, 9)
    history = train(model, (X, Y), epochs=5, head_start=head_start, **OPTIONS)
    assert history.epoch == [4]


def test_it_prints_what_it_is():
    assert repr(HeadStart(0.05, 12, [])) == "<HeadStart of 12 batches at 0.05>"
