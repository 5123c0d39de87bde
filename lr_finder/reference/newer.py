"""Newer rules: Lion (a sign), Muon (a matrix), Schedule-Free SGD (an average)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lr_finder.reference.adam_variants import adamw
from lr_finder.reference.decay import decay_weights
from lr_finder.reference.trees import State, Tree, tree_map, update_rule, zeros_like

# Of the quintic x -> a x + b x³ + c x⁵, which brings singular values near 1 quickly.
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
# The width of a step of a matrix as Adam makes it (Liu et al., 2025).
ADAM_SIZE = 0.2


@update_rule
def lion(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.001,
    beta_1: float = 0.9,
    beta_2: float = 0.99,
) -> tuple[Tree, State]:
    r"""Lion: every parameter moves by the rate; only the direction is learnt.

    $$ \theta \leftarrow \theta - \alpha \,
    \mathrm{sign}(\beta_1 m + (1 - \beta_1) g), \qquad
    m \leftarrow \beta_2 m + (1 - \beta_2) g $$

    Keras: the same (`Lion`). The paper advises a rate 3 to 10 times below Adam's.

    Args:
        parameters: dict of arrays, of any shapes.
        gradients: dict of arrays of the same shapes.
        state: None at first, then what the last call returned: `mean`, a tree.
        learning_rate: float >= 0, α: exactly the length of a step, in each coordinate.
        beta_1: float in [0, 1), the weight of the mean in the sign.
        beta_2: float in [0, 1), the share of the mean that is kept.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> gradients = {"w": np.array([100.0, -0.01, 0.0])}
    >>> lion({"w": np.zeros(3)}, gradients, learning_rate=0.1)[0]
    {'w': array([-0.1,  0.1,  0. ])}

    References:
        Chen et al., Symbolic Discovery of Optimization Algorithms, NeurIPS 2023
        (https://arxiv.org/abs/2302.06675).
    """
    state = state or {"mean": zeros_like(parameters)}
    parameters = tree_map(
        lambda p, m, g: p - learning_rate * np.sign(m * beta_1 + g * (1 - beta_1)),
        parameters, state["mean"], gradients,
    )  # fmt: skip
    mean = tree_map(
        lambda m, g: m * beta_2 + g * (1 - beta_2), state["mean"], gradients
    )
    return parameters, {"mean": mean}


@update_rule
def muon(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.001,
    momentum: float = 0.95,
    weight_decay: float = 0.004,
    scale: float = ADAM_SIZE,
) -> tuple[Tree, State]:
    r"""Muon: momentum whose step has all singular values near 1; AdamW for the rest.

    For a matrix of shape (n, m):

    $$ M \leftarrow \beta M + G, \qquad
    \theta \leftarrow (1 - \alpha w) \, \theta - \alpha \, c \sqrt{\max(n, m)} \;
    \mathrm{orthogonal}(G + \beta M) $$

    Arrays that are not of two dimensions (biases, kernels of convolutions) take a step
    of `adamw` at the same rate.

    Keras: the same (`Muon`; its `rms_rate` is `scale`). It treats embeddings by AdamW
    too, by their names. The first description has no weight decay and multiplies by
    √max(1, n/m) instead of c √max(n, m); Keras follows Liu et al., so that
    the step is about as long as Adam's.

    Args:
        parameters: dict of arrays; those of shape (n, m) are matrices.
        gradients: dict of arrays of the same shapes.
        state: None at first, then what the last call returned: `velocity`, and what
            `adamw` returns.
        learning_rate: float >= 0, α. With scale c the root mean square of a step is
            about c α.
        momentum: float in [0, 1), β.
        weight_decay: float >= 0, w.
        scale: float >= 0, c.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> gradients = {"W": np.array([[100.0, 0.0], [0.0, 0.01]])}
    >>> step = muon({"W": np.zeros((2, 2))}, gradients, learning_rate=1.0, scale=1.0)
    >>> -step[0]["W"].round(1)  # 10,000 to 1 becomes 3 to 1
    array([[ 1. , -0. ],
           [-0. ,  0.1]])

    References:
        Jordan et al., Muon, 2024 (https://kellerjordan.github.io/posts/muon); Liu et
        al., Muon is Scalable for LLM Training, 2025 (https://arxiv.org/abs/2502.16982).
    """
    velocity = state["velocity"] if state else zeros_like(parameters)
    velocity = tree_map(lambda m, g: momentum * m + g, velocity, gradients)
    rates = {"learning_rate": learning_rate, "weight_decay": weight_decay}
    by_adamw, state = adamw(parameters, gradients, state, **rates)

    def moved(p: np.ndarray, m: np.ndarray, g: np.ndarray, other: np.ndarray) -> Any:
        if g.ndim != 2:
            return other
        size = scale * math.sqrt(max(g.shape))
        return p - learning_rate * size * orthogonal(g + momentum * m)

    decayed = decay_weights(parameters, **rates)
    parameters = tree_map(moved, decayed, velocity, gradients, by_adamw)
    return parameters, state | {"velocity": velocity}


def orthogonal(matrix: np.ndarray, steps: int = 5) -> np.ndarray:
    r"""The nearest matrix with singular values of 1, roughly, without an SVD.

    $$ X \leftarrow a X + (b A + c A^2) X, \qquad A = X X^\top, \qquad
    X_0 = G / \|G\|_F $$

    Every step moves each singular value σ to a σ + b σ³ + c σ⁵. Five steps bring those
    above a hundredth of the norm to between 0.7 and 1.2.

    Args:
        matrix: array (n, m).
        steps: int >= 1.

    Returns:
        array (n, m).

    Example:
    >>> singular = np.linalg.svd(orthogonal(np.array([[4.0, 1.0], [1.0, 2.0]])))[1]
    >>> bool(np.all((singular > 0.65) & (singular < 1.25)))
    True

    References:
        Jordan et al., Muon, 2024 (https://kellerjordan.github.io/posts/muon).
    """
    a, b, c = NEWTON_SCHULZ
    is_tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if is_tall else matrix
    x = x / (np.linalg.norm(x) + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return np.asarray(x.T if is_tall else x)


@update_rule
def schedule_free_sgd(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.01,
    beta: float = 0.9,
) -> tuple[Tree, State]:
    r"""Schedule-Free SGD: a constant rate whose average is used, not its last weights.

    $$ z \leftarrow z - \alpha g, \qquad
    x \leftarrow x + \frac{z - x}{t}, \qquad
    \theta \leftarrow (1 - \beta) z + \beta x $$

    The gradients are taken at θ, the parameters. `z` is plain gradient descent, and `x`
    the mean of all its points: **the weights to use are `state["average"]`.**

    Keras has only `ScheduleFreeAdamW`, whose step for `z` is Adam's, and whose
    variables are θ as here.

    Args:
        parameters: dict of arrays, of any shapes: θ.
        gradients: dict of arrays of the same shapes, taken at θ.
        state: None at first, then what the last call returned: `t`, and the trees
            `point` (z) and `average` (x).
        learning_rate: float >= 0, α; it stays constant.
        beta: float in [0, 1), β; 0 gives gradient descent with averaging beside it.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> weights, state = {"w": np.array([1.0])}, None
    >>> for _ in range(2):
    ...     weights, state = schedule_free_sgd(weights, {"w": np.array([1.0])}, state,
    ...                                        learning_rate=0.1)
    >>> state["point"]["w"].round(6), state["average"]["w"].round(6)
    (array([0.8]), array([0.85]))

    References:
        Defazio et al., The Road Less Scheduled, NeurIPS 2024
        (https://arxiv.org/abs/2405.15682).
    """
    state = state or {"t": 0, "point": parameters, "average": parameters}
    t = state["t"] + 1
    point = tree_map(lambda z, g: z - learning_rate * g, state["point"], gradients)
    average = tree_map(lambda x, z: x + (z - x) / t, state["average"], point)
    parameters = tree_map(lambda z, x: (1 - beta) * z + beta * x, point, average)
    return parameters, {"t": t, "point": point, "average": average}
