"""The loss on held-out data within a sweep: what it is, and what it leaves alone."""

import keras
import numpy as np
import pytest

from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.errors import InputError
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.sweep import sweep
from lr_finder.training.validation import VALIDATION_SAMPLES, ValidationLoss

from .conftest import assert_same_outcome, make_data, make_model, outcome_of_fit

pytestmark = pytest.mark.training

X, Y = make_data()


def line(rate=0.1):
    """y = w x with w = 0 and targets x: every loss is known in closed form."""
    model = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros"),
        ]
    )
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model


def test_the_losses_are_those_after_each_update_in_closed_form():
    ones, twos = np.ones((8, 1)), np.full((8, 1), 2.0)
    result = sweep(line(), ones, ones, batch_size=8, steps=30, start_lr=1e-2,
                   end_lr=0.5, validation_data=(twos, twos), seed=0,
                   verbose=0)  # fmt: skip
    error, before, after = 1.0, [], []
    for lr in result.lrs:
        before.append(error**2)
        error *= 1 - 2 * lr
        after.append(4 * error**2)
    np.testing.assert_allclose(result.losses, before, rtol=1e-4, atol=1e-8)
    np.testing.assert_allclose(result.validation.losses, after, rtol=1e-4, atol=1e-8)
    assert result.validation.metadata["measured"] == "validation loss"


@pytest.mark.parametrize("repeats", [1, 2])
@pytest.mark.few(1)
def test_a_fit_after_it_is_bit_identical(repeats):
    expected = outcome_of_fit(make_model())
    model = make_model()
    result = sweep(model, X, Y, batch_size=16, steps=30, repeats=repeats,
                   validation_data=(X, Y), seed=0, verbose=0)  # fmt: skip
    assert len(result.validation.curves) == repeats
    assert_same_outcome(outcome_of_fit(model), expected)


def test_the_losses_of_the_batches_are_the_same_as_without_it():
    """Dropout draws on: only what is trained may move the weights and the seeds."""
    with_it, without = (
        sweep(make_model(), X, Y, batch_size=16, steps=30, seed=0, verbose=0, **more)
        for more in ({"validation_data": (X, Y)}, {})
    )
    np.testing.assert_array_equal(with_it.losses, without.losses)
    assert without.validation is None
    assert with_it.metadata["validation_samples"] == 100


def test_the_callback_measures_it_too():
    sweep = LRSweep(1e-4, 1e-1, steps=6, validation_data=(X, Y), validation_samples=50)
    model = make_model()
    model.fit(X, Y, batch_size=16, verbose=0, callbacks=[sweep])
    assert len(sweep.result.validation.losses) == 6
    assert sweep.result.metadata["validation_samples"] == 50


def test_a_validation_loss_that_is_no_number_ends_the_sweep():
    huge = np.full((4, 1), 1e30)
    result = sweep(line(), np.ones((8, 1)), np.ones((8, 1)), batch_size=8, steps=10,
                   start_lr=0.01, end_lr=0.1, validation_data=(huge, huge), seed=0,
                   verbose=0)  # fmt: skip
    assert result.stop_reason == StopReason.NONFINITE
    assert len(result.lrs) == 0


def test_a_subset_is_drawn_at_random_and_all_are_taken_on_request():
    values = np.arange(1000.0)[:, None]
    model = line()  # its loss is the mean square of the targets
    losses = {
        seed: ValidationLoss((values, values), seed=seed).of(model) for seed in (0, 1)
    }
    assert losses[0] != losses[1]
    for loss in losses.values():
        assert loss == pytest.approx(np.mean(values**2), rel=0.2)
    assert ValidationLoss((values, values)).samples == VALIDATION_SAMPLES
    every = ValidationLoss((values, values), samples=None)
    assert every.samples == 1000
    assert every.of(model) == pytest.approx(np.mean(values**2), rel=1e-5)


def batches():
    for start in range(0, 100, 30):
        yield X[start : start + 30], Y[start : start + 30]


class Batched(keras.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return list(batches())[index]


def make_dataset():
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(30)


def make_loader():
    data = pytest.importorskip("torch.utils.data")
    import torch

    tensors = data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    return data.DataLoader(tensors, batch_size=30)


@pytest.mark.parametrize("make", [batches, Batched, make_dataset, make_loader])
def test_of_a_source_the_first_samples_are_taken(make):
    model = make_model()
    found = ValidationLoss(make(), samples=40)
    assert found.samples == 40
    expected = model.evaluate(X[:40], Y[:40], verbose=0)[0]
    assert found.of(model) == pytest.approx(expected, rel=1e-5)
    if make is not batches:
        assert ValidationLoss(make(), samples=None).samples == 100


def test_sample_weights_and_dictionaries_are_taken():
    weights = np.linspace(0, 1, 100)
    model = make_model()
    expected = model.evaluate(X, Y, sample_weight=weights, verbose=0)[0]
    found = ValidationLoss((X, Y, weights), samples=None).of(model)
    assert found == pytest.approx(expected, rel=1e-5)
    inputs = {"a": keras.Input((3,), name="a"), "b": keras.Input((3,), name="b")}
    hidden = keras.layers.Concatenate()(list(inputs.values()))
    model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
    model.compile("sgd", "mse")
    data = {"a": X[:, :3], "b": X[:, 3:]}, Y.astype("float32")
    expected = model.evaluate(*data, verbose=0)
    assert ValidationLoss(data, None).of(model) == pytest.approx(expected, rel=1e-5)


def test_penalties_count_and_dropout_does_not():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dropout(0.9),
            keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.1)),
        ]
    )
    model.compile("sgd", "mse")
    kernel = keras.ops.convert_to_numpy(model.layers[-1].kernel)
    expected = np.mean((X @ kernel) ** 2) + 0.1 * np.sum(kernel**2)
    found = ValidationLoss((X, np.zeros(100)), samples=None).of(model)
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "data, samples, words",
    [
        (X, 10, "without targets"),
        ((X,), 10, "without targets"),
        ((X, None), 10, "without targets"),
        ((X, Y, Y, Y), 10, "`validation_data`.*tuple of 4"),
        ("text", 10, "`validation_data`.*str"),
        ((X, Y[:50]), 10, "same number of samples"),
        ((batch for batch in ()), 10, "Received: none"),
        ((X[:10] for _ in range(3)), 10, "without targets"),
        (batches(), None, "`validation_samples` must be a number.*generator"),
        ((X, Y), 0, "`validation_samples`.*0"),
    ],
)
def test_data_that_breaks_a_rule_is_named(data, samples, words):
    model = make_model()
    with pytest.raises(InputError, match=words):
        sweep(model, X, Y, validation_data=data, validation_samples=samples, verbose=0)
    assert not model.optimizer.built
