"""What `fit` trains can be swept: models that no symbolic call can build."""

import keras
import numpy as np
import pytest

from lr_finder.errors import ModelError
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.stepping.building import build, lacks_weights
from lr_finder.training.sweep import sweep
from lr_finder.training.systematic import systematic_lr_testing
from lr_finder.training.verification import verify

from ..conftest import assert_same_outcome
from ..own_steps import (
    BACKEND,
    X,
    batches_of_parts,
    make_autoencoder,
    make_parted,
)

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:.*shuffle=True.*"),
]
only_tensorflow = pytest.mark.skipif(
    BACKEND != "tensorflow", reason="fit builds such a model under TensorFlow only"
)
STILL = {"start_lr": 1e-12, "end_lr": 2e-12, "stop": False, "verbose": 0}


def dataset_of_three():
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices(next(batches_of_parts(3, 48))).batch(16)


def endless_fours():
    return batches_of_parts(4)


KINDS = {
    "no call": (make_autoencoder, lambda: X),
    "no call, lazy": (lambda: make_autoencoder(is_lazy=True), lambda: X),
    "three inputs": (make_parted, dataset_of_three),
    "four inputs": (make_parted, endless_fours),
}
KINDS = [
    pytest.param(*kind, id=name, marks=only_tensorflow if "lazy" in name else ())
    for name, kind in KINDS.items()
]


def fit(model, data, **options):
    steps = {"batch_size": 16} if isinstance(data, np.ndarray) else {}
    return model.fit(data, **steps, steps_per_epoch=3, verbose=0, **options)


def outcome_of_fit(model, data):
    history = fit(model, data).history
    return history, everything(model)


def everything(model):
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return [host_copy(variable) for variable in variables]


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("make, data", KINDS)
@pytest.mark.few(2)
def test_a_fit_after_a_sweep_and_a_verification_is_bit_identical(make, data, warm):
    """Noise of `tf.random` included, whose state lies in what is traced."""

    def outcome(swept):
        model = make()
        if warm:
            fit(model, data())
        built = model.built
        if swept:
            options = {"batch_size": 16, "seed": 0, "verbose": 0}
            result = sweep(model, data(), steps=8, repeats=2, **options)
            assert len(result.curves) == 2 and len(set(result.losses)) > 4
            verify(model, data(), None, 1e-3, budget_steps=60, **options)
            assert model.built == built or make is make_parted
        return outcome_of_fit(model, data())

    assert_same_outcome(outcome(swept=True), outcome(swept=False))


@only_tensorflow
@pytest.mark.parametrize("make, data", KINDS)
@pytest.mark.few(2)
def test_a_model_is_built_with_the_weights_that_fit_gives_it(make, data):
    """Each way of training leaves them: they are those of a fit at a rate of 0."""
    expected = make()
    expected.optimizer.learning_rate = 0.0
    fit(expected, data())
    expected = expected.get_weights()
    options = {"steps": 4, "batch_size": 16, "seed": 0, "verbose": 0}
    lasting = LRSweep(1e-4, 1e-1, steps=3)
    for train in (
        lambda model: sweep(model, data(), **options),
        lambda model: systematic_lr_testing(model, data(), num=2, **options),
        lambda model: fit(model, data(), callbacks=[lasting]),
    ):
        model = make()
        train(model)
        for one, other in zip(model.get_weights(), expected, strict=True):
            np.testing.assert_array_equal(one, other)
    assert len(lasting.result.losses) == 3
    assert lasting.result.metadata["parameters"] == sum(map(np.size, expected))
    assert lasting.result.lrs[1] == pytest.approx(np.sqrt(1e-5))


@pytest.mark.parametrize("count, data", [(3, dataset_of_three), (4, endless_fours)])
def test_inputs_are_not_taken_for_targets_and_weights(count, data):
    """Part n lies 0.1 n beside the first: the loss is known in closed form."""
    model = make_parted()
    result = sweep(model, data(), steps=6, seed=0, **STILL)
    shifts = 0.1 * np.arange(1, count)[:, None] * model.dense.kernel.numpy().sum(0)
    expected = (shifts**2).mean(axis=1).sum()
    np.testing.assert_allclose(result.losses, expected, rtol=1e-4)


def test_weights_are_lacking_until_they_are_all_there():
    model = make_autoencoder(is_lazy=True)
    assert lacks_weights(model) == (BACKEND == "tensorflow")
    assert not lacks_weights(make_autoencoder())
    sequential = keras.Sequential([keras.layers.Dense(1)])
    sequential.compile("sgd", "mse")
    assert lacks_weights(sequential)
    sequential.build((None, 3))
    assert not lacks_weights(sequential)


@pytest.mark.parametrize("make", [make_autoencoder, make_parted])
def test_nothing_is_trained_or_drawn_to_build(make):
    model = make()
    element = tuple(keras.KerasTensor((None, 6)) for _ in range(3))
    build(model, element)
    before = everything(model)
    build(model, element)
    for one, other in zip(everything(model), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert host_copy(model.tracker.count) == 0


def test_a_model_that_cannot_be_built_is_refused_with_keras_reason():
    model = keras.Sequential([keras.layers.Conv2D(2, 3)])
    model.compile("sgd", "mse")
    with pytest.raises(ModelError, match="must be built.*Received.*expected min_ndim"):
        build(model, (keras.KerasTensor((None, 3)), keras.KerasTensor((None, 1))))
    assert not model.built and not model.layers[0].built
