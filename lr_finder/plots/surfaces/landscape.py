"""Losses around a model drawn: lines, contours or a surface, with a training's path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import counted
from lr_finder.analysis.landscape.sharpness import SHARPNESS_FACTOR, relative_height
from lr_finder.errors import InputError
from lr_finder.plots.line_looks import line_looks
from lr_finder.plots.style import (
    ACCENT,
    LOG_FROM_RATIO,
    RAW,
    SMOOTH,
    label_axes,
    legend_below,
    new_figure,
)
from lr_finder.plots.ticks import format_plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.results.landscape import LossLandscape

STYLES = ("contours", "surface", "lines")
LEVELS = 14  # of a picture of contours
SHADES, DARKEST = "Greys", 0.5  # light ones: colored paths are seen on them
SOLID = "Blues"  # of a surface
NUMBERED = 2  # every second contour has its number
NUMBERS_ABOVE = 8  # paths and marks
LABEL_PAD = 10  # points from the numbers of a surface to the name of its axis
SOLID_ZOOM = 0.85  # leaves room for the labels of a surface
OUTLINE = 1.2  # white around what lies on the contours
NAMES = ("first", "second")
UNIT = {
    "random": " (lengths of the weights)",
    "given": " (lengths of it)",
    "between": "",
    "principal": "",
}


def plot_landscape(
    landscape: LossLandscape, ax: Axes | None = None, *, style: str | None = None
) -> Axes:
    """Draw the loss around a model, and the path of its training if it is known.

    The title says what was found. The cross is the model; the dashed line is where the
    loss is twice that of the model. The loss is on a log scale if it spans a factor of
    10. What is grey has no finite loss.

    Args:
        landscape: LossLandscape.
        ax: matplotlib Axes to draw on; by default those of a new figure. For
            `"surface"` they must be three-dimensional.
        style: `"contours"` or `"surface"` of a plane, or `"lines"`: the loss along each
            direction through the model. Default: contours of a plane, else lines.

    Returns:
        matplotlib Axes, the one drawn on.

    Raises:
        InputError: If the style is unknown or does not fit.

    Example:
    >>> from lr_finder.results.landscape import LossLandscape
    >>> a = np.linspace(-1, 1, 9)
    >>> ax = plot_landscape(LossLandscape("random", (a,), 0.5 + 2 * a**2, 0.5))
    >>> ax.get_title(), ax.get_xlabel()
    ('The loss of 0.5 doubles at a distance of 0.5', 'random direction (lengths of \
the weights)')
    """
    style = _checked_style(landscape, ax, style)
    if ax is None:
        figure = new_figure(7.5, 6.0) if landscape.directions == 2 else new_figure()
        is_solid = style == "surface"
        ax = figure.add_subplot(projection="3d") if is_solid else figure.subplots()
    title = landscape.to_dict()["headline"]
    if style == "lines":
        _draw_lines(ax, landscape)
        names = [_axis_name(landscape, i) for i in range(landscape.directions)]
        across = names[0] if len(names) == 1 else f"distance{UNIT[landscape.kind]}"
        label_axes(ax, title, across, "loss")
    elif style == "contours":
        _draw_contours(ax, landscape)
        label_axes(ax, title, _axis_name(landscape, 0), _axis_name(landscape, 1))
        ax.grid(visible=False)
    else:
        _draw_surface(ax, landscape)
        ax.set_title(title, fontsize="medium")
        _label_solid(ax, landscape)
    if style != "surface" and ax.get_legend_handles_labels()[0]:
        legend_below(ax, 3)
    return ax


def _checked_style(landscape: LossLandscape, ax: Axes | None, style: str | None) -> str:
    if style is None:
        return "lines" if landscape.directions == 1 else "contours"
    known = STYLES if landscape.directions == 2 else STYLES[-1:]
    if style not in known:
        raise InputError(
            f"Argument `style` must be {' or '.join(map(repr, known))} for a landscape "
            f"of {counted(landscape.directions, 'direction')}. Received: "
            f"style={style!r:.30}."
        )
    if style == "surface" and ax is not None and ax.name != "3d":
        raise InputError(
            "Argument `ax` must be three-dimensional for a surface. Received: axes "
            f"{ax.name!r}. Make them by figure.add_subplot(projection='3d')."
        )
    return style


def contour_levels(values: np.ndarray, count: int = LEVELS) -> np.ndarray:
    """Levels at which contours are drawn: equal factors if the values span decades.

    Args:
        values: float array, some of them finite.
        count: int >= 2.

    Returns:
        float array (count,), increasing, from the lowest to the highest value.

    Example:
    >>> contour_levels(np.array([1.0, 3.0]), 3), contour_levels(np.array([1, 100]), 3)
    (array([1., 2., 3.]), array([  1.,  10., 100.]))
    """
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    if low > 0 and high > LOG_FROM_RATIO * low:
        return np.geomspace(low, high, count)
    if low == high:
        high = low + (abs(low) or 1.0) * 1e-6
    return np.linspace(low, high, count)


def draw_contours(
    ax: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, levels: np.ndarray
) -> None:
    """Fill the levels of values over a plane, dark if they are high; number some.

    Args:
        ax: matplotlib Axes, drawn on.
        x: float array (x,).
        y: float array (y,).
        values: float array (y, x); what is not finite is grey.
        levels: float array, increasing.
    """
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    shades = colormaps[SHADES](np.linspace(0, DARKEST, len(levels)))
    shown = np.ma.masked_invalid(values)
    ax.set_facecolor("0.8")
    ax.contourf(x, y, shown, levels, cmap=ListedColormap(shades), extend="max")
    lines = ax.contour(
        x, y, shown, levels, colors="0.35", linewidths=0.6, linestyles="solid"
    )
    numbers = ax.clabel(
        lines, levels[1::NUMBERED], fontsize="x-small", zorder=NUMBERS_ABOVE,
        fmt=lambda level: format_plain(level, 2),
    )  # fmt: skip
    for text in numbers:
        text.set_path_effects(outlined(0.0))


def outlined(width: float = OUTLINE) -> list[Any]:
    """A white line around lines and marks, so that they are seen on any shade."""
    from matplotlib import patheffects

    return [patheffects.withStroke(linewidth=2 * width + 1.8, foreground="white")]


def _draw_contours(ax: Axes, landscape: LossLandscape) -> None:
    x, y = landscape.coordinates
    losses = landscape.losses
    draw_contours(ax, x, y, losses, contour_levels(losses))
    level = SHARPNESS_FACTOR * landscape.loss
    finite = losses[np.isfinite(losses)]
    has_ring = landscape.kind != "principal" and landscape.loss > 0
    if has_ring and finite.min() < level < finite.max():
        # Straight for a parabola, so that few points draw the line where it is.
        heights = relative_height(losses, landscape.loss)
        ax.contour(x, y, np.ma.masked_where(~np.isfinite(losses), heights),
                   [np.sqrt(SHARPNESS_FACTOR - 1)], colors=SMOOTH,
                   linestyles="dashed", linewidths=2.0)  # fmt: skip
        ax.plot([], [], color=SMOOTH, linestyle="--", label=_doubled(landscape))
    _draw_path(ax, landscape)
    ax.plot(0, 0, "x", color="black", markersize=9, markeredgewidth=2.2,
            path_effects=outlined(), zorder=6, linestyle="none",
            label=f"the model, {format_plain(landscape.loss, 3)}")  # fmt: skip
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(y[0], y[-1])


def _draw_path(ax: Axes, landscape: LossLandscape) -> None:
    """Where a training went, from a ring to a dot."""
    if landscape.path is None or landscape.steps is None:
        return
    across, up = landscape.path.T
    last = int(landscape.steps[-1])
    ax.plot(across, up, "-", color=ACCENT, linewidth=1.8, path_effects=outlined(),
            zorder=4, label=f"the training, {counted(last, 'batch')}")  # fmt: skip
    ax.plot(across, up, ".", color=ACCENT, markersize=4, zorder=4)
    ax.plot(across[0], up[0], "o", color=ACCENT, markerfacecolor="white", markersize=8,
            markeredgewidth=2, zorder=5, linestyle="none", label="its start",
            )  # fmt: skip


def _doubled(landscape: LossLandscape) -> str:
    level = SHARPNESS_FACTOR * landscape.loss
    return f"twice the loss of the model, {format_plain(level, 3)}"


def _draw_lines(ax: Axes, landscape: LossLandscape) -> None:
    """The loss along each direction through the model."""
    looks = line_looks(landscape.directions)
    for place, look in enumerate(looks):
        axis, losses = landscape.coordinates[place], landscape.cut(place)
        name = _axis_name(landscape, place, is_short=True)
        label = name if landscape.directions > 1 else "loss"
        finite = np.where(np.isfinite(losses), losses, np.nan)
        ax.plot(axis, finite, **look | {"marker": "."}, linewidth=1.8, label=label)
    cuts = np.concatenate([landscape.cut(i) for i in range(landscape.directions)])
    finite = cuts[np.isfinite(cuts)]
    if finite.min() > 0 and finite.max() > LOG_FROM_RATIO * finite.min():
        ax.set_yscale("log")
    if landscape.kind == "between":
        _draw_barrier(ax, landscape)
        return
    if landscape.path is not None and landscape.directions == 1:
        path = landscape.path[:, 0]
        heights = np.interp(path, landscape.coordinates[0], landscape.cut(0))
        ax.plot(path, heights, "o", color=ACCENT, markersize=4, linestyle="none",
                label="points of the training, put on the line")  # fmt: skip
    level = SHARPNESS_FACTOR * landscape.loss
    if landscape.kind != "principal" and landscape.loss > 0 and level < finite.max():
        ax.axhline(level, color="0.3", linestyle=":", label=_doubled(landscape))
    ax.plot(0, landscape.loss, "x", color="black", markersize=9, markeredgewidth=2.2,
            zorder=6, linestyle="none",
            label=f"the model, {format_plain(landscape.loss, 3)}")  # fmt: skip


def _draw_barrier(ax: Axes, landscape: LossLandscape) -> None:
    """Both solutions, the line between their losses, and how far the loss is above."""
    axis, losses = landscape.coordinates[0], landscape.losses
    t = np.linspace(0, 1, len(axis))
    straight = (1 - t) * losses[0] + t * losses[-1]
    ax.plot(t, straight, "--", color=RAW, label="line between their losses")
    ax.plot([0, 1], losses[[0, -1]], "x", color="black", markersize=9,
            markeredgewidth=2.2, zorder=6, linestyle="none",
            label="the two solutions")  # fmt: skip
    height, where = landscape.barrier or (0.0, 0.0)
    if np.isfinite(height) and height > 0:
        foot = (1 - where) * losses[0] + where * losses[-1]
        ax.plot([where, where], [foot, foot + height], color=ACCENT, linewidth=2.2,
                label=f"barrier, {format_plain(height, 3)}")  # fmt: skip


def _draw_surface(ax: Any, landscape: LossLandscape) -> None:
    """The losses as heights; over decades, their logarithms."""
    from matplotlib.ticker import FuncFormatter
    from scipy.interpolate import RegularGridInterpolator

    x, y = landscape.coordinates
    losses = np.where(np.isfinite(landscape.losses), landscape.losses, np.nan)
    low, high = np.nanmin(losses), np.nanmax(losses)
    is_log = low > 0 and high > LOG_FROM_RATIO * low
    heights = np.log10(losses) if is_log else losses
    ax.plot_surface(*np.meshgrid(x, y), heights, cmap=SOLID, edgecolor="0.4",
                    linewidth=0.2, rstride=1, cstride=1, alpha=0.85)  # fmt: skip
    if landscape.path is not None:
        over = RegularGridInterpolator((y, x), heights, bounds_error=False)
        across, up = landscape.path.T
        ax.plot(across, up, over(np.stack([up, across], -1)), color=ACCENT,
                linewidth=2.2, zorder=10)  # fmt: skip
    ax.set_zlabel("loss (log scale)" if is_log else "loss", fontsize="small")
    if is_log:
        ax.zaxis.set_major_formatter(
            FuncFormatter(lambda value, place: format_plain(10**value, 2))
        )


def _label_solid(ax: Any, landscape: LossLandscape) -> None:
    """Names of the axes beyond few, small numbers, all within the picture."""
    pads = {"labelpad": LABEL_PAD, "fontsize": "small"}
    ax.set_xlabel(_axis_name(landscape, 0, is_short=True), **pads)
    ax.set_ylabel(_axis_name(landscape, 1, is_short=True), **pads)
    ax.zaxis.labelpad = LABEL_PAD
    ax.tick_params(labelsize="small", pad=1)
    ax.tick_params(axis="z", pad=LABEL_PAD / 2)
    for axis in (ax.xaxis, ax.yaxis):
        axis.get_major_locator().set_params(nbins=5)
    ax.set_box_aspect(None, zoom=SOLID_ZOOM)


def _axis_name(landscape: LossLandscape, place: int, is_short: bool = False) -> str:
    """What is along an axis, with its unit."""
    if landscape.kind == "between":
        return "from the model (0) to the other solution (1)"
    number = f"{NAMES[place]} " if landscape.directions == 2 else ""
    text = f"{number}{landscape.kind} direction"
    if is_short:
        return text
    if landscape.shares is None:
        return text + UNIT[landscape.kind]
    share = f"{landscape.shares[place]:.0%}".replace("%", " %")
    return f"{text} ({share} of the movement)"
