"""A map of the generalization gap: the variants down, the learning rates across."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import format_rate
from lr_finder.plots.style import as_label, label_axes, new_figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from lr_finder.results.generalization.generalization import GeneralizationResult

COLOURS = "Blues"  # dark is a wide gap, also in grey
LOST = "0.93"  # light grey: no run that counts
DARK = 0.55  # of the colours: from there on numbers are white
BEST: dict[str, Any] = {"facecolor": "none", "edgecolor": "#b3440a", "linewidth": 2.4}
BENEATH = BEST | {"edgecolor": "white", "linewidth": 4.8}  # seen on dark cells, in grey
NO_GAP = "–"
AXIS = "learning rate\n(cells: test − training loss; in brackets: test loss)"
INSET = 0.04  # of a cell, free around its frame: neighbours do not share one


def plot_generalization(
    study: GeneralizationResult, ax: Axes | None = None, *, at_loss: float | None = None
) -> Axes:
    """Draw how wide the gap of each variant is at each learning rate.

    A cell is the mean over the seeds: its number and colour the gap (test less training
    loss), the number below in brackets the test loss. At the runs' ends a frame marks,
    in each row, the rate with the lowest validation loss. A grey cell has no run that
    counts.

    Args:
        study: GeneralizationResult.
        ax: matplotlib Axes to draw on; by default those of a new figure.
        at_loss: float, a training loss at which runs are compared, as of
            `GeneralizationResult.gaps`; None for their ends.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> import pandas as pd
    >>> from lr_finder.results.generalization import gap_tables as tables
    >>> from lr_finder.results.generalization.generalization import (
    ...     GeneralizationResult)
    >>> runs = [{"key": str(rate), "model": "mlp", "regularization": "none",
    ...          "optimizer": "adam", "batch_size": 32, "initializer": "default",
    ...          "label_noise": 0.0, "rate": f"{rate:g}", "learning_rate": rate,
    ...          "seed": 0, "train_loss": 0.25, "val_loss": rate, "test_loss": rate}
    ...         for rate in (0.5, 1.0)]
    >>> runs = pd.DataFrame(runs).reindex(columns=tables.RUN_COLUMNS)
    >>> epochs = pd.DataFrame(columns=tables.EPOCH_COLUMNS)
    >>> ax = plot_generalization(GeneralizationResult(runs, epochs))
    >>> ax.images[0].get_array().tolist()
    [[0.25, 0.75]]
    """
    table = study.gaps(at_loss)
    rates = table.groupby("rate")["learning_rate"].median().sort_values()
    names = list(dict.fromkeys(table["variant"]))
    if ax is None:
        width, height = 1.6 + 0.95 * max(len(rates), 4), 1.9 + 0.5 * len(names)
        ax = new_figure(width, height).subplots()
    cells = table.pivot_table(
        index="variant", columns="rate", values=["gap", "test_loss"], dropna=False
    )
    gaps = cells["gap"].reindex(index=names, columns=rates.index).to_numpy(float)
    losses = cells["test_loss"].reindex(index=names, columns=rates.index)
    image = ax.imshow(gaps, cmap=COLOURS, aspect="auto")
    ax.set_facecolor(LOST)
    _write(ax, gaps, losses.to_numpy(float), image)
    if at_loss is None:
        _frame(ax, study.best(), names, list(rates.index))
    ax.set_xticks(range(len(rates)), [_rate_label(*each) for each in rates.items()])
    ax.set_yticks(range(len(names)), [as_label(name) for name in names])
    label_axes(ax, title_of(study, at_loss), AXIS, "")
    ax.grid(visible=False)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.8)
    bar.set_label("gap", size="small")
    return ax


def title_of(study: GeneralizationResult, at_loss: float | None = None) -> str:
    """The finding in a line: how far gaps range, and where the test loss is lowest.

    Args:
        study: GeneralizationResult.
        at_loss: float, a training loss at which runs are compared; None for their ends.

    Returns:
        str.
    """
    gaps = study.gaps(at_loss)
    known = gaps["gap"].dropna()
    if known.empty:
        return "No gap is known"
    told = f"gap is {_number(known.min())} to {_number(known.max())}"
    if at_loss is not None:
        n_out = len(gaps) - len(known)
        left_out = f"; {n_out} of {len(gaps)} settings never do" if n_out else ""
        return f"When the training loss reaches {at_loss:.2g}, the {told}{left_out}"
    best = study.best()
    if len(best) < 2 or best["test_loss"].isna().all():  # noqa: PLR2004
        return f"The {told}"
    row = best.loc[best["test_loss"].idxmin()]
    place = f"{as_label(str(row['variant']))} at {format_rate(row['learning_rate'])}"
    lowest = f"Lowest framed test loss: {row['test_loss']:.3g}, {place}"
    return f"{lowest}; the {told}"


def _number(value: float) -> str:
    """Two decimals, with the sign that mathematics uses."""
    return f"{value:.2f}".replace("-", "−").replace("−0.00", "0.00")


def _rate_label(rate: str, value: float) -> str:
    return f"found,\n{format_rate(value)}" if rate == "found" else format_rate(value)


def _write(ax: Axes, gaps: np.ndarray, losses: np.ndarray, image: Any) -> None:
    """The numbers in the cells."""
    for (row, column), gap in np.ndenumerate(gaps):
        is_known, loss = math.isfinite(gap), float(losses[row, column])
        text = f"{_number(gap)}\n({_number(loss)})" if is_known else NO_GAP
        is_dark = is_known and image.norm(gap) > DARK
        ax.text(
            column, row, text, ha="center", va="center", fontsize="small",
            color="white" if is_dark else "black",
        )  # fmt: skip


def _frame(ax: Axes, best: pd.DataFrame, names: list[str], rates: list[str]) -> None:
    """A frame around the best rate of each variant."""
    from matplotlib.patches import Rectangle

    for row in best.to_dict("records"):
        if row["n"]:
            left, top = rates.index(row["rate"]), names.index(row["variant"])
            corner = left - 0.5 + INSET, top - 0.5 + INSET
            side = 1 - 2 * INSET
            for look in (BENEATH, BEST):
                ax.add_patch(Rectangle(corner, side, side, **look))
