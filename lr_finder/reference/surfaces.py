r"""Losses of two weights, $(x, y)$, on which an optimizer's path can be seen.

Value and gradient of each are closed forms of sums, products and one `tanh`, so that a
second implementation in another language can agree with them to rounding.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from lr_finder.errors import InputError

CONDITION = 20.0  # of the quadratic: its steep direction is 20 times as steep
STEEPNESS = 10.0  # of the cliff: it falls by 1 within about 2 / STEEPNESS
TILT = 0.01  # curvature of the bowl below plateau and cliff, halved

Formula = Callable[[Any, Any], Any]
Slopes = Callable[[Any, Any], tuple[Any, Any]]


@dataclasses.dataclass(frozen=True)
class Surface:
    r"""A loss $f(x, y)$ with its gradient, its minima and a window to draw it in.

    Args:
        name: str, as `get_surface` takes it.
        formula: callable (x, y) -> f, on numbers or arrays of one shape.
        slopes: callable (x, y) -> (df/dx, df/dy), likewise.
        minima: tuple of (x, y), all local minima, which are global ones here.
        lowest: float, the value at each of them.
        window: (x from, x to, y from, y to), the part worth drawing.
        start: (x, y), from which a descent is told something by the surface.

    Example:
    >>> surface = get_surface("rosenbrock")
    >>> surface.value([1.0, 1.0]), surface.gradient([1.0, 1.0]).tolist()
    (0.0, [0.0, 0.0])
    """

    name: str
    formula: Formula = dataclasses.field(repr=False)
    slopes: Slopes = dataclasses.field(repr=False)
    minima: tuple[tuple[float, float], ...]
    lowest: float
    window: tuple[float, float, float, float]
    start: tuple[float, float]

    def value(self, points: Any) -> Any:
        """The loss at one point or at many.

        Args:
            points: array (..., 2), the last axis holds x and y.

        Returns:
            array (...,); a number for one point.

        Raises:
            InputError: If the last axis does not have two entries.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # of a diverged path
            values = self.formula(*_split(points))
        return float(values) if np.ndim(values) == 0 else values

    def gradient(self, points: Any) -> np.ndarray:
        """The slopes at one point or at many.

        Args:
            points: array (..., 2).

        Returns:
            array (..., 2), df/dx and df/dy.

        Raises:
            InputError: If the last axis does not have two entries.
        """
        x, y = _split(points)
        with np.errstate(over="ignore", invalid="ignore"):
            along_x, along_y = self.slopes(x, y)
        return np.stack([along_x, along_y], axis=-1)


def _split(points: Any) -> tuple[Any, Any]:
    array = np.asarray(points, dtype=float)
    if array.ndim == 0 or array.shape[-1] != 2:
        raise InputError(
            "Argument `points` must have two numbers, x and y, along its last axis. "
            f"Received: shape {array.shape}. Give [x, y], or an array (points, 2)."
        )
    return array[..., 0], array[..., 1]


def quadratic(condition: float = CONDITION) -> Surface:
    r"""A bowl that is $\kappa$ times as curved along y as along x.

    $$ f = (x^2 + \kappa y^2) / 2 $$

    Its curvatures are 1 and $\kappa$, so plain gradient descent is stable at rates
    below $2 / \kappa$ (for $\kappa \ge 1$) and the best rate is $2 / (1 + \kappa)$.

    Args:
        condition: float > 0, $\kappa$.

    Returns:
        Surface, with its minimum 0 at (0, 0).

    Raises:
        InputError: If the condition is not positive and finite.

    Example:
    >>> quadratic(4.0).gradient([3.0, 1.0]).tolist()
    [3.0, 4.0]
    """
    is_number = isinstance(condition, numbers.Real) and not isinstance(condition, bool)
    if not is_number or not 0 < condition < math.inf:
        raise InputError(
            "Argument `condition` must be a positive, finite number. Received: "
            f"condition={condition!r}. The default is {CONDITION:g}."
        )
    return Surface(
        "quadratic",
        lambda x, y: (x * x + condition * y * y) / 2,
        lambda x, y: (x, condition * y),
        minima=((0.0, 0.0),),
        lowest=0.0,
        window=(-4.0, 4.0, -2.0, 2.0),
        start=(-3.5, 1.5),
    )


def rosenbrock() -> Surface:
    r"""A curved valley with steep sides and a nearly flat floor.

    $$ f = (1 - x)^2 + 100 (y - x^2)^2 $$

    Returns:
        Surface, with its minimum 0 at (1, 1).

    Example:
    >>> round(rosenbrock().value([-1.2, 1.0]), 12)
    24.2

    References:
        Rosenbrock, An Automatic Method for Finding the Greatest or Least Value of a
        Function, The Computer Journal 3, 1960 (the start is his).
    """

    def slopes(x: Any, y: Any) -> tuple[Any, Any]:
        off = y - x * x
        return 2 * (x - 1) - 400 * x * off, 200 * off

    return Surface(
        "rosenbrock",
        lambda x, y: (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x),
        slopes,
        minima=((1.0, 1.0),),
        lowest=0.0,
        window=(-2.0, 2.0, -1.0, 3.0),
        start=(-1.2, 1.0),
    )


def himmelblau() -> Surface:
    r"""Four minima, equally low: the start decides which one is found.

    $$ f = (x^2 + y - 11)^2 + (x + y^2 - 7)^2 $$

    Returns:
        Surface, with four minima of 0.

    Example:
    >>> himmelblau().minima[0], himmelblau().value([3.0, 2.0])
    ((3.0, 2.0), 0.0)

    References:
        Himmelblau, Applied Nonlinear Programming, McGraw-Hill 1972.
    """

    def slopes(x: Any, y: Any) -> tuple[Any, Any]:
        first, second = x * x + y - 11, x + y * y - 7
        return 4 * x * first + 2 * second, 2 * first + 4 * y * second

    return Surface(
        "himmelblau",
        lambda x, y: (
            (x * x + y - 11) * (x * x + y - 11) + (x + y * y - 7) * (x + y * y - 7)
        ),
        slopes,
        minima=(
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286170),
            (3.584428340330492, -1.848126526964404),
        ),
        lowest=0.0,
        window=(-5.0, 5.0, -5.0, 5.0),
        start=(-0.5, -1.0),
    )


def beale() -> Surface:
    r"""Flat in the middle and near the axes, with walls at the corners.

    $$ f = (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2 $$

    Returns:
        Surface, with its minimum 0 at (3, 0.5).

    Example:
    >>> beale().value([3.0, 0.5])
    0.0

    References:
        Moré, Garbow and Hillstrom, Testing Unconstrained Optimization Software, ACM
        Transactions on Mathematical Software 7, 1981, problem 5 (the start is theirs).
    """

    def parts(x: Any, y: Any) -> tuple[Any, Any, Any]:
        return (
            1.5 - x + x * y,
            2.25 - x + x * y * y,
            2.625 - x + x * y * y * y,
        )

    def value(x: Any, y: Any) -> Any:
        a, b, c = parts(x, y)
        return a * a + b * b + c * c

    def slopes(x: Any, y: Any) -> tuple[Any, Any]:
        a, b, c = parts(x, y)
        along_x = 2 * (a * (y - 1) + b * (y * y - 1) + c * (y * y * y - 1))
        return along_x, 2 * x * (a + 2 * b * y + 3 * c * y * y)

    return Surface(
        "beale",
        value,
        slopes,
        minima=((3.0, 0.5),),
        lowest=0.0,
        window=(-1.0, 4.5, -2.0, 2.0),
        start=(1.0, 1.0),
    )


def saddle() -> Surface:
    r"""A saddle at (0, 0) between two minima.

    $$ f = x^2 / 2 - y^2 / 2 + y^4 / 4 $$

    On the line $y = 0$ the gradient leads to the saddle and no further; the start is
    beside it, at the distance 0.001.

    Returns:
        Surface, with minima of -1/4 at (0, 1) and (0, -1).

    Example:
    >>> saddle().gradient([0.0, 0.0]).tolist(), saddle().value([0.0, 1.0])
    ([0.0, 0.0], -0.25)
    """
    return Surface(
        "saddle",
        lambda x, y: x * x / 2 - y * y / 2 + y * y * y * y / 4,
        lambda x, y: (x, y * y * y - y),
        minima=((0.0, 1.0), (0.0, -1.0)),
        lowest=-0.25,
        window=(-1.5, 1.5, -1.5, 1.5),
        start=(1.2, 0.001),
    )


def cliff() -> Surface:
    r"""A plateau that ends in a cliff; below it, a wide bowl.

    $$ f = (1 + \tanh(10 x)) / 2 + 0.01 ((x + 2)^2 + y^2) $$

    On the plateau ($x > 0$) the slope is less than 0.1, on the cliff it is 5: the rate
    that crosses the one in good time is thrown far off by the other.

    Returns:
        Surface, with its minimum at (-2, 0), 0 but for rounding.

    Example:
    >>> steep, flat = cliff().gradient([[0.0, 0.0], [2.0, 0.0]])[:, 0]
    >>> round(float(steep / flat), 1)
    63.0

    References:
        Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural
        Networks, ICML 2013 (such cliffs, and clipped gradients).
    """

    def value(x: Any, y: Any) -> Any:
        return (1 + np.tanh(STEEPNESS * x)) / 2 + TILT * ((x + 2) * (x + 2) + y * y)

    def slopes(x: Any, y: Any) -> tuple[Any, Any]:
        bend = np.tanh(STEEPNESS * x)
        wall = STEEPNESS * (1 - bend * bend) / 2
        return wall + 2 * TILT * (x + 2), 2 * TILT * y

    return Surface(
        "cliff",
        value,
        slopes,
        minima=((-2.0, 0.0),),
        lowest=0.0,
        window=(-6.0, 4.0, -4.0, 4.0),
        start=(3.0, 2.0),
    )


SURFACES: dict[str, Callable[[], Surface]] = {
    make.__name__: make
    for make in (quadratic, rosenbrock, himmelblau, beale, saddle, cliff)
}


def get_surface(name: str) -> Surface:
    """The surface of this name.

    Args:
        name: str, a key of `SURFACES`; `quadratic(condition)` makes one of a condition
            of your own.

    Returns:
        Surface.

    Raises:
        InputError: If there is none of this name.

    Example:
    >>> get_surface("saddle").minima
    ((0.0, 1.0), (0.0, -1.0))
    """
    if not isinstance(name, str) or name not in SURFACES:
        raise InputError(
            f"Argument `name` must be one of {', '.join(map(repr, SURFACES))}. "
            f"Received: name={name!r:.50}."
        )
    return SURFACES[name]()
