"""Landscapes against closed forms and `evaluate`; a model that comes back untouched."""

import signal

import keras
import numpy as np
import pytest

from lr_finder import TrajectoryRecorder, loss_landscape
from lr_finder.errors import InputError, ModelError
from lr_finder.training.landscape.filter_directions import random_directions
from lr_finder.training.preserving.variables import host_copy

pytestmark = pytest.mark.training
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 5)).astype("float32")
TARGET = (X @ RNG.normal(size=(5, 3)) + 0.3).astype("float32")
CLASSES = RNG.integers(0, 3, 40)


def linear(penalty=0.0):
    """A loss that is a quadratic in the weights."""
    keras.utils.set_random_seed(0)
    regularizer = keras.regularizers.L2(penalty) if penalty else None
    model = keras.Sequential(
        [keras.Input((5,)), keras.layers.Dense(3, kernel_regularizer=regularizer)]
    )
    model.compile("sgd", "mse")
    return model


def network(seed=0):
    """BatchNorm, Dropout, slots of an optimizer."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(8, "relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    return model


def quadratic_loss(kernel, bias, penalty=0.0, weight=None):
    """The mean squared error of a linear model, written down."""
    errors = (X.astype(float) @ kernel + bias - TARGET) ** 2
    per_sample = errors.mean(axis=1)
    if weight is not None:
        per_sample = per_sample * weight
    return per_sample.mean() + penalty * (kernel**2).sum()


@pytest.mark.parametrize(
    "penalty, weight", [(0.0, None), (0.1, RNG.uniform(0, 2, 40).astype("float32"))]
)
def test_a_linear_model_gives_the_quadratic_in_closed_form(penalty, weight):
    model = linear(penalty)
    kernel, bias = (host_copy(v).astype(float) for v in model.trainable_variables)
    (one, _), (two, _) = random_directions(model, 2, seed=4)
    found = loss_landscape(
        model, X, TARGET, points=5, distance=2.0, sample_weight=weight, batch_size=40,
        seed=4, verbose=0,
    )  # fmt: skip
    for place, b in enumerate(found.coordinates[1]):
        for i, a in enumerate(found.coordinates[0]):
            moved = kernel + a * one + b * two
            expected = quadratic_loss(moved, bias, penalty, weight)
            assert found.losses[place, i] == pytest.approx(expected, rel=1e-5)


def test_directions_of_ones_own():
    model = linear()
    kernel, bias = (host_copy(v).astype(float) for v in model.trainable_variables)
    way = [np.zeros((5, 3)), np.array([1.0, 0.0, -1.0])]
    found = loss_landscape(model, X, TARGET, directions=[way], points=5, verbose=0)
    expected = [quadratic_loss(kernel, bias + a * way[1]) for a in found.coordinates[0]]
    np.testing.assert_allclose(found.losses, expected, rtol=1e-5)
    assert found.kind == "given"


def test_the_ends_of_a_line_are_evaluate_of_both_models():
    model, other = network(), network(1)
    other.fit(X, CLASSES, epochs=3, verbose=0)
    found = loss_landscape(model, X, CLASSES, to=other, points=5, verbose=0)
    ends = [each.evaluate(X, CLASSES, verbose=0) for each in (model, other)]
    np.testing.assert_allclose(found.losses[[0, -1]], ends, rtol=1e-6)
    assert (found.loss, found.end_loss) == (found.losses[0], found.losses[-1])


def test_a_trajectory_ends_at_the_model():
    model, recorder = network(), TrajectoryRecorder()
    model.fit(X, CLASSES, batch_size=8, epochs=4, verbose=0, callbacks=[recorder])
    found = loss_landscape(model, X, CLASSES, trajectory=recorder, points=5, verbose=0)
    assert found.kind == "principal" and 0 < found.shares.sum() <= 1
    np.testing.assert_allclose(found.path[-1], 0, atol=1e-6)
    assert found.steps[-1] == 20
    assert found.loss == pytest.approx(model.evaluate(X, CLASSES, verbose=0), rel=1e-6)
    line = loss_landscape(
        model, X, CLASSES, trajectory=recorder.trajectory, directions=1, points=5,
        verbose=0,
    )  # fmt: skip
    np.testing.assert_allclose(line.path[:, 0], found.path[:, 0], rtol=1e-6)


def everything(model):
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return [host_copy(v) for v in variables]


def assert_untouched(model, before, state):
    for one, other in zip(everything(model), before, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def trained():
    model = network()
    model.fit(X, CLASSES, epochs=1, verbose=0)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    return model, everything(model), state


@pytest.mark.parametrize("options", [{}, {"directions": 1}, {"to": network}])
def test_the_model_comes_back_to_the_last_bit(options):
    model, before, state = trained()
    options = {k: v() if callable(v) else v for k, v in options.items()}
    loss_landscape(model, X, CLASSES, points=5, verbose=0, **options)
    assert_untouched(model, before, state) if "to" not in options else None
    for one, other in zip(everything(model), before, strict=True):
        np.testing.assert_array_equal(one, other)


class Failing(keras.utils.PyDataset):
    """Batches that go well for some time."""

    def __init__(self, after, how):
        super().__init__()
        self.left, self.how = after, how

    def __len__(self):
        return 1

    def __getitem__(self, place):
        self.left -= 1
        if self.left < 0:
            self.how()
        return X, CLASSES


def fail():
    raise RuntimeError("the disk is gone")


def press():
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("how, error", [(fail, Exception), (press, KeyboardInterrupt)])
def test_it_comes_back_also_after_an_error_and_ctrl_c(how, error):
    model, before, state = trained()
    with pytest.raises(error):
        loss_landscape(model, Failing(9, how), points=9, verbose=0)
    assert_untouched(model, before, state)


def test_a_model_that_is_not_built_is_built_as_fit_would():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(3)])
    model.compile("sgd", "mse")
    found = loss_landscape(model, X, TARGET, points=3, verbose=0)
    assert model.built
    assert found.loss == pytest.approx(model.evaluate(X, TARGET, verbose=0), rel=1e-6)


def test_losses_that_are_not_finite_are_kept():
    model = linear()
    way = [np.full((5, 3), 1e30), np.zeros(3)]
    found = loss_landscape(model, X, TARGET, directions=[way], points=3, verbose=0)
    assert not np.isfinite(found.losses[[0, 2]]).any()
    assert found.to_dict()["not_finite"] == 2
    assert "not finite at 2 of 3 points" in str(found)


def test_the_seed_draws_the_directions():
    model = linear()
    one, same, other = (
        loss_landscape(model, X, TARGET, directions=1, points=3, seed=seed, verbose=0)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.losses, same.losses)
    assert not np.allclose(one.losses, other.losses)


def test_what_it_was_made_of_is_told():
    about = loss_landscape(linear(), X, TARGET, points=3, verbose=0).metadata
    assert about["evaluations"] == 9 and about["seed"] == 0
    assert about["parameters"] == 18 and about["loss"] == "mse"


def test_progress_is_shown(capsys):
    loss_landscape(linear(), X, TARGET, directions=1, points=3, verbose=1)
    assert "3/3" in capsys.readouterr().out


def weightless():
    model = keras.Sequential([keras.Input((5,)), keras.layers.Activation("relu")])
    model.compile("sgd", "mse")
    return model


def lost():
    model = linear()
    model.layers[0].bias.assign([np.nan] * 3)
    return model


def bad(target):
    target = target.copy()
    target[3] = np.nan
    return target


@pytest.mark.parametrize(
    "make, arguments, error, message",
    [
        (weightless, {}, ModelError, "must have trainable weights"),
        (lost, {}, ModelError, "weights of the model must be finite.*bias"),
        (linear, {"y": bad(TARGET)}, InputError, "loss at the model itself.*NaN in"),
        (linear, {"points": 101}, InputError, "makes 10,201. Give points=49"),
        (linear, {"points": 4}, InputError, "must be odd"),
        (linear, {"directions": 3}, InputError, "`directions` must be 1, 2, or a list"),
        (linear, {"directions": "two"}, InputError, "`directions` must be 1, 2"),
        (linear, {"directions": np.ones(3)}, InputError, "`directions` must be 1, 2"),
        (linear, {"directions": [[np.ones(3)]]}, InputError, "of shapes .*Received"),
        (linear, {"distance": -1.0}, InputError, "`distance` must be a positive"),
        (linear, {"to": linear, "directions": 2}, InputError, "must be 1 with `to`"),
        (linear, {"to": linear, "distance": 1.0}, InputError, "say how far"),
        (linear, {"to": network}, InputError, "weights like those of `model`"),
        (linear, {"to": linear, "trajectory": 3}, InputError, "not come together"),
        (linear, {"trajectory": 3}, InputError, "must be a TrajectoryRecorder"),
        (linear, {"trajectory": TrajectoryRecorder()}, InputError, "seen a training"),
        (linear, {"seed": -1}, InputError, "`seed` must be"),
    ],
)
@pytest.mark.few(17)
def test_bad_arguments_are_refused(make, arguments, error, message):
    given = {k: v() if callable(v) else v for k, v in arguments.items()}
    given = {"y": TARGET, "points": 3, "verbose": 0} | given
    with pytest.raises(error, match=message):
        loss_landscape(make(), X, **given)


@pytest.mark.parametrize("points", [9, 25, 51, 201])
def test_the_distance_to_double_does_not_depend_on_the_points(points):
    """Of a linear model: the root of a quadratic equation in the distance."""
    model = linear()
    kernel, bias = (host_copy(v).astype(float) for v in model.trainable_variables)
    way = [np.linspace(-3, 3, 15).reshape(5, 3), np.zeros(3)]
    step = X.astype(float) @ way[0]
    errors = X.astype(float) @ kernel + bias - TARGET
    roots = np.roots(
        [(step**2).mean(), 2 * (errors * step).mean(), -(errors**2).mean()]
    )
    found = loss_landscape(
        model, X, TARGET, directions=[way], points=points, distance=4.0, batch_size=40,
        verbose=0,
    )  # fmt: skip
    assert found.doubles_at[0] == pytest.approx(np.abs(roots).min(), rel=0.02)
    assert points < found.metadata["evaluations"] <= points + 20


def test_a_misspelt_argument_is_told():
    with pytest.raises(TypeError, match="no argument `point`. Did you mean `points`"):
        loss_landscape(linear(), X, TARGET, point=3)
