"""Weights fitted without a learning rate: by evolution, L-BFGS or Newton-CG."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
from scipy import optimize

from lr_finder._arguments import check_count, check_seed
from lr_finder.errors import InputError
from lr_finder.results.tuning.fitted_weights import FittedWeights

EVOLVED, LBFGS, NEWTON = "evolution", "lbfgs", "newton-cg"
WAYS = (EVOLVED, LBFGS, NEWTON)
SCIPY = {LBFGS: "L-BFGS-B", NEWTON: "Newton-CG"}
LARGEST_POPULATION = 50
OF_LOSS, OF_PRODUCT = 1 / 3, 2.0  # in gradients: forward is a third of both ways
SPREAD = 1.0  # of the first population around the model's weights, in each direction
STEP = 1e-5  # of a central difference, of the length of the weights


class FlatLoss(Protocol):
    """A loss of one vector of weights, with its derivatives."""

    start: np.ndarray

    def loss_and_gradient(self, flat: np.ndarray) -> tuple[float, np.ndarray]:
        """The loss and its first derivatives at a vector."""

    def product(self, flat: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """The second derivatives at a vector, times another."""


class _PaidError(Exception):
    """The budget is paid."""


class _Ledger:
    """Counts what a loss and its derivatives cost, and keeps the best weights."""

    def __init__(self, loss: FlatLoss, budget: float):
        self._loss, self._budget = loss, budget
        self.paid, self.lowest, self.best = 0.0, np.inf, loss.start
        self.losses: list[float] = []
        self.costs: list[float] = []

    def value(self, flat: np.ndarray) -> float:
        """A loss alone."""
        return self._note(flat, OF_LOSS)[0]

    def both(self, flat: np.ndarray) -> tuple[float, np.ndarray]:
        """A loss and its gradient."""
        return self._note(flat, 1.0)

    def product(self, flat: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """A product with the second derivatives."""
        self._pay(OF_PRODUCT)
        return self._loss.product(flat, vector)

    def _note(self, flat: np.ndarray, cost: float) -> tuple[float, np.ndarray]:
        self._pay(cost)
        loss, gradient = self._loss.loss_and_gradient(flat)
        loss = loss if np.isfinite(loss) else np.inf
        self.losses.append(loss)
        self.costs.append(self.paid)
        if loss < self.lowest:
            self.lowest, self.best = loss, np.array(flat, float)
        return loss, np.nan_to_num(gradient)

    def _pay(self, cost: float) -> None:
        if self.paid + cost > self._budget * (1 + 1e-12):
            raise _PaidError
        self.paid += cost


def fit_weights(
    model: Any,
    x: Any,
    y: Any = None,
    *,
    method: str = LBFGS,
    budget: int = 1000,
    population: int = LARGEST_POPULATION,
    batch_size: int = 256,
    seed: int = 0,
) -> FittedWeights:
    r"""Fit all weights of a model as one vector, by a search without a learning rate.

    `"lbfgs"` and `"newton-cg"` take the gradient of the loss on all data,

    $$ g(w) = \nabla_w L(w), \qquad H(w) v = \nabla_w (v^\top \nabla_w L(w)) $$

    the second also products with the second derivatives; `"evolution"` takes losses
    alone (SciPy's differential evolution, best1bin). All data are used at each step. So
    the quasi-Newton methods shine on few weights and a full batch; evolution is lost on
    many weights. The loss is that of `model.evaluate`: layers as in inference.

    Args:
        model: keras.Model, compiled, whose weights are set to the best found; or
            `lr_finder.reference.Network`, whose first weights come from the seed.
        x: array (samples, …); for a Keras model also what `largest_curvature` takes.
        y: targets, like `x`.
        method: str, `"evolution"`, `"lbfgs"` or `"newton-cg"`.
        budget: int >= 1, gradients of the whole data that may be paid. A loss alone
            costs a third, a product with the second derivatives two.
        population: int in [5, 50], of the evolution: drawn around the first weights.
        batch_size: int >= 1, samples at once, for memory alone.
        seed: int, of the evolution and of the first weights of a NumPy model.

    Returns:
        FittedWeights.

    Raises:
        InputError: If an argument breaks its rule.
        ModelError: If the loss cannot be differentiated; the model is as it was then.

    Example:
    >>> from lr_finder.reference import Network
    >>> x = np.linspace(-1.0, 1.0, 40)[:, None]
    >>> fitted = fit_weights(Network((1, 1)), x, 3 * x, budget=50)
    >>> fitted.stopped_by, fitted.loss < 1e-8
    ('converged', True)

    References:
        Storn and Price, Differential Evolution, Journal of Global Optimization 11,
        1997; Nocedal and Wright, Numerical Optimization, 2006, chapters 7 and 9.
    """
    if method not in WAYS:
        raise InputError(
            f"Argument `method` must be one of {', '.join(WAYS)}. Received: method="
            f"{method!r:.50}."
        )
    check_count("budget", budget, least=1)
    check_count("population", population, least=5)
    check_seed(seed)
    if population > LARGEST_POPULATION:
        raise InputError(
            f"Argument `population` must be at most {LARGEST_POPULATION}. Received: "
            f"population={population}. More rarely pays: give more `budget`."
        )
    from lr_finder.reference import Network

    if isinstance(model, Network):
        numpy_loss = _NetworkLoss(model, x, y, seed)
        found = _search(numpy_loss, method, budget, population, seed)
        parameters = numpy_loss.tree(found.weights)
        return FittedWeights(
            method, found.weights, found.losses, found.costs, found.stopped_by,
            parameters,
        )  # fmt: skip
    with _keras_loss(model, x, y, batch_size) as (loss, assign):
        found = _search(loss, method, budget, population, seed)
    assign(found.weights)
    return found


def _search(
    loss: FlatLoss, method: str, budget: float, population: int, seed: int
) -> FittedWeights:
    """Run SciPy until it converges or the budget is paid."""
    ledger, stopped = _Ledger(loss, budget), "budget"
    with contextlib.suppress(_PaidError):
        if method == EVOLVED:
            _evolve(ledger, loss.start, population, seed)
            stopped = "converged"
        else:
            most = {"maxiter": 10 * budget}
            if method == LBFGS:
                most["maxfun"] = 10 * budget
            result = optimize.minimize(
                ledger.both, loss.start, jac=True, method=SCIPY[method], options=most,
                hessp=ledger.product if method == NEWTON else None,
            )  # fmt: skip
            stopped = "converged" if result.success else "line search"
    return FittedWeights(
        method, ledger.best, np.array(ledger.losses), np.array(ledger.costs), stopped
    )


def _evolve(ledger: _Ledger, start: np.ndarray, population: int, seed: int) -> None:
    """Differential evolution from a population around the first weights."""
    rng = np.random.default_rng(seed)
    first = start + SPREAD * rng.normal(size=(population, len(start)))
    first[0] = start
    reach = np.abs(first).max() + 4 * SPREAD
    generations = int(ledger._budget / OF_LOSS / population) + 1
    optimize.differential_evolution(
        ledger.value, [(-reach, reach)] * len(start), init=first, maxiter=generations,
        polish=False, rng=rng, tol=1e-8,
    )  # fmt: skip


class _NetworkLoss:
    """The loss of a NumPy network on all data."""

    def __init__(self, network: Any, x: Any, y: Any, seed: int):
        self._network, self._x, self._y = network, np.asarray(x), np.asarray(y)
        self._first = network.initialize(seed=seed)
        self.start = self._flat(self._first)

    def loss_and_gradient(self, flat: np.ndarray) -> tuple[float, np.ndarray]:
        """By backpropagation."""
        with np.errstate(all="ignore"):
            loss, gradients = self._network.loss_and_gradients(
                self.tree(flat), self._x, self._y
            )
        return loss, self._flat(gradients)

    def product(self, flat: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """By a central difference of gradients."""
        length = np.linalg.norm(vector)
        if length == 0:
            return np.zeros_like(flat)
        off = STEP * max(1.0, float(np.linalg.norm(flat))) / length
        ahead, behind = (
            self.loss_and_gradient(flat + side * off * vector)[1] for side in (1, -1)
        )
        return (ahead - behind) / (2 * off)

    def tree(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """The vector as the network's parameters."""
        ends = np.cumsum([part.size for part in self._first.values()])[:-1]
        parts = zip(self._first.items(), np.split(flat, ends), strict=True)
        return {name: part.reshape(first.shape) for (name, first), part in parts}

    def _flat(self, tree: dict[str, np.ndarray]) -> np.ndarray:
        return np.concatenate([np.ravel(tree[name]) for name in self._first])


class _KerasLoss:
    """The loss of a Keras model on all data."""

    def __init__(self, hessian: Any, start: np.ndarray):
        self._hessian, self.start = hessian, start

    def loss_and_gradient(self, flat: np.ndarray) -> tuple[float, np.ndarray]:
        """By the backend."""
        self._hessian.move(flat)
        return self._hessian.loss_and_gradient()

    def product(self, flat: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """By the backend, twice."""
        self._hessian.move(flat)
        return self._hessian.times(vector)


@contextlib.contextmanager
def _keras_loss(
    model: Any, x: Any, y: Any, batch_size: int
) -> Iterator[tuple[FlatLoss, Callable[[np.ndarray], None]]]:
    """The loss of a model, and what gives the model its weights once it is back."""
    import keras

    from lr_finder.training.curvature.hessian import open_hessian

    if not isinstance(model, keras.Model):
        raise InputError(
            "Argument `model` must be a compiled keras.Model or an lr_finder.reference."
            f"Network. Received: {type(model).__name__}."
        )
    with open_hessian(model, x, y, None, batch_size) as hessian:
        values = [keras.ops.convert_to_numpy(v) for v in model.trainable_variables]
        start = hessian.flat(values)

        def assign(flat: np.ndarray) -> None:
            parts = hessian.parts(flat)
            for variable, part in zip(model.trainable_variables, parts, strict=True):
                variable.assign(part)

        yield _KerasLoss(hessian, start), assign
