"""What decays: the learning rate over the epochs, and weights at every step."""

from __future__ import annotations

from lr_finder._arguments import check_count, check_rate
from lr_finder.reference.trees import Tree, check_same_shapes, tree_map


def update_lr(learning_rate0: float, epoch_num: int, decay_rate: float) -> float:
    r"""A rate that falls like 1 / time.

    $$ \alpha = \frac{\alpha_0}{1 + d \cdot epoch} $$

    As a schedule, to be put on a training: `lr_finder.schedules.inverse_time`.

    Args:
        learning_rate0: float > 0, α₀, the rate of epoch 0.
        epoch_num: int >= 0.
        decay_rate: float >= 0, d, per epoch.

    Returns:
        float.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> [update_lr(0.1, epoch, 1.0) for epoch in (0, 1, 4)]
    [0.1, 0.05, 0.02]

    References:
        Robbins and Monro, A Stochastic Approximation Method, 1951.
    """
    check_rate("learning_rate0", learning_rate0)
    check_count("epoch_num", epoch_num, least=0)
    check_rate("decay_rate", decay_rate, zero=True, what="number")
    return learning_rate0 / (1 + decay_rate * epoch_num)


def schedule_lr_decay(
    learning_rate0: float, epoch_num: int, decay_rate: float, time_interval: int = 1000
) -> float:
    r"""The same in stairs: the rate changes at every interval only.

    $$ \alpha = \frac{\alpha_0}{1 + d \, \lfloor epoch / interval \rfloor} $$

    Args:
        learning_rate0: float > 0, α₀, the rate of the first interval.
        epoch_num: int >= 0.
        decay_rate: float >= 0, d, per interval.
        time_interval: int >= 1, epochs for which the rate stays.

    Returns:
        float.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> [schedule_lr_decay(0.1, epoch, 1.0, 100) for epoch in (0, 99, 100, 399, 400)]
    [0.1, 0.1, 0.05, 0.025, 0.02]
    """
    check_count("time_interval", time_interval, least=1)
    check_count("epoch_num", epoch_num, least=0)
    return update_lr(learning_rate0, epoch_num // time_interval, decay_rate)


def l2_gradients(gradients: Tree, parameters: Tree, *, weight_decay: float) -> Tree:
    r"""Weight decay by a penalty: the gradients of loss + w θ² / 2.

    $$ g \leftarrow g + w \theta $$

    For gradient descent this equals `decay_weights`. A rule that divides by the size of
    the gradients, such as Adam, divides the decay too: weights with large gradients
    decay less. That is why AdamW exists.

    Keras: `kernel_regularizer=L2(w / 2)`, whose penalty is (w/2) Σ θ², of the layer's
    kernel alone.

    Args:
        gradients: dict of arrays.
        parameters: dict of arrays of the same shapes.
        weight_decay: float >= 0, w.

    Returns:
        dict of arrays, for any rule.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> import numpy as np
    >>> l2_gradients({"w": np.array([1.0])}, {"w": np.array([4.0])}, weight_decay=0.5)
    {'w': array([3.])}

    References:
        Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019
        (https://arxiv.org/abs/1711.05101), section 2.
    """
    check_same_shapes("gradients", gradients, parameters)
    check_rate("weight_decay", weight_decay, zero=True, what="number")
    return tree_map(lambda g, p: g + weight_decay * p, gradients, parameters)


def decay_weights(
    parameters: Tree, *, learning_rate: float, weight_decay: float
) -> Tree:
    r"""Decoupled weight decay: the weights shrink by a share, whatever the gradients.

    $$ \theta \leftarrow \theta - \alpha w \theta $$

    Called before the step of any rule.

    Keras: the argument `weight_decay` of every optimizer.

    Args:
        parameters: dict of arrays.
        learning_rate: float >= 0, α.
        weight_decay: float >= 0, w, per unit of the rate.

    Returns:
        dict of arrays.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> import numpy as np
    >>> decay_weights({"w": np.array([4.0])}, learning_rate=0.1, weight_decay=0.5)
    {'w': array([3.8])}

    References:
        Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019
        (https://arxiv.org/abs/1711.05101).
    """
    check_rate("learning_rate", learning_rate, zero=True)
    check_rate("weight_decay", weight_decay, zero=True, what="number")
    return tree_map(lambda p: p - p * weight_decay * learning_rate, parameters)
