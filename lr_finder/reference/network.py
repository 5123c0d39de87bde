"""A network of dense layers: its loss, and the gradients by backpropagation."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from lr_finder._arguments import check_count, check_seed
from lr_finder.errors import InputError
from lr_finder.reference.trees import Tree

# Activation -> its value, and its derivative by that value.
ACTIVATIONS: dict[str, tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]] = {
    "relu": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(a.dtype)),
    "sigmoid": (lambda z: sigmoid(z), lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "linear": (lambda z: z, np.ones_like),
}
# Name -> standard deviation of the first weights, by units before and after.
DEVIATIONS: dict[str, Callable[[int, int], float]] = {
    "he_normal": lambda before, after: math.sqrt(2 / before),
    "he_uniform": lambda before, after: math.sqrt(2 / before),
    "glorot_normal": lambda before, after: math.sqrt(2 / (before + after)),
    "glorot_uniform": lambda before, after: math.sqrt(2 / (before + after)),
    "random_normal": lambda before, after: 0.05,
    "zeros": lambda before, after: 0.0,
}


@dataclasses.dataclass(frozen=True)
class Network:
    r"""Dense layers with one activation between them and one loss at the end.

    $$ a_0 = x, \qquad a_i = f(a_{i-1} W_i + b_i), \qquad
    loss = \ell(a_{n-1} W_n + b_n, y) $$

    Args:
        sizes: sequence of int, units from the input to the output: `(4, 16, 3)` has two
            layers, (4, 16) and (16, 3); `(4, 1)` is linear or logistic regression.
        activation: str, `"relu"`, `"sigmoid"`, `"tanh"` or `"linear"`, of all layers
            but the last.
        loss: str, which says what the last layer gives: `"mse"` (numbers),
            `"binary_crossentropy"` (one probability, by a sigmoid) or
            `"crossentropy"` (probabilities of classes, by a softmax).

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> network = Network((2, 8, 1), "tanh", "mse")
    >>> parameters = network.initialize(seed=0)
    >>> {name: array.shape for name, array in parameters.items()}
    {'W1': (2, 8), 'b1': (8,), 'W2': (8, 1), 'b2': (1,)}
    >>> x, y = np.ones((5, 2)), np.zeros((5, 1))
    >>> network.predict(parameters, x).shape
    (5, 1)
    """

    sizes: tuple[int, ...]
    activation: str = "relu"
    loss: str = "mse"

    def __post_init__(self) -> None:
        if not isinstance(self.sizes, Iterable):
            raise InputError(
                "Argument `sizes` must be a sequence of whole numbers. Received: "
                f"sizes={self.sizes!r:.50}. Units from the input to the output, e.g. "
                "(4, 16, 3)."
            )
        sizes = tuple(self.sizes)
        object.__setattr__(self, "sizes", sizes)
        if len(sizes) < 2:
            raise InputError(
                "Argument `sizes` must have at least two numbers, input and output. "
                f"Received: sizes={sizes!r}."
            )
        for size in sizes:
            check_count("sizes", size, least=1)
        _check_name("activation", self.activation, ACTIVATIONS)
        _check_name("loss", self.loss, LOSSES)
        if self.loss == "binary_crossentropy" and sizes[-1] != 1:
            raise InputError(
                "With loss binary_crossentropy the last of `sizes` must be 1. "
                f"Received: sizes={sizes!r}. Use crossentropy for classes."
            )

    def initialize(self, *, initializer: str = "he_normal", seed: int) -> Tree:
        r"""First parameters: random weights, biases of 0.

        The deviation is √(2 / before) for He, √(2 / (before + after)) for Glorot, with
        the number of units before and after the layer; 0.05 for `random_normal`.
        Keras' normal initializers cut the tails off at two deviations; these do not.

        Args:
            initializer: str, `"he_normal"`, `"he_uniform"`, `"glorot_normal"`,
                `"glorot_uniform"`, `"random_normal"` or `"zeros"`.
            seed: int in [0, 2**32).

        Returns:
            dict of float64 arrays: `W1` of shape (before, after), `b1` of shape
            (after,), `W2`, ….

        Raises:
            InputError: If an argument breaks its rule.

        References:
            Glorot and Bengio, AISTATS 2010; He et al., ICCV 2015
            (https://arxiv.org/abs/1502.01852).
        """
        _check_name("initializer", initializer, DEVIATIONS)
        check_seed(seed)
        rng = np.random.default_rng(seed)
        parameters: Tree = {}
        for i, (before, after) in enumerate(itertools.pairwise(self.sizes), start=1):
            deviation, shape = DEVIATIONS[initializer](before, after), (before, after)
            if initializer.endswith("uniform"):
                weights = rng.uniform(-1, 1, shape) * math.sqrt(3)  # deviation 1
            else:
                weights = rng.normal(size=shape)
            parameters[f"W{i}"] = weights * deviation
            parameters[f"b{i}"] = np.zeros(after)
        return parameters

    def predict(self, parameters: Tree, x: np.ndarray) -> np.ndarray:
        """What the last layer gives: numbers or probabilities, as the loss says.

        Args:
            parameters: dict of arrays.
            x: array (samples, sizes[0]).

        Returns:
            array (samples, sizes[-1]).

        Raises:
            InputError: If x has another shape.
        """
        return _OUTPUTS[self.loss](self._forward(parameters, x)[-1])

    def loss_of(self, parameters: Tree, x: np.ndarray, y: np.ndarray) -> float:
        """The mean loss over samples.

        Args:
            parameters: dict of arrays.
            x: array (samples, sizes[0]).
            y: array (samples, sizes[-1]); classes as int array (samples,) with
                `crossentropy`.

        Returns:
            float; natural logarithms.

        Raises:
            InputError: If x or y has another shape.
        """
        scores = self._forward(parameters, x)[-1]
        return LOSSES[self.loss](scores, self._targets(y, len(scores)))[0]

    def loss_and_gradients(
        self, parameters: Tree, x: np.ndarray, y: np.ndarray
    ) -> tuple[float, Tree]:
        r"""The mean loss, and its gradients by backpropagation.

        With δ, the derivative of the loss by what enters the activation of a layer:

        $$ \frac{\partial loss}{\partial W_i} = a_{i-1}^\top \delta_i, \qquad
        \frac{\partial loss}{\partial b_i} = \sum \delta_i, \qquad
        \delta_{i-1} = (\delta_i W_i^\top) \, f'(a_{i-1}) $$

        Args:
            parameters: dict of arrays.
            x: array (samples, sizes[0]).
            y: array (samples, sizes[-1]); classes as int array (samples,) with
                `crossentropy`.

        Returns:
            `(loss, gradients)`: float, and dict of arrays like the parameters.

        Raises:
            InputError: If x or y has another shape.

        References:
            Rumelhart, Hinton and Williams, Learning representations by back-propagating
            errors, Nature 323, 1986.
        """
        values = self._forward(parameters, x)
        loss, delta = LOSSES[self.loss](values[-1], self._targets(y, len(x)))
        slope = ACTIVATIONS[self.activation][1]
        gradients: Tree = {}
        for i in range(len(self.sizes) - 1, 0, -1):
            gradients[f"W{i}"] = values[i - 1].T @ delta
            gradients[f"b{i}"] = delta.sum(axis=0)
            if i > 1:
                delta = delta @ parameters[f"W{i}"].T * slope(values[i - 1])
        return loss, {key: gradients[key] for key in parameters}

    def _forward(self, parameters: Tree, x: np.ndarray) -> list[np.ndarray]:
        """The input, the values of each layer, and the scores of the last one."""
        if np.ndim(x) != 2 or np.shape(x)[1] != self.sizes[0]:
            raise InputError(
                f"Argument `x` must have shape (samples, {self.sizes[0]}). Received: "
                f"{np.shape(x)}."
            )
        values, last = [np.asarray(x)], len(self.sizes) - 1
        for i in range(1, last + 1):
            scores = values[-1] @ parameters[f"W{i}"] + parameters[f"b{i}"]
            values.append(scores if i == last else self._activate(scores))
        return values

    def _activate(self, scores: np.ndarray) -> np.ndarray:
        return np.asarray(ACTIVATIONS[self.activation][0](scores))

    def _targets(self, y: np.ndarray, samples: int) -> np.ndarray:
        y = np.asarray(y)
        if self.loss == "crossentropy" and y.ndim == 1 and len(y) == samples:
            if not np.isin(y, np.arange(self.sizes[-1])).all():
                raise InputError(
                    f"Argument `y` must hold classes from 0 to {self.sizes[-1] - 1}. "
                    f"Received: {y.min()} to {y.max()}."
                )
            return np.asarray(np.eye(self.sizes[-1])[y.astype(int)])
        if y.shape != (samples, self.sizes[-1]):
            raise InputError(
                f"Argument `y` must have shape {(samples, self.sizes[-1])}. Received: "
                f"{y.shape}.{' Give y[:, None].' * (y.shape == (samples,))}"
            )
        return y


def sigmoid(scores: np.ndarray) -> np.ndarray:
    r"""The probability that a score stands for, without overflow.

    $$ \sigma(z) = \frac{1}{1 + e^{-z}} $$

    Args:
        scores: array of any shape.

    Returns:
        array of the same shape, in [0, 1].

    Example:
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    return np.asarray(0.5 * (1 + np.tanh(0.5 * scores)))


def softmax(scores: np.ndarray) -> np.ndarray:
    r"""The probabilities that scores of classes stand for, without overflow.

    $$ p_k = \frac{e^{z_k}}{\sum_j e^{z_j}} $$

    Args:
        scores: array (samples, classes).

    Returns:
        array of the same shape; each row has the sum 1.

    Example:
    >>> softmax(np.array([[1000.0, 1000.0]]))
    array([[0.5, 0.5]])
    """
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _mse(scores: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    error = scores - y
    return float(np.mean(error**2)), 2 * error / error.size


def _binary_crossentropy(scores: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    loss = np.mean(np.logaddexp(0, scores) - y * scores)
    return float(loss), (sigmoid(scores) - y) / len(y)


def _crossentropy(scores: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    logs = np.logaddexp.reduce(scores, axis=1) - np.sum(y * scores, axis=1)
    return float(np.mean(logs)), (softmax(scores) - y) / len(y)


# Loss -> its mean over samples and the derivative by the scores; what is predicted.
LOSSES: dict[str, Callable[..., tuple[float, np.ndarray]]] = {
    "mse": _mse,
    "binary_crossentropy": _binary_crossentropy,
    "crossentropy": _crossentropy,
}
_OUTPUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mse": lambda scores: scores,
    "binary_crossentropy": sigmoid,
    "crossentropy": softmax,
}


def _check_name(argument: str, value: str, known: Mapping[str, object]) -> None:
    if value not in known:
        raise InputError(
            f"Argument `{argument}` must be one of {', '.join(known)}. Received: "
            f"{argument}={value!r}."
        )
