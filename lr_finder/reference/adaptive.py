"""A rate of its own for every parameter: Adagrad, RMSprop, Adadelta.

All three divide the step by the size of the gradients so far. They differ in how far
back they look.
"""

from __future__ import annotations

import numpy as np

from lr_finder.reference.trees import State, Tree, tree_map, update_rule, zeros_like


@update_rule
def adagrad(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.001,
    initial_accumulator: float = 0.1,
    epsilon: float = 1e-7,
) -> tuple[Tree, State]:
    r"""Adagrad: the step is divided by the root of the sum of all squared gradients.

    $$ s \leftarrow s + g^2, \qquad
    \theta \leftarrow \theta - \frac{\alpha g}{\sqrt{s + \epsilon}} $$

    The sum never falls, so the steps shrink like 1 / √t under a constant gradient: a
    long training stalls.

    Keras: the same (`Adagrad`). The paper starts from s = 0, and adds ε outside of the
    root; Keras and this function start from 0.1 (`initial_accumulator_value` there),
    so that first steps on small gradients are short.

    Args:
        parameters: dict of arrays, of any shapes.
        gradients: dict of arrays of the same shapes.
        state: None at first, then what the last call returned: `squares`, a tree in
            gradient².
        learning_rate: float >= 0, α: about the length of a first step, in the unit of
            the parameters.
        initial_accumulator: float >= 0, s before the first step.
        epsilon: float >= 0, in gradient².

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> import numpy as np
    >>> weights, state = {"w": np.array([0.0])}, None
    >>> for _ in range(4):
    ...     before, gradients = weights["w"], {"w": np.array([1.0])}
    ...     weights, state = adagrad(weights, gradients, state, learning_rate=1.0,
    ...                              initial_accumulator=0.0)
    ...     print((before - weights["w"]).round(3))
    [1.]
    [0.707]
    [0.577]
    [0.5]

    References:
        Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online Learning and
        Stochastic Optimization, JMLR 12, 2011.
    """
    state = state or {
        "squares": tree_map(lambda p: np.full_like(p, initial_accumulator), parameters)
    }
    squares = tree_map(lambda s, g: s + g * g, state["squares"], gradients)
    parameters = tree_map(
        lambda p, g, s: p - learning_rate * g / np.sqrt(s + epsilon),
        parameters, gradients, squares,
    )  # fmt: skip
    return parameters, {"squares": squares}


@update_rule
def rmsprop(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.001,
    rho: float = 0.9,
    epsilon: float = 1e-7,
    centered: bool = False,
) -> tuple[Tree, State]:
    r"""RMSprop: the step is divided by the root of a moving mean of squared gradients.

    $$ s \leftarrow \rho s + (1 - \rho) g^2, \qquad
    \theta \leftarrow \theta - \frac{\alpha g}{\sqrt{s + \epsilon}} $$

    Centred, the mean gradient is subtracted first, which leaves the variance:

    $$ m \leftarrow \rho m + (1 - \rho) g, \qquad
    \theta \leftarrow \theta - \frac{\alpha g}{\sqrt{s - m^2 + \epsilon}} $$

    The average starts from 0 and is not corrected: the first step is 1 / √(1 − ρ) = 3.2
    times α.

    Keras: the same (`RMSprop`), for `centered=True` too. PyTorch adds ε outside of the
    root. If rounding makes s − m² negative, it counts as 0 here; Keras' step may then
    be NaN.

    Args:
        parameters: dict of arrays, of any shapes.
        gradients: dict of arrays of the same shapes.
        state: None at first, then what the last call returned: `squares`, a tree in
            gradient²; centred also `mean`.
        learning_rate: float >= 0, α: the length of a step under a constant gradient.
        rho: float in [0, 1), ρ, the share of the average that is kept.
        epsilon: float >= 0, in gradient².
        centered: bool, whether the mean is subtracted.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> import numpy as np
    >>> step = rmsprop({"w": np.array([0.0])}, {"w": np.array([100.0])},
    ...                learning_rate=1.0)
    >>> step[0]["w"].round(3)
    array([-3.162])

    References:
        Tieleman and Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012;
        centred: Graves, 2013 (https://arxiv.org/abs/1308.0850), equations 38 to 45.
    """
    zeros = zeros_like(parameters)
    state = state or {"squares": zeros, "mean": zeros}
    squares = tree_map(
        lambda s, g: rho * s + (1 - rho) * (g * g), state["squares"], gradients
    )
    mean, spread = state["mean"], squares
    if centered:
        mean = tree_map(lambda m, g: rho * m + (1 - rho) * g, mean, gradients)
        spread = tree_map(lambda s, m: np.maximum(s - m * m, 0), squares, mean)
    parameters = tree_map(
        lambda p, g, s: p - learning_rate * g / np.sqrt(s + epsilon),
        parameters, gradients, spread,
    )  # fmt: skip
    return parameters, {"squares": squares, "mean": mean}


@update_rule
def adadelta(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.001,
    rho: float = 0.95,
    epsilon: float = 1e-7,
) -> tuple[Tree, State]:
    r"""Adadelta: RMSprop whose rate is the size of its own past steps.

    $$ s \leftarrow \rho s + (1 - \rho) g^2, \qquad
    \Delta = \frac{\sqrt{d + \epsilon}}{\sqrt{s + \epsilon}} g $$
    $$ d \leftarrow \rho d + (1 - \rho) \Delta^2, \qquad
    \theta \leftarrow \theta - \alpha \Delta $$

    The units agree: Δ has that of the parameters, so the paper needs no rate (α = 1).
    The first steps have the size √ε and grow slowly.

    Keras: the same (`Adadelta`), with a default rate of 0.001, at which a training
    hardly moves; and ε is 1e-7 where the paper's experiments have 1e-6.

    Args:
        parameters: dict of arrays, of any shapes.
        gradients: dict of arrays of the same shapes.
        state: None at first, then what the last call returned: `squares`, a tree in
            gradient², and `steps`, in parameter².
        learning_rate: float >= 0, α, without a unit; 1 in the paper.
        rho: float in [0, 1), ρ, the share of both averages that is kept.
        epsilon: float >= 0.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> import numpy as np
    >>> step = adadelta({"w": np.array([0.0])}, {"w": np.array([100.0])},
    ...                 learning_rate=1.0)
    >>> step[0]["w"].round(5)
    array([-0.00141])

    References:
        Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012
        (https://arxiv.org/abs/1212.5701).
    """
    zeros = zeros_like(parameters)
    state = state or {"squares": zeros, "steps": zeros}
    squares = tree_map(
        lambda s, g: rho * s + (1 - rho) * (g * g), state["squares"], gradients
    )
    delta = tree_map(
        lambda d, g, s: np.sqrt(d + epsilon) * g / np.sqrt(s + epsilon),
        state["steps"], gradients, squares,
    )  # fmt: skip
    steps = tree_map(lambda d, x: rho * d + (1 - rho) * (x * x), state["steps"], delta)
    parameters = tree_map(lambda p, x: p - learning_rate * x, parameters, delta)
    return parameters, {"squares": squares, "steps": steps}
