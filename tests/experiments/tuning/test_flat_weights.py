"""Flat weights fitted: against closed forms, and what is counted."""

import keras
import numpy as np
import pytest

import lr_finder
from lr_finder.errors import InputError
from lr_finder.experiments.tuning.flat_weights import WAYS, fit_weights
from lr_finder.reference import Network

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.3 + 0.1 * RNG.normal(size=60)
DESIGN = np.c_[X, np.ones(60)]
LEAST = float(np.mean((DESIGN @ np.linalg.lstsq(DESIGN, Y, rcond=None)[0] - Y) ** 2))


def linear():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("method", WAYS)
def test_least_squares_are_reached_with_four_weights(method):
    fitted = fit_weights(Network((3, 1)), X, Y[:, None], method=method, budget=2000)
    assert fitted.loss == pytest.approx(LEAST, rel=1e-4)
    network = Network((3, 1))
    again = network.loss_of(fitted.parameters, X, Y[:, None])
    assert again == pytest.approx(fitted.loss)


@pytest.mark.training
@pytest.mark.parametrize("method", WAYS)
def test_a_keras_model_is_left_with_the_best_weights(method):
    model = linear()
    fitted = lr_finder.fit_weights(model, X, Y, method=method, budget=400)
    measured = model.evaluate(X, Y, batch_size=60, verbose=0)
    assert measured == pytest.approx(fitted.loss, rel=1e-4)
    assert fitted.loss == pytest.approx(LEAST, rel=0.02)
    flat = np.concatenate([v.numpy().ravel() for v in model.trainable_variables])
    np.testing.assert_allclose(flat, fitted.weights, rtol=1e-5, atol=1e-6)


@pytest.mark.training
def test_on_an_error_a_keras_model_is_as_it_was(monkeypatch):
    from lr_finder.training.curvature.hessian import Hessian

    model = linear()
    before = model.get_weights()

    def fail(self):
        raise RuntimeError("stop")

    monkeypatch.setattr(Hessian, "loss_and_gradient", fail)
    with pytest.raises(RuntimeError, match="stop"):
        fit_weights(model, X, Y)
    assert all(map(np.array_equal, before, model.get_weights()))


@pytest.mark.parametrize("method", WAYS)
def test_the_budget_holds_and_all_is_counted(method):
    calls = {"n": 0}

    class Counting(Network):
        def loss_and_gradients(self, *given):
            calls["n"] += 1
            return super().loss_and_gradients(*given)

    network = Counting((3, 8, 1), "tanh")
    fitted = fit_weights(network, X, Y[:, None], method=method, budget=60)
    assert fitted.stopped_by == "budget" and fitted.costs[-1] < 60.001
    share = {"evolution": 1 / 3}.get(method, 1.0)  # a product is two gradients here
    assert calls["n"] * share == pytest.approx(60, abs=2.1)
    frame = fitted.to_frame()
    assert (np.diff(frame["best"]) <= 0).all() and frame["best"].iloc[-1] == fitted.loss


def test_evolution_dies_on_many_weights():
    """At equal cost, on 4 and on 1,000 weights: what it keeps of the first loss."""
    kept = {}
    for sizes in ((3, 1), (3, 200, 1)):
        fitted = fit_weights(
            Network(sizes), X, Y[:, None], method="evolution", budget=300
        )
        gradient = fit_weights(Network(sizes), X, Y[:, None], budget=300)
        kept[sizes] = fitted.loss / gradient.loss
    assert kept[3, 1] < 1.1 and kept[3, 200, 1] > 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "adam"}, "evolution, lbfgs"),
        ({"budget": 0}, "budget"),
        ({"population": 51}, "at most 50"),
        ({"population": 3}, "population"),
        ({"model": object()}, "keras.Model"),
    ],
)
def test_bad_input_is_refused(change, words):
    given = {"model": Network((3, 1)), "method": "lbfgs"} | change
    with pytest.raises(InputError, match=words):
        fit_weights(given.pop("model"), X, Y[:, None], **given)
