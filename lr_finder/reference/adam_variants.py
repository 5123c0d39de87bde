"""Kin of Adam: AdamW, Adamax and Nadam, as Keras computes them."""

from __future__ import annotations

import numpy as np

from lr_finder.reference.adam import adam, moments
from lr_finder.reference.decay import decay_weights
from lr_finder.reference.trees import State, Tree, tree_map, update_rule, zeros_like


@update_rule
def adamw(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.001,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
    weight_decay: float = 0.004,
) -> tuple[Tree, State]:
    r"""AdamW: Adam, and each step shrinks the weights by a share of themselves.

    $$ \theta \leftarrow (1 - \alpha w) \, \theta, \qquad \text{then a step of Adam} $$

    The decay is decoupled from the gradients: see `decay_weights`, and `l2_gradients`
    for the other way.

    Keras: the same (`AdamW`). The paper multiplies `w` by the schedule alone, Keras
    and PyTorch by the whole rate α. PyTorch's default is w = 0.01.

    Args:
        parameters: dict of arrays, of any shapes; all of them are decayed.
        gradients: dict of arrays of the same shapes, of the loss without a penalty.
        state: None at first, then what the last call returned, as of `adam`.
        learning_rate: float >= 0, α, about the length of a step.
        beta_1: float in [0, 1), the share of `mean` that is kept.
        beta_2: float in [0, 1), the share of `squares` that is kept.
        epsilon: float >= 0, in the gradients' unit.
        weight_decay: float >= 0, w, per unit of the rate.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> zero = {"w": np.array([0.0])}
    >>> adamw({"w": np.array([1.0])}, zero, learning_rate=0.1, weight_decay=0.5)[0]
    {'w': array([0.95])}

    References:
        Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019
        (https://arxiv.org/abs/1711.05101).
    """
    parameters = decay_weights(
        parameters, learning_rate=learning_rate, weight_decay=weight_decay
    )
    return adam(
        parameters, gradients, state,
        learning_rate=learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon,
    )  # fmt: skip


@update_rule
def adamax(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.001,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> tuple[Tree, State]:
    r"""Adamax: Adam that divides by the largest recent gradient.

    $$ m \leftarrow m + (1 - \beta_1)(g - m), \qquad
    u \leftarrow \max(\beta_2 u, |g|), \qquad
    \theta \leftarrow \theta - \frac{\alpha}{1 - \beta_1^t} \cdot
    \frac{m}{u + \epsilon} $$

    Keras: the same (`Adamax`). The paper has no ε; PyTorch adds it within the maximum.

    Args:
        parameters: dict of arrays, of any shapes.
        gradients: dict of arrays of the same shapes.
        state: None at first, then what the last call returned: `t`, and the trees
            `mean` and `largest`, both in the gradients' unit.
        learning_rate: float >= 0, α: no step is longer by much.
        beta_1: float in [0, 1), the share of `mean` that is kept.
        beta_2: float in [0, 1), the share of `largest` that is kept.
        epsilon: float >= 0, in the gradients' unit.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> step = adamax({"w": np.array([1.0])}, {"w": np.array([9.0])}, learning_rate=0.1)
    >>> step[0]["w"].round(6)
    array([0.9])

    References:
        Kingma and Ba, Adam, ICLR 2015 (https://arxiv.org/abs/1412.6980), section 7.1.
    """
    zeros = zeros_like(parameters)
    state = state or {"t": 0, "mean": zeros, "largest": zeros}
    t = state["t"] + 1
    mean = tree_map(lambda m, g: m + (1 - beta_1) * (g - m), state["mean"], gradients)
    largest = tree_map(
        lambda u, g: np.maximum(beta_2 * u, np.abs(g)), state["largest"], gradients
    )
    parameters = tree_map(
        lambda p, m, u: p - learning_rate * m / ((1 - beta_1**t) * (u + epsilon)),
        parameters, mean, largest,
    )  # fmt: skip
    return parameters, {"t": t, "mean": mean, "largest": largest}


@update_rule
def nadam(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.001,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> tuple[Tree, State]:
    r"""Nadam: Adam with the look ahead of Nesterov and a momentum that warms up.

    $$ \mu_t = \beta_1 \left( 1 - \tfrac12 \, 0.96^t \right), \qquad
    \hat m = \frac{\mu_{t+1} \, m}{1 - \prod_{i=1}^{t+1} \mu_i}
    + \frac{(1 - \mu_t) \, g}{1 - \prod_{i=1}^{t} \mu_i} $$
    $$ \theta \leftarrow \theta - \alpha
    \frac{\hat m}{\sqrt{s / (1 - \beta_2^t)} + \epsilon} $$

    with `m` and `s` of Adam. ε is added after the correction, unlike in Keras' Adam.

    Keras: the same (`Nadam`). The paper has 0.96 to the power 0.004 t, so its momentum
    warms up over 250 times as many steps; so has PyTorch.

    Args:
        parameters: dict of arrays, of any shapes.
        gradients: dict of arrays of the same shapes.
        state: None at first, then what the last call returned: that of `adam`, and
            `product`, that of all μ so far.
        learning_rate: float >= 0, α, about the length of a step.
        beta_1: float in [0, 1), the share of `mean` that is kept.
        beta_2: float in [0, 1), the share of `squares` that is kept.
        epsilon: float >= 0, in the gradients' unit.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> step = nadam({"w": np.array([1.0])}, {"w": np.array([9.0])}, learning_rate=0.1)
    >>> step[0]["w"].round(4), round(step[1]["product"], 3)
    (array([0.8937]), 0.468)

    References:
        Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop 2016.
    """
    before = state["product"] if state else 1.0
    state = moments(gradients, state, beta_1, beta_2)
    t = state["t"]
    now, ahead = (beta_1 * (1 - 0.5 * 0.96**i) for i in (t, t + 1))
    product = before * now
    parameters = tree_map(
        lambda p, g, m, s: p - learning_rate
        * (ahead * m / (1 - product * ahead) + (1 - now) * g / (1 - product))
        / (np.sqrt(s / (1 - beta_2**t)) + epsilon),
        parameters, gradients, state["mean"], state["squares"],
    )  # fmt: skip
    return parameters, state | {"product": product}
