"""Gradients taken beside a step, against the step itself and closed forms."""

import keras
import numpy as np
import pytest

from lr_finder.training.dynamics import TrainingDynamicsAnalyzer
from lr_finder.training.gradients import StepGradients
from lr_finder.training.variables import host_copy

from .conftest import make_data, make_model

pytestmark = pytest.mark.training
X, Y = make_data()


def analyzer():
    return TrainingDynamicsAnalyzer((X, Y), batch_size=16)


def test_the_gradient_is_the_one_that_plain_descent_makes_its_step_with():
    """For SGD the update is lr * g, also through BatchNorm and Dropout."""
    lr = 0.05
    model = make_model(optimizer=keras.optimizers.SGD(lr))
    before = [keras.ops.convert_to_numpy(v).copy() for v in model.trainable_variables]
    _, tracker = analyzer().analyze_training_progression(
        model, lr, gradients_every=1, epochs=1, verbose=0
    )
    layers = tracker.record().layers
    assert layers.batches.tolist() == list(range(7))
    names = [name.rpartition("/")[2] for name in layers.names]
    assert [name.split("_")[0] for name in names] == ["dense", "batch", "dense"]
    norms = [np.hypot(*map(np.linalg.norm, before[i : i + 2])) for i in (0, 2, 4)]
    np.testing.assert_allclose(
        layers.update_ratios[0], lr * layers.gradient_norms[0] / norms, rtol=1e-3
    )
    assert (layers.gradient_norms > 0).all()


def test_a_regulariser_is_part_of_the_gradient_and_weights_of_samples_too():
    """By hand: loss = mean(w * (a x - y)^2) + 0.1 a^2, at a = 1."""
    model = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(
                1, use_bias=False, kernel_initializer="ones", kernel_regularizer="l2"
            ),
        ]
    )
    model.layers[0].kernel.regularizer = keras.regularizers.L2(0.1)
    model.compile(keras.optimizers.SGD(0.01), "mse")
    x, w = np.array([[1.0], [2.0]]), np.array([1.0, 3.0])
    watch = TrainingDynamicsAnalyzer((x, 0 * x, w))
    _, tracker = watch.analyze_training_progression(
        model, gradients_every=1, epochs=1, verbose=0
    )
    by_hand = np.mean(w * 2 * x[:, 0] ** 2) + 2 * 0.1
    np.testing.assert_allclose(
        tracker.record().layers.gradient_norms, [[by_hand]], rtol=1e-5
    )


def test_vanishing_gradients_are_seen():
    """Each sigmoid takes at least a factor 4 off the gradient that passes back."""
    keras.utils.set_random_seed(0)
    hidden = [keras.layers.Dense(6, "sigmoid") for _ in range(6)]
    model = keras.Sequential([keras.Input((6,)), *hidden, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    _, tracker = analyzer().analyze_training_progression(
        model, 1e-3, gradients_every=1, epochs=1, verbose=0
    )
    first = tracker.record().layers.gradient_norms[0]
    assert first[0] < 1e-2 * first[-2]


def test_to_measure_changes_nothing(model):
    """All variables, and the random states of what comes next."""
    x, y = X[:16].astype("float32"), Y[:16]
    variables = [*model.variables, *model.metrics_variables]
    before = [host_copy(variable) for variable in variables]
    states = np.random.get_state()[1].copy()  # noqa: NPY002
    gradients = StepGradients(model)
    gradients.before()
    norms, weights, updates = gradients.after((x, y))
    assert (norms > 0).all() and (updates == 0).all()
    np.testing.assert_array_equal(np.random.get_state()[1], states)  # noqa: NPY002
    for value, variable in zip(before, variables, strict=True):
        np.testing.assert_array_equal(value, host_copy(variable))
    again = StepGradients(model)
    again.before()
    np.testing.assert_array_equal(again.after((x, y))[0], norms)


def test_a_layer_without_part_in_the_loss_has_no_gradient():
    inputs = keras.Input((6,))
    unused = keras.layers.Dense(2, name="unused")
    unused.build((None, 6))
    output = keras.layers.Dense(1, name="used")(inputs)
    model = keras.Model(inputs, output)
    model.unused = unused
    model.compile("sgd", "mse")
    gradients = StepGradients(model)
    gradients.before()
    norms, _, _ = gradients.after((X[:8].astype("float32"), Y[:8, None]))
    found = dict(zip(gradients.names, norms, strict=True))
    assert found["used"] > 0
    assert [norm for name, norm in found.items() if "unused" in name] == [0.0]
