"""Gradient descent, and what a memory of past steps adds: momentum and Nesterov."""

from __future__ import annotations

from lr_finder.reference.trees import State, Tree, tree_map, update_rule, zeros_like


@update_rule
def sgd(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.01,
) -> tuple[Tree, State]:
    r"""Gradient descent: a step against the gradient.

    $$ \theta \leftarrow \theta - \alpha g $$

    It is called stochastic (SGD) if `g` is the gradient of a few samples. On a
    quadratic of curvature λ it converges for rates below 2/λ and diverges above.

    Keras: the same (`keras.optimizers.SGD`).

    Args:
        parameters: dict of arrays, of any shapes.
        gradients: dict of arrays of the same shapes: loss per unit of the parameter.
        state: None; this rule remembers nothing.
        learning_rate: float >= 0, α. Its unit is parameter² / loss.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types, and `{}`.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> import numpy as np
    >>> sgd({"w": np.array([1.0])}, {"w": np.array([2.0])}, learning_rate=0.1)
    ({'w': array([0.8])}, {})

    References:
        Cauchy, Méthode générale pour la résolution des systèmes d'équations
        simultanées, 1847; Robbins and Monro, A Stochastic Approximation Method, 1951.
    """
    return tree_map(lambda p, g: p - learning_rate * g, parameters, gradients), {}


@update_rule
def momentum(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.01,
    momentum: float = 0.9,
) -> tuple[Tree, State]:
    r"""Gradient descent with momentum, the heavy ball.

    $$ v \leftarrow \beta v - \alpha g, \qquad \theta \leftarrow \theta + v $$

    Under a constant gradient the steps grow to α g / (1 − β): the effective rate is ten
    times α for β = 0.9. On a quadratic of curvature λ it converges for rates below
    2 (1 + β) / λ.

    Keras: the same (`SGD(momentum=…)`). PyTorch keeps the rate out of the velocity,
    which is equal only while the rate is constant.

    Args:
        parameters: dict of arrays, of any shapes.
        gradients: dict of arrays of the same shapes.
        state: None at first, then what the last call returned: `velocity`, a tree in
            the parameters' unit.
        learning_rate: float >= 0, α.
        momentum: float in [0, 1), β, the share of the velocity that is kept.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> import numpy as np
    >>> weights, gradients, state = {"w": np.array([1.0])}, {"w": np.array([1.0])}, None
    >>> for _ in range(2):
    ...     weights, state = momentum(weights, gradients, state, learning_rate=0.1)
    >>> weights["w"].round(6), state["velocity"]["w"].round(6)
    (array([0.71]), array([-0.19]))

    References:
        Polyak, Some methods of speeding up the convergence of iteration methods, 1964;
        Goh, Why Momentum Really Works, Distill 2017
        (https://distill.pub/2017/momentum).
    """
    state = state or {"velocity": zeros_like(parameters)}
    velocity = tree_map(
        lambda v, g: momentum * v - learning_rate * g, state["velocity"], gradients
    )
    parameters = tree_map(lambda p, v: p + v, parameters, velocity)
    return parameters, {"velocity": velocity}


@update_rule
def nesterov(
    parameters: Tree,
    gradients: Tree,
    state: State | None = None,
    *,
    learning_rate: float = 0.01,
    momentum: float = 0.9,
) -> tuple[Tree, State]:
    r"""Momentum that looks ahead: the step is the one after next.

    $$ v \leftarrow \beta v - \alpha g, \qquad
    \theta \leftarrow \theta + \beta v - \alpha g $$

    Nesterov takes the gradient at φ + β v, the point to which the momentum leads. The
    form here keeps θ = φ + β v instead of φ, so that the gradient is taken at the
    parameters themselves: the same path, seen one look ahead. On a quadratic of
    curvature λ it converges for rates below 2 (1 + β) / ((1 + 2 β) λ): 1.36 / λ for
    β = 0.9, less than without momentum.

    Keras: the same (`SGD(momentum=…, nesterov=True)`).

    Args:
        parameters: dict of arrays, of any shapes: the points looked ahead to.
        gradients: dict of arrays of the same shapes, taken at these points.
        state: None at first, then what the last call returned: `velocity`, a tree.
        learning_rate: float >= 0, α.
        momentum: float in [0, 1), β.

    Returns:
        `(parameters, state)`: new arrays of the same shapes and types.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> import numpy as np
    >>> step = nesterov({"w": np.array([1.0])}, {"w": np.array([1.0])},
    ...                 learning_rate=0.1)
    >>> step[0]["w"].round(6)
    array([0.81])

    References:
        Nesterov, A method for solving the convex programming problem with convergence
        rate O(1/k²), 1983; the form here: Sutskever et al., On the importance of
        initialization and momentum in deep learning, ICML 2013, and Bengio et al.,
        2012 (https://arxiv.org/abs/1212.0901).
    """
    state = state or {"velocity": zeros_like(parameters)}
    velocity = tree_map(
        lambda v, g: momentum * v - learning_rate * g, state["velocity"], gradients
    )
    parameters = tree_map(
        lambda p, v, g: p + (momentum * v - learning_rate * g),
        parameters, velocity, gradients,
    )  # fmt: skip
    return parameters, {"velocity": velocity}
