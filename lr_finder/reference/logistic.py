"""Logistic regression: convex, with a Hessian that can be written down."""

from __future__ import annotations

import numpy as np

from lr_finder.errors import InputError
from lr_finder.reference.network import sigmoid
from lr_finder.reference.trees import Tree


def logistic_loss_and_gradients(
    parameters: Tree, x: np.ndarray, y: np.ndarray
) -> tuple[float, Tree]:
    r"""The mean cross-entropy of logistic regression, and its gradients.

    $$ p = \sigma(x w + b), \qquad
    loss = -\mathrm{mean}(y \ln p + (1 - y) \ln(1 - p)), \qquad
    \frac{\partial loss}{\partial w} = \mathrm{mean}((p - y) x) $$

    It is convex: it has no minimum but the best one. If a hyperplane separates the two
    classes it has no minimum at all: larger weights are always better.

    Args:
        parameters: dict with `w` of shape (features,), and `b` of shape () or without.
        x: array (samples, features).
        y: array (samples,) of 0 and 1, or of probabilities.

    Returns:
        `(loss, gradients)`: float, and dict of arrays like the parameters.

    Raises:
        InputError: If shapes do not match.

    Example:
    >>> x, y = np.array([[1.0], [-1.0]]), np.array([1.0, 0.0])
    >>> loss, gradients = logistic_loss_and_gradients({"w": np.zeros(1)}, x, y)
    >>> round(loss, 4), gradients["w"]  # ln 2
    (0.6931, array([-0.5]))
    """
    scores = _scores(parameters, x)
    if np.shape(y) != scores.shape:
        raise InputError(
            f"Argument `y` must have shape {scores.shape}. Received: {np.shape(y)}."
        )
    loss = float(np.mean(np.logaddexp(0, scores) - y * scores))
    errors = sigmoid(scores) - y
    gradients: Tree = {"w": errors @ x / len(x)}
    if "b" in parameters:
        gradients["b"] = np.mean(errors)
    return loss, {key: np.asarray(gradients[key]) for key in parameters}


def logistic_curvature(parameters: Tree, x: np.ndarray) -> float:
    r"""The largest curvature of that loss: the limit for the rate is 2 divided by it.

    $$ h = \lambda_{max} \; \mathrm{mean}(p (1 - p) \, x^\top x) $$

    Args:
        parameters: dict with `w` of shape (features,), and `b` of shape () or without.
        x: array (samples, features).

    Returns:
        float >= 0, loss per unit² of the parameters.

    Raises:
        InputError: If shapes do not match.

    Example:
    >>> logistic_curvature({"w": np.zeros(1)}, np.array([[2.0]]))
    1.0
    """
    p = sigmoid(_scores(parameters, x))
    if "b" in parameters:
        x = np.column_stack([x, np.ones(len(x))])
    hessian = (x * (p * (1 - p))[:, None]).T @ x / len(x)
    return float(np.linalg.eigvalsh(hessian)[-1])


def _scores(parameters: Tree, x: np.ndarray) -> np.ndarray:
    w = np.asarray(parameters["w"])
    if np.ndim(x) != 2 or w.shape != np.shape(x)[1:]:
        raise InputError(
            "Arguments `parameters` and `x` must have shapes (features,) and (samples, "
            f"features). Received: {w.shape} for 'w' and {np.shape(x)} for x."
        )
    return np.asarray(x @ w + parameters.get("b", 0.0))
