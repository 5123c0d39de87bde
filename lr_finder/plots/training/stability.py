"""The stability of a training: gradients and updates, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lr_finder._text import format_rate
from lr_finder.errors import InputError
from lr_finder.plots.line_looks import line_looks
from lr_finder.plots.style import (
    RAW,
    as_label,
    label_axes,
    legend_below,
    new_figure,
)
from lr_finder.plots.ticks import format_plain, whole_ticks
from lr_finder.plots.training.losses import BATCHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.training.record import LayerNorms, TrainingRecord

LAYERS_SHOWN = (
    5  # layers from the first to the last: as many as can be told apart in grey
)
USUAL_RATIO = 1e-3  # update by weights, a rule of thumb (CS231n, neural networks 3)
USUAL = format_rate(USUAL_RATIO)
FAR = 10.0  # factor between gradients from which on it is worth telling


def plot_gradient_norms(record: TrainingRecord, ax: Axes | None = None) -> Axes:
    """Draw the norm of each layer's gradient.

    Lines that lie decades apart, the first layer lowest, show vanishing gradients;
    lines that rise together by decades show exploding ones. If there are more than 5
    layers, 5 from the first to the last are drawn.

    Args:
        record: TrainingRecord with `layers`.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on.

    Raises:
        InputError: If the record holds no gradients.

    Example:
    >>> from lr_finder.analysis.training.record import LayerNorms, TrainingRecord
    >>> layers = LayerNorms(np.arange(2), ["dense"], np.ones((2, 1)), np.ones((2, 1)))
    >>> ax = plot_gradient_norms(TrainingRecord({"loss": [2.0, 1.0]}, layers=layers))
    >>> ax.lines[0].get_label()
    'dense'
    """
    layers = _layers_of(record)
    if ax is None:
        ax = new_figure().subplots()
    finding = _gradients_found(layers)
    _draw(ax, layers, layers.gradient_norms, finding, "norm of the gradient")
    return ax


def plot_update_ratios(record: TrainingRecord, ax: Axes | None = None) -> Axes:
    """Draw how far each layer's weights moved in a step, relative to their size.

    Around 1e-3 is usual; far above, the rate is too high, far below, too low.

    Args:
        record: TrainingRecord with `layers`.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on.

    Raises:
        InputError: If the record holds no updates.

    Example:
    >>> from lr_finder.analysis.training.record import LayerNorms, TrainingRecord
    >>> layers = LayerNorms(np.arange(2), ["dense"], np.ones((2, 1)), np.ones((2, 1)))
    >>> ax = plot_update_ratios(TrainingRecord({"loss": [2.0, 1.0]}, layers=layers))
    >>> ax.lines[0].get_label()
    'usual (1e-3)'

    References:
        Stanford CS231n, notes on neural networks 3, "Ratio of weights:updates".
    """
    layers = _layers_of(record)
    if ax is None:
        ax = new_figure().subplots()
    ax.axhline(USUAL_RATIO, color=RAW, linewidth=1.0, linestyle=(0, (4, 4)),
               label=f"usual ({USUAL})")  # fmt: skip
    finding = _updates_found(layers)
    _draw(ax, layers, layers.update_ratios, finding, "update by weights, norms")
    return ax


def _layers_of(record: TrainingRecord) -> LayerNorms:
    if record.layers is None:
        raise InputError(
            "Argument `record` must hold gradients. Received: layers=None. Train with "
            "gradients_every=10, or a smaller number if there are fewer batches."
        )
    return record.layers


def _gradients_found(layers: LayerNorms) -> str:
    """Whether gradients vanish, explode, or are of one size."""
    norms = np.where(layers.gradient_norms > 0, layers.gradient_norms, np.nan)
    typical = _medians(norms)
    if np.isnan(layers.gradient_norms).all():
        return "No gradient was measured"
    if not np.isfinite(typical).any():
        return "No gradient is above zero"
    norms = norms[np.isfinite(norms).any(axis=1)]
    part = max(len(norms) // 10, 1)
    start, end = (np.nanmax(_medians(each)) for each in (norms[:part], norms[-part:]))
    if end / start >= FAR:
        times = format_plain(end / start, 2)
        return f"Gradients grow {times} times from the first tenth to the last"
    low, high = int(np.nanargmin(typical)), int(np.nanargmax(typical))
    ratio = format_plain(typical[high] / typical[low], 2)
    if typical[high] / typical[low] < FAR:
        return f"Median gradients of all layers lie within a factor of {ratio}"
    one, other = _name_of(layers, low), _name_of(layers, high)
    return f"The median gradient of {other} is {ratio} times that of {one}"


def _updates_found(layers: LayerNorms) -> str:
    """How far the layers move in a step, beside what is usual."""
    typical = _medians(np.where(layers.update_ratios > 0, layers.update_ratios, np.nan))
    if not np.isfinite(typical).any():
        return "No update is above zero"
    low, high = map(format_rate, (np.nanmin(typical), np.nanmax(typical)))
    ends = low if low == high else f"{low} to {high}"
    return f"A layer's median update is {ends} of its weights; {USUAL} is usual"


def _medians(values: np.ndarray) -> np.ndarray:
    """The median of each layer, NaN for one without a number."""
    return np.array(
        [np.nan if np.isnan(each).all() else np.nanmedian(each) for each in values.T]
    )


def _name_of(layers: LayerNorms, place: int) -> str:
    """A layer's name without that of its model."""
    name = layers.names[place]
    return as_label(name.rpartition("/")[2] or name, 24)


def _draw(
    ax: Axes, layers: LayerNorms, values: np.ndarray, title: str, what: str
) -> None:
    """A line for each layer, or for five of them."""
    count = len(layers.names)
    chosen = np.unique(
        np.linspace(0, count - 1, min(count, LAYERS_SHOWN)).round().astype(int)
    )
    for look, layer in zip(line_looks(len(chosen)), chosen, strict=True):
        positive = np.where(values[:, layer] > 0, values[:, layer], np.nan)
        ax.plot(
            np.asarray(layers.batches) + 1, positive,
            **look, markersize=4, markevery=max(len(values) // 8, 1), linewidth=1.6,
            label=_name_of(layers, layer),
        )  # fmt: skip
    ax.set_yscale("log")
    if count > LAYERS_SHOWN:
        title += f" ({LAYERS_SHOWN} of {count} layers drawn)"
    label_axes(ax, title, BATCHES, what)
    whole_ticks(ax.xaxis, first=1)
    legend_below(ax, 3)
