"""The step by which a model trains, and the loss that it reports, by whatever name."""

import keras
import numpy as np
import pytest

from lr_finder.errors import ModelError
from lr_finder.training.fitting import train
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.stepping.steps import (
    has_own_step,
    has_own_test_step,
    loss_name,
    metrics_behind_loss,
    needs_targets,
)
from lr_finder.training.sweep import sweep
from lr_finder.training.verification import verify

from ..conftest import make_data, make_model
from ..own_steps import FunctionalOwnStep, X, compiled, make_functional

pytestmark = pytest.mark.training
OPTIONS = {"batch_size": 16, "seed": 0, "verbose": 0}


class Square(FunctionalOwnStep):
    """Its loss is the mean square of what it gives."""

    def loss_of_batch(self, data):
        x = data[0] if isinstance(data, tuple) else data
        return keras.ops.mean(self(x) ** 2)


class TwoTrackers(Square):
    """Shows one metric, reports another that nobody resets."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.shown = keras.metrics.Mean(name="shown")

    @property
    def metrics(self):
        return [self.shown]


@pytest.mark.parametrize(
    "names, expected",
    [
        (["loss", "total_loss", "accuracy"], "loss"),
        (["kl_loss", "total_loss"], "total_loss"),
        (["energy_loss", "accuracy"], "energy_loss"),
        (["Loss", "accuracy"], "Loss"),
        (["elbo"], "elbo"),
    ],
)
def test_the_loss_among_what_is_reported(names, expected):
    assert loss_name(names) == loss_name(reversed(names)) == expected


@pytest.mark.parametrize("names", [["kl_loss", "mse_loss"], ["mae", "elbo"], []])
def test_a_loss_that_is_one_of_several_is_not_guessed(names):
    with pytest.raises(ModelError, match="under the name 'loss'.*Received") as caught:
        loss_name(names)
    assert str(sorted(names)) in str(caught.value)


def test_whose_step_it_is():
    model, own = make_model(), make_functional(Square)
    assert not has_own_step(model) and not has_own_test_step(model)
    assert has_own_step(own) and not has_own_test_step(own)
    model.train_step = lambda data: {"loss": 0.0}
    model.test_step = lambda data: {"loss": 0.0}
    assert has_own_step(model) and has_own_test_step(model)


def test_who_needs_targets():
    class OwnLoss(keras.Sequential):
        def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
            return keras.ops.mean((y_pred - x) ** 2)

    assert needs_targets(make_model())
    assert not needs_targets(make_functional(Square, reported=("loss",)))
    own = compiled(OwnLoss([keras.Input((6,)), keras.layers.Dense(6)]), loss="mse")
    assert not needs_targets(own)
    result = sweep(own, X, steps=4, **OPTIONS)
    assert len(set(result.losses)) == 4


def test_metrics_that_are_not_shown_start_anew_as_well():
    model = make_functional(Square)
    assert metrics_behind_loss(model) == [model.tracker]
    hidden = make_functional(TwoTrackers)
    assert metrics_behind_loss(hidden) == [hidden.shown, hidden.tracker]
    plain = make_model()
    assert metrics_behind_loss(plain) == plain.metrics[:1]


@pytest.mark.slow
@pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="its steps see the metrics shown only"
)
def test_a_hidden_tracker_gives_the_loss_of_each_batch_and_comes_back():
    hidden, shown = make_functional(TwoTrackers), make_functional(Square)
    hidden.fit(X, verbose=0)
    before = host_copy(hidden.tracker.count), host_copy(hidden.tracker.total)
    assert before[0] > 0
    hidden.set_weights(shown.get_weights())
    still = {"start_lr": 1e-12, "end_lr": 1e-11, "steps": 6}
    one, other = (sweep(each, X, **still, **OPTIONS) for each in (hidden, shown))
    np.testing.assert_allclose(one.losses, other.losses, rtol=1e-6)
    assert before == (host_copy(hidden.tracker.count), host_copy(hidden.tracker.total))


@pytest.mark.parametrize("name", ["total_loss", "my_loss", "elbo"])
@pytest.mark.few(1)
def test_a_loss_of_any_name_is_swept_verified_and_trained_alike(name):
    """The same numbers as under the name `loss`."""

    def outcomes(reported):
        make = lambda: make_functional(Square, reported=reported)  # noqa: E731
        swept = sweep(make(), X, steps=6, **OPTIONS)
        verified = verify(make(), X, None, 1e-2, budget_steps=60, **OPTIONS)
        callback, model = LRSweep(steps=6), make()
        fit = {"batch_size": 16, "epochs": 2, "shuffle": False, "verbose": 0}
        model.fit(X, **fit, callbacks=[callback])
        history = train(make(), X, learning_rate=0.1, epochs=30, early_stopping=
                        {"patience": 1, "min_delta": 1.0}, **OPTIONS)  # fmt: skip
        losses = history.history["loss"]
        assert len(losses) < 30  # stopped by what it watches
        return (*swept.losses, verified.lr, *callback.result.losses, *losses)

    assert outcomes((name,)) == outcomes(("loss",))


def test_a_loss_that_is_not_known_is_refused_before_anything_is_kept():
    reported = ("kl_loss", "mse_loss")
    callback = LRSweep(steps=3)
    for run in (
        lambda model: sweep(model, X, steps=4, **OPTIONS),
        lambda model: verify(model, X, None, 1e-3, budget_steps=60, **OPTIONS),
        lambda model: model.fit(X, verbose=0, callbacks=[callback]),
    ):
        model = make_functional(Square, reported=reported)
        before = model.get_weights()
        with pytest.raises(ModelError, match="kl_loss.*mse_loss"):
            run(model)
        for one, other in zip(model.get_weights(), before, strict=True):
            np.testing.assert_array_equal(one, other)
    with pytest.raises(ModelError, match="kl_loss.*mse_loss"):
        train(make_functional(Square, reported=reported), X, learning_rate=0.1,
              epochs=1, verbose=0)  # fmt: skip


def test_validation_shows_a_loss_of_another_name_too():
    class WithTest(Square):
        def test_step(self, *args):
            if keras.backend.backend() == "jax":
                (trained, others, metrics), data = args
                mapping = zip(self.trainable_variables, trained, strict=True)
                with keras.StatelessScope(state_mapping=list(mapping)):
                    return {"of_test": self.loss_of_batch(data)}, (
                        trained, others, metrics
                    )  # fmt: skip
            return {"of_test": self.loss_of_batch(*args)}

    model = make_functional(WithTest, reported=("energy",))
    data = {"validation_data": (X,), "validation_samples": None}
    result = sweep(model, X, steps=4, start_lr=1e-12, end_lr=1e-11, **data, **OPTIONS)
    kernel, bias = model.get_weights()
    expected = np.mean((X @ kernel + bias) ** 2)
    np.testing.assert_allclose(result.validation.losses, expected, rtol=1e-5)
    options = {"learning_rate": 1e-12, "epochs": 2, "batch_size": 48, "verbose": 0}
    history = train(model, X, X, **options).history
    np.testing.assert_allclose(history["val_loss"], expected, rtol=1e-5)


def test_keras_own_test_step_is_not_asked_for_a_loss_it_does_not_report():
    """It gives the value of a metric that nothing has filled: 0."""
    model = make_functional(Square)
    with pytest.raises(ModelError, match="must have a test_step too"):
        sweep(model, X, validation_data=X, **OPTIONS)
    plain = make_model()  # a model with Keras' steps is evaluated as ever
    x, y = make_data()
    assert sweep(plain, x, y, steps=4, validation_data=(x, y), **OPTIONS).validation
