"""The loss of the best constant guess, beside a search over all constants."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax

from lr_finder.analysis.training.constant_guess import GUESSES, loss_of_guess

RNG = np.random.default_rng(0)
NUMBERS = RNG.gamma(2.0, size=(101, 2))
LABELS = RNG.integers(0, 3, size=101) ** 2 // 2  # 0, 0 and 2: a class is missing
YES_OR_NO = (RNG.uniform(size=(101, 2)) < [0.2, 0.7]).astype(float)


def squared(guess):
    return np.mean((NUMBERS - guess) ** 2)


def absolute(guess):
    return np.mean(np.abs(NUMBERS - guess))


def of_classes(guess):
    return -log_softmax(guess)[LABELS].mean()


def of_yes_or_no(guess):
    return np.mean(np.logaddexp(0, guess) - YES_OR_NO * guess)


CASES = {
    "mean_squared_error": (NUMBERS, squared, 2),
    "mean_absolute_error": (NUMBERS, absolute, 2),
    "binary_crossentropy": (YES_OR_NO, of_yes_or_no, 2),
    "categorical_crossentropy": (np.eye(3)[LABELS], of_classes, 3),
    "sparse_categorical_crossentropy": (LABELS, of_classes, 3),
}


def test_every_loss_has_an_oracle():
    assert set(CASES) == set(GUESSES)


@pytest.mark.parametrize("loss", CASES)
def test_no_constant_has_a_lower_loss(loss):
    targets, of_guess, n = CASES[loss]
    options = {"xatol": 1e-6, "fatol": 1e-12, "maxiter": 4000}
    search = minimize(of_guess, np.zeros(n), method="Nelder-Mead", options=options)
    assert loss_of_guess(loss, targets) == pytest.approx(search.fun, rel=1e-4)


def test_a_column_is_a_list_of_numbers():
    one = loss_of_guess("sparse_categorical_crossentropy", LABELS[:, None])
    assert one == loss_of_guess("sparse_categorical_crossentropy", LABELS)
    one = loss_of_guess("mean_squared_error", NUMBERS[:, :1])
    assert one == pytest.approx(np.var(NUMBERS[:, 0]))


@pytest.mark.parametrize(
    "loss, targets",
    [
        ("huber", NUMBERS),
        ("mean_squared_error", np.ones(9)),  # nothing to learn
        ("mean_squared_error", np.array([1.0, np.nan])),
        ("mean_squared_error", np.array([])),
        ("mean_squared_error", np.array(["a", "b"])),
    ],
)
def test_what_is_not_known_is_none(loss, targets):
    assert loss_of_guess(loss, targets) is None
