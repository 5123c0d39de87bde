"""Penalties and decays against single steps in NumPy."""

import keras
import numpy as np
import pytest

from lr_finder.data.dataset import Dataset
from lr_finder.errors import InputError, ModelError
from lr_finder.experiments.comparison.optimizers import choose_optimizer
from lr_finder.experiments.regularization import PenalizedSource, Regularization

pytestmark = pytest.mark.training
X = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]], "float32")
Y = np.array([1.0, -2.0, 0.5], "float32")
DATA = Dataset(X, Y, X, Y, "regression")
W, B = np.array([[0.3], [-0.2]]), np.array([0.7])
RATE, STRENGTH = 0.1, 0.25
ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


def line(dataset, dropout=0.0):
    layers = [keras.Input((2,)), keras.layers.Dense(1)]
    return keras.Sequential(layers + [keras.layers.Dropout(dropout)] * (dropout > 0))


def after_a_step(regularization, optimizer):
    """The weights after one step on all rows."""
    model = regularization.of_model(line)(DATA, None)
    for variable, value in zip(model.weights, (W, B), strict=True):
        variable.assign(value)
    choice = regularization.of_optimizer(choose_optimizer(optimizer))
    model.compile(choice.build(RATE), "mse")
    model.fit(X, Y, batch_size=3, verbose=0)
    return np.concatenate([w.ravel() for w in model.get_weights()])


def flat():
    return np.concatenate([W.ravel(), B])


def gradient():
    residual = X @ W.ravel() + B - Y
    return np.append(2 * X.T @ residual / len(X), 2 * residual.mean())


def adam(gradient):
    """The first step of Adam: with the bias corrected, the sign of the gradient."""
    return RATE * gradient / (np.abs(gradient) + ADAM["epsilon"])


@pytest.mark.parametrize("kind", ["l2", "weight_decay"])
def test_for_plain_sgd_both_are_the_same_step(kind):
    found = after_a_step(Regularization(**{kind: STRENGTH}), "sgd")
    expected = flat() - RATE * (gradient() + STRENGTH * flat())
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_adam_divides_the_penalty_and_not_the_decay():
    with_l2 = after_a_step(Regularization(l2=STRENGTH), "adam")
    expected = flat() - adam(gradient() + STRENGTH * flat())
    np.testing.assert_allclose(with_l2, expected, rtol=1e-4)
    for optimizer in ("adam", "adamw"):
        decayed = after_a_step(Regularization(weight_decay=STRENGTH), optimizer)
        expected = (1 - RATE * STRENGTH) * flat() - adam(gradient())
        np.testing.assert_allclose(decayed, expected, rtol=1e-4)
    assert np.abs(with_l2 - decayed).max() > 0.01


def test_no_regularization_changes_nothing():
    none = Regularization()
    choice = choose_optimizer("adam")
    assert none.of_optimizer(choice) is choice
    assert none.of_model(line)(DATA, None).losses == []
    assert none.label == "none"


def test_dropout_is_given_to_the_function():
    model = Regularization(dropout=0.5).of_model(line)(DATA, None)
    assert model.layers[-1].rate == 0.5
    for build in (lambda dataset: line(dataset), "mlp"):
        with pytest.raises(InputError, match="argument `dropout`"):
            Regularization(dropout=0.5).of_model(build)


def test_its_columns_and_its_label_say_what_it_is():
    told = Regularization(0.01, 0.1, 0.5, augmentation=True, early_stopping=True)
    assert told.label == (
        "L2 0.01, decay 0.1, dropout 0.5, augmentation, early stopping"
    )
    assert told.columns() == {
        "regularization": told.label, "l2": 0.01, "weight_decay": 0.1, "dropout": 0.5,
        "augmentation": True, "early_stopping": True,
    }  # fmt: skip
    assert told.conditions == {"augmentation": True, "early_stopping": True}


@pytest.mark.parametrize(
    "given",
    [{"l2": -1.0}, {"l2": "much"}, {"weight_decay": np.inf}, {"dropout": 1.0},
     {"dropout": np.nan}],
)  # fmt: skip
def test_strengths_that_are_none_are_refused(given):
    (name,) = given
    with pytest.raises(InputError, match=f"`{name}`"):
        Regularization(**given)


def test_a_model_that_cannot_be_penalized_is_refused():
    def unbuilt(dataset, initializer=None):
        return keras.Sequential([keras.layers.Dense(1)])

    def penalized(dataset, initializer=None):
        own = keras.regularizers.L1(0.1)
        layers = [keras.Input((2,)), keras.layers.Dense(1, kernel_regularizer=own)]
        return keras.Sequential(layers)

    with pytest.raises(ModelError, match="built"):
        PenalizedSource(unbuilt, 0.1)(DATA)
    with pytest.raises(ModelError, match="of its own"):
        PenalizedSource(penalized, 0.1)(DATA)
    assert PenalizedSource(penalized, 0.0)(DATA).losses
