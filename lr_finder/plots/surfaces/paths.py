"""The paths of optimizers over a surface of two weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import counted
from lr_finder.errors import InputError
from lr_finder.plots.comparison.optimizer_styles import styles_for
from lr_finder.plots.style import as_label, label_axes, legend_below, new_figure
from lr_finder.plots.surfaces.landscape import LEVELS, draw_contours, outlined
from lr_finder.plots.ticks import format_plain
from lr_finder.reference.surfaces import Surface

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GRID = 200  # points along each side of the window
ROUNDING = 1e-12  # of values: closer to the minimum is at it
LOWEST_LEVEL = 1e-3  # of the range above the minimum: contours crowd below it


def plot_paths(
    surface: Surface, paths: Mapping[str, Any], ax: Axes | None = None
) -> Axes:
    """Draw the contours of a surface and the path of each optimizer over it.

    The title says which path ends lowest. Rings are starts, dots are ends, stars are
    the minima. A path that leaves the window, or is not finite any more, is said so in
    the legend.

    Args:
        surface: Surface of `lr_finder.reference`.
        paths: mapping of name to float array (n, 2): the start and each point after a
            step. Optimizers known by name (sgd, adam, …) look as in other figures.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on.

    Raises:
        InputError: If there is no path, or one has another shape.

    Example:
    >>> from lr_finder.reference import quadratic
    >>> surface, point, path = quadratic(4.0), np.array([3.0, 1.0]), []
    >>> for _ in range(9):
    ...     path.append(point)
    ...     point = point - 0.2 * surface.gradient(point)
    >>> ax = plot_paths(surface, {"sgd": path})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['sgd: 0.127 after 8 steps', 'minimum, 0']
    """
    if not isinstance(surface, Surface):
        raise InputError(
            "Argument `surface` must be a Surface of lr_finder.reference. Received: "
            f"{surface!r:.50}. By name: reference.get_surface('rosenbrock')."
        )
    checked = _checked(paths)
    if ax is None:
        ax = new_figure(7.5, 6.0).subplots()
    left, right, low, high = surface.window
    x, y = np.linspace(left, right, GRID), np.linspace(low, high, GRID)
    values = surface.value(np.stack(np.meshgrid(x, y), axis=-1))
    draw_contours(ax, x, y, values, _levels(values, surface.lowest))
    looks = styles_for([name.lower() for name in checked])
    for name, path in checked.items():
        _draw(ax, surface, name, path, looks[name.lower()].color)
    across, up = np.transpose(surface.minima)
    what = "minimum" if len(across) == 1 else "minima"
    ax.plot(across, up, "*", color="gold", markeredgecolor="black", markersize=13,
            linestyle="none", zorder=7, clip_on=False,
            label=f"{what}, {format_plain(surface.lowest, 3)}")  # fmt: skip
    label_axes(ax, _finding(surface, checked), "x", "y")
    ax.grid(visible=False)
    ax.set(xlim=(left, right), ylim=(low, high))
    legend_below(ax, 2)
    return ax


def _checked(paths: Mapping[str, Any]) -> dict[str, np.ndarray]:
    if not isinstance(paths, Mapping) or not paths:
        raise InputError(
            "Argument `paths` must map names to paths, at least one. Received: "
            f"paths={paths!r:.50}. One alone: {{'sgd': path}}."
        )
    found = {}
    for name, path in paths.items():
        array = np.asarray(path, dtype=float)
        if array.ndim != 2 or array.shape[1] != 2 or not len(array):
            raise InputError(
                "Argument `paths` must hold arrays of shape (points, 2). Received: "
                f"shape {array.shape} for {name!r}."
            )
        found[str(name)] = array
    return found


def _levels(values: np.ndarray, lowest: float) -> np.ndarray:
    """Heights above the minimum in equal factors: valleys are as visible as walls."""
    reach = float(values.max()) - lowest
    return lowest + np.concatenate(
        [[0.0], np.geomspace(LOWEST_LEVEL * reach, reach, LEVELS)]
    )


def _draw(ax: Axes, surface: Surface, name: str, path: np.ndarray, color: str) -> None:
    finite = path[np.isfinite(path).all(axis=1)]
    ax.plot(*finite.T, "-", color=color, linewidth=1.6, path_effects=outlined(0.7),
            zorder=4, label=_told(surface, name, path))  # fmt: skip
    ax.plot(*finite.T, ".", color=color, markersize=4, zorder=4)
    ax.plot(*path[0], "o", color="black", markerfacecolor="white", markersize=8,
            markeredgewidth=1.8, zorder=5)  # fmt: skip
    ax.plot(*finite[-1], "o", color=color, markeredgecolor="white", markersize=8,
            zorder=6)  # fmt: skip


def _told(surface: Surface, name: str, path: np.ndarray) -> str:
    """Where a path ends, in the legend."""
    steps = counted(len(path) - 1, "step")
    is_finite = np.isfinite(path).all(axis=1)
    if not is_finite.all():
        first = counted(int(np.argmin(is_finite)), "step")
        return f"{as_label(name)}: not finite after {first}"
    left, right, low, high = surface.window
    inside = ((left, low) <= path[-1]) & (path[-1] <= (right, high))
    end = format_plain(_end(surface, path), 3)
    return f"{as_label(name)}: {end} after {steps}" + ", outside" * (not inside.all())


def _end(surface: Surface, path: np.ndarray) -> float:
    """The value where a path ends; that of the minimum if only rounding is between."""
    if not np.isfinite(path[-1]).all():
        return np.inf
    value = float(surface.value(path[-1]))
    return surface.lowest if value - surface.lowest < ROUNDING else value


def _finding(surface: Surface, paths: Mapping[str, np.ndarray]) -> str:
    """Which path ends lowest, and which highest."""
    ends = {name: _end(surface, path) for name, path in paths.items()}
    best, worst = min(ends, key=ends.__getitem__), max(ends, key=ends.__getitem__)
    title = f"{surface.name.capitalize()}: {as_label(best)} ends"
    if not np.isfinite(ends[best]):
        return f"{surface.name.capitalize()}: no path stays finite"
    title += f" {'lowest, ' * (len(ends) > 1)}at {format_plain(ends[best], 3)}"
    if len(ends) == 1 or ends[best] == ends[worst]:
        return title.replace("lowest, ", "")
    if not np.isfinite(ends[worst]):
        return f"{title}; {as_label(worst)} is not finite"
    return f"{title}; {as_label(worst)} highest, at {format_plain(ends[worst], 3)}"
