"""Adam: momentum divided by the size of the gradients, both averages corrected.

`initialize_adam` and `update_parameters_with_adam` are the paper's equations, with the
names that courses use. `adam`, `amsgrad` and `adamw` have the signature of all rules
and Keras' arithmetic.
"""

from __future__ import annotations

import math

import numpy as np

from lr_finder._arguments import check_count, check_rate
from lr_finder.reference.trees import (
    State,
    Tree,
    check_finite,
    check_same_shapes,
    check_share,
    tree_map,
    update_rule,
    zeros_like,
)


def initialize_adam(parameters: Tree) -> tuple[Tree, Tree]:
    """Zeros for Adam's two averages.

    Args:
        parameters: dict of arrays, `W1`, `b1`, ….

    Returns:
        `(v, s)`, first and second moment: dicts of zeros with the parameters' shapes
        and types and the keys of the gradients, `dW1`, `db1`, ….

    Example:
    >>> v, s = initialize_adam({"W1": np.ones((2, 1)), "b1": np.ones(1)})
    >>> v["dW1"].shape, s["db1"]
    ((2, 1), array([0.]))
    """
    zeros = {f"d{key}": np.zeros_like(value) for key, value in parameters.items()}
    return zeros, {key: value.copy() for key, value in zeros.items()}


def update_parameters_with_adam(
    parameters: Tree,
    grads: Tree,
    v: Tree,
    s: Tree,
    t: int,
    learning_rate: float = 0.01,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[Tree, Tree, Tree, Tree, Tree]:
    r"""One step of Adam, as in the paper.

    $$ v \leftarrow \beta_1 v + (1 - \beta_1) g, \qquad
    s \leftarrow \beta_2 s + (1 - \beta_2) g^2 $$
    $$ \hat v = \frac{v}{1 - \beta_1^t}, \qquad \hat s = \frac{s}{1 - \beta_2^t}, \qquad
    \theta \leftarrow \theta - \alpha \frac{\hat v}{\sqrt{\hat s} + \epsilon} $$

    Both averages start from 0 and are too small at first. To divide by 1 − βᵗ, the sum
    of their weights, corrects that: under a constant gradient every step is α long.

    Args:
        parameters: dict of arrays, `W1`, `b1`, ….
        grads: dict of arrays of the same shapes, `dW1`, `db1`, ….
        v: dict of arrays, first moment, in the gradients' unit.
        s: dict of arrays, second moment, in gradient².
        t: int >= 1, the number of this step.
        learning_rate: float >= 0, α, about the length of a step.
        beta1: float in [0, 1), the share of the first moment that is kept.
        beta2: float in [0, 1), the share of the second moment that is kept.
        epsilon: float >= 0, in the gradients' unit.

    Returns:
        `(parameters, v, s, v_corrected, s_corrected)`, new dicts; what was given stays
        as it was.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> parameters = {"W1": np.array([[1.0]])}
    >>> v, s = initialize_adam(parameters)
    >>> grads = {"dW1": np.array([[-5.0]])}
    >>> parameters, v, s, v_corrected, s_corrected = update_parameters_with_adam(
    ...     parameters, grads, v, s, t=1)
    >>> parameters["W1"], v["dW1"], v_corrected["dW1"]
    (array([[1.01]]), array([[-0.5]]), array([[-5.]]))

    References:
        Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015
        (https://arxiv.org/abs/1412.6980), algorithm 1.
    """
    named = {f"d{key}": value for key, value in parameters.items()}
    for name, tree in {"grads": grads, "v": v, "s": s}.items():
        check_same_shapes(name, tree, named)
    check_finite(grads)
    check_count("t", t, least=1)
    check_share("beta1", beta1)
    check_share("beta2", beta2)
    check_rate("learning_rate", learning_rate, zero=True)
    check_rate("epsilon", epsilon, zero=True, what="number")

    v = tree_map(lambda v, g: beta1 * v + (1 - beta1) * g, v, grads)
    s = tree_map(lambda s, g: beta2 * s + (1 - beta2) * g**2, s, grads)
    v_corrected = tree_map(lambda v: v / (1 - beta1**t), v)
    s_corrected = tree_map(lambda s: s / (1 - beta2**t), s)
    moved = tree_map(
        lambda p, v, s: p - learning_rate * v / (np.sqrt(s) + epsilon),
        named, v_corrected, s_corrected,
    )  # fmt: skip
    parameters = {key.removeprefix("d"): each for key, each in moved.items()}
    return parameters, v, s, v_corrected, s_corrected


@update_rule
def adam(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.001,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> tuple[Tree, State]:
    r"""Adam, as Keras computes it.

    $$ m \leftarrow m + (1 - \beta_1)(g - m), \qquad
    s \leftarrow s + (1 - \beta_2)(g^2 - s) $$
    $$ \theta \leftarrow \theta - \alpha \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}
    \cdot \frac{m}{\sqrt{s} + \epsilon} $$

    Keras: the same (`Adam`). The paper's algorithm 1, and
    `update_parameters_with_adam`, add ε to √ŝ, after the correction. Keras adds it
    to √s, before it (the form at the end of the paper's section 2). In the first step
    ε weighs 1 / √(1 − β₂) = 32 times as much there. Its default is 1e-7 in Keras, 1e-8
    in the paper.

    Args:
        parameters: dict of arrays, of any shapes.
        gradients: dict of arrays of the same shapes.
        state: None at first, then what the last call returned: `t`, the steps so far;
            `mean`, in the gradients' unit; `squares`, in gradient².
        learning_rate: float >= 0, α: about the length of a step, in the parameters'
            unit.
        beta_1: float in [0, 1), the share of `mean` that is kept.
        beta_2: float in [0, 1), the share of `squares` that is kept.
        epsilon: float >= 0, in the gradients' unit.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> weights, state = {"w": np.array([1.0])}, None
    >>> for gradient in (100.0, 100.0):  # of any size
    ...     gradients = {"w": np.array([gradient])}
    ...     weights, state = adam(weights, gradients, state, learning_rate=0.01)
    >>> weights["w"].round(6), state["t"]
    (array([0.98]), 2)

    References:
        Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015
        (https://arxiv.org/abs/1412.6980).
    """
    state = moments(gradients, state, beta_1, beta_2)
    rate = corrected_rate(learning_rate, beta_1, beta_2, state["t"])
    parameters = tree_map(
        lambda p, m, s: p - rate * m / (np.sqrt(s) + epsilon),
        parameters, state["mean"], state["squares"],
    )  # fmt: skip
    return parameters, state


@update_rule
def amsgrad(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.001,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> tuple[Tree, State]:
    r"""AMSGrad: Adam that never forgets the largest gradients.

    $$ \bar s \leftarrow \max(\bar s, s), \qquad
    \theta \leftarrow \theta - \alpha \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}
    \cdot \frac{m}{\sqrt{\bar s} + \epsilon} $$

    with `m` and `s` of Adam. The rate of a parameter can only fall, which mends the
    convex examples on which Adam does not converge.

    Keras: the same (`Adam(amsgrad=True)`): the largest `s` is that before the
    correction. The paper has no correction of the two averages at all.

    Args:
        parameters: dict of arrays, of any shapes.
        gradients: dict of arrays of the same shapes.
        state: None at first, then what the last call returned: that of `adam`, and
            `largest`, a tree in gradient².
        learning_rate: float >= 0, α, about the length of a step.
        beta_1: float in [0, 1), the share of `mean` that is kept.
        beta_2: float in [0, 1), the share of `squares` that is kept.
        epsilon: float >= 0, in the gradients' unit.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> weights, state = {"w": np.array([0.0])}, None
    >>> for gradient in (10.0, 0.0, 0.0):
    ...     gradients = {"w": np.array([gradient])}
    ...     weights, state = amsgrad(weights, gradients, state, beta_2=0.5)
    >>> state["squares"]["w"], state["largest"]["w"]
    (array([12.5]), array([50.]))

    References:
        Reddi, Kale and Kumar, On the Convergence of Adam and Beyond, ICLR 2018
        (https://arxiv.org/abs/1904.09237), algorithm 2.
    """
    largest = state["largest"] if state else zeros_like(parameters)
    state = moments(gradients, state, beta_1, beta_2)
    rate = corrected_rate(learning_rate, beta_1, beta_2, state["t"])
    largest = tree_map(np.maximum, largest, state["squares"])
    parameters = tree_map(
        lambda p, m, s: p - rate * m / (np.sqrt(s) + epsilon),
        parameters, state["mean"], largest,
    )  # fmt: skip
    return parameters, state | {"largest": largest}


def moments(
    gradients: Tree, state: State | None, beta_1: float, beta_2: float
) -> State:
    r"""The two moving averages of Adam and its kin after one more gradient.

    $$ m \leftarrow m + (1 - \beta_1)(g - m), \qquad
    s \leftarrow s + (1 - \beta_2)(g^2 - s) $$

    Args:
        gradients: dict of arrays.
        state: None at first, then dict with `t`, `mean` and `squares`.
        beta_1: float in [0, 1).
        beta_2: float in [0, 1).

    Returns:
        dict with `t`, one more, and the trees `mean` and `squares`.

    Example:
    >>> state = moments({"w": np.array([2.0])}, None, 0.5, 0.75)
    >>> state["t"], state["mean"]["w"], state["squares"]["w"]
    (1, array([1.]), array([1.]))
    """
    zeros = zeros_like(gradients)
    state = state or {"t": 0, "mean": zeros, "squares": zeros}
    return {
        "t": state["t"] + 1,
        "mean": tree_map(
            lambda m, g: m + (1 - beta_1) * (g - m), state["mean"], gradients
        ),
        "squares": tree_map(
            lambda s, g: s + (1 - beta_2) * (g * g - s), state["squares"], gradients
        ),
    }


def corrected_rate(learning_rate: float, beta_1: float, beta_2: float, t: int) -> float:
    r"""The rate that corrects both averages of Adam, which start from 0, at once.

    $$ \alpha_t = \alpha \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} $$

    Args:
        learning_rate: float >= 0, α.
        beta_1: float in [0, 1).
        beta_2: float in [0, 1).
        t: int >= 1, the number of the step.

    Returns:
        float. With (0.9, 0.999) it is 0.32 α in the first step, least (0.15 α) in the
        twelfth, and near α after some thousand: without it the first steps are too
        long.

    Example:
    >>> [round(corrected_rate(1.0, 0.9, 0.999, t), 2) for t in (1, 12, 100, 5000)]
    [0.32, 0.15, 0.31, 1.0]
    """
    return learning_rate * math.sqrt(1 - beta_2**t) / (1 - beta_1**t)
