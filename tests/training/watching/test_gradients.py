"""Gradients and updates of steps, against the steps themselves and closed forms."""

import keras
import numpy as np
import pytest

from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.watching.analyzer import TrainingDynamicsAnalyzer
from lr_finder.training.watching.gradients import StepGradients

from ..conftest import make_data, make_model

pytestmark = pytest.mark.training
X, Y = make_data()
BACKEND = keras.backend.backend()


def analyzer():
    return TrainingDynamicsAnalyzer((X, Y), batch_size=16)


def spec_of(batch):
    """What a step is given, as TensorFlow is told it."""
    if BACKEND != "tensorflow":
        return None
    import tensorflow as tf

    return tuple(tf.TensorSpec((None, *a.shape[1:]), a.dtype) for a in batch)


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


@pytest.mark.skipif(BACKEND == "torch", reason="torch is listened to in its step")
def test_to_measure_changes_nothing(model):
    """All variables, and the random states of what comes next."""
    batch = X[:16].astype("float32"), Y[:16]
    model.fit(*batch, batch_size=16, verbose=0)
    parts = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    before = [host_copy(variable) for variable in parts]
    states = np.random.get_state()[1].copy()  # noqa: NPY002
    gradients = StepGradients(model, spec_of(batch))
    gradients.before()
    norms, weights, updates = gradients.after(batch)
    assert (norms > 0).all() and (updates == 0).all() and (weights > 0).all()
    np.testing.assert_array_equal(np.random.get_state()[1], states)  # noqa: NPY002
    for value, variable in zip(before, parts, strict=True):
        np.testing.assert_array_equal(value, host_copy(variable))
    again = StepGradients(model, spec_of(batch))
    again.before()
    np.testing.assert_array_equal(again.after(batch)[0], norms)


def test_a_step_that_fails_is_undone_if_it_was_the_first(model):
    """Weights, slots, and the seed of Dropout."""
    batch = X[:16].astype("float32"), Y[:16]
    model.fit(*batch, batch_size=16, verbose=0)
    parts = [*model.variables, *model.optimizer.variables]
    before = [host_copy(variable) for variable in parts]
    gradients = StepGradients(model, spec_of(batch))
    gradients.before()
    model.fit(*batch, batch_size=16, verbose=0)
    gradients.close()
    moved = [host_copy(variable) for variable in parts]
    assert any(not np.array_equal(a, b) for a, b in zip(before, moved, strict=True))
    gradients.put_back()
    for value, variable in zip(before, parts, strict=True):
        np.testing.assert_array_equal(value, host_copy(variable))


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
def test_a_layer_without_part_in_the_loss_has_no_gradient():
    inputs = keras.Input((6,))
    unused = keras.layers.Dense(2, name="unused")
    unused.build((None, 6))
    output = keras.layers.Dense(4, name="used", activation="softmax")(inputs)
    model = keras.Model(inputs, output)
    model.unused = unused
    model.compile("sgd", "sparse_categorical_crossentropy")
    _, tracker = analyzer().analyze_training_progression(model, epochs=1, verbose=0)
    layers = tracker.record().layers
    found = dict(zip(layers.names, layers.gradient_norms[0], strict=True))
    assert found["used"] > 0
    assert [norm for name, norm in found.items() if "unused" in name] == [0.0]
