"""Figures made and saved without pyplot: no display, no global state."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from lr_finder._files import write_atomically
from lr_finder.plots.letters import make_drawable
from lr_finder.plots.ticks import plain_log_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

# One colour for one thing in every figure. They are told apart without colour too: by
# points and thin lines, a thick line, a dashed line, a band.
RAW = "0.55"  # light grey: single batches
SMOOTH = "#12355b"  # dark blue, nearly black in grey: smoothed losses, compiled rate
ACCENT = "#b3440a"  # burnt orange, a middle grey: the rate found, what to look at
BAND = "#f3c9a5"  # its light tint: the interval
HELD_OUT = "#2f7d6b"  # green: validation losses beside training losses

LOG_FROM_RATIO = 10.0  # highest to lowest loss above which their axis is logarithmic
MARKERS = "os^Dv"  # one for each line, then again from the start
DOTS_PER_INCH = 150  # sharp on a large screen, about 100 kB for a sweep
LONGEST_LABEL = 50  # characters that fit beside the rest of a title
LEGEND_DISTANCE = 4.8  # below the axes, in lines: ticks and label are between
PANEL = 0.88  # of its column of the figure: the axes without their labels, about
TITLE_CHARACTERS = 11.0  # per inch of a title, about
LEGEND_CHARACTERS = 12.0  # per inch of a legend's small text, about
HANDLE = 2.0  # letters' heights that a line in a legend is long
BESIDE_HANDLE = 5.0  # characters of space around it and around a column
PER_HANDLE = 1.25  # characters in a letter's height
MOST_COLUMNS = 6


def new_figure(width: float = 9.0, height: float = 5.4) -> Figure:
    """An empty figure that belongs to no window.

    Args:
        width: float, inches.
        height: float, inches.

    Returns:
        matplotlib Figure, laid out so that nothing is cut off.

    Example:
    >>> new_figure(4, 3).subplots().get_xscale()
    'linear'
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def save_figure(figure: Figure | SubFigure, path: str | Path) -> Path:
    """Write a figure to a file, whole or not at all.

    Args:
        figure: matplotlib Figure; of a part of one, the whole is written.
        path: str or Path, the file; its suffix (`.png`, `.svg`, `.pdf`) is the format.

    Returns:
        Path, the file written.

    Raises:
        OSError: If the folder cannot be written.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_figure(new_figure(), folder + "/empty.png").name
    'empty.png'
    """
    path, whole = Path(path), figure.figure
    file_format = path.suffix.lstrip(".") or "png"
    write_atomically(
        path,
        lambda file: draw_into(whole, file, format=file_format, dpi=DOTS_PER_INCH),
    )
    return path


def draw_into(figure: Figure, file: BinaryIO, **options: Any) -> None:
    """Draw a figure into an open file, see `make_drawable`.

    Args:
        figure: matplotlib Figure.
        file: binary file.
        options: arguments of `Figure.savefig`.
    """
    make_drawable(figure)
    figure.savefig(file, **options)


def as_label(text: str, longest: int = LONGEST_LABEL) -> str:
    r"""Text of a person's own, as Matplotlib is to draw it: short, `$` no mathematics.

    Args:
        text: str, e.g. the name of a file.
        longest: int, characters; a longer text loses its middle.

    Returns:
        str, on one line.

    Example:
    >>> print(as_label("in $ and $.csv"))
    in \$ and \$.csv
    >>> as_label("a_very_long_name.csv", 11)
    'a_ver…e.csv'
    """
    text = " ".join(text.split())
    if len(text) > longest:
        half = (longest - 1) // 2
        text = f"{text[:half]}…{text[-half:]}"
    return text.replace("$", r"\$")


def label_axes(ax: Axes, title: str, x: str, y: str) -> None:
    """Title, axis labels, a faint grid; a logarithmic axis says so in plain numbers.

    Args:
        ax: matplotlib Axes, drawn on.
        title: str, broken into lines that the panel has room for.
        x: str, what the x axis shows.
        y: str, what the y axis shows.

    Example:
    >>> ax = new_figure().subplots()
    >>> ax.set_yscale("log")
    >>> label_axes(ax, "A title", "batch", "loss")
    >>> ax.get_ylabel()
    'loss (log scale)'
    """
    room = max(30, round(panel_width(ax) * TITLE_CHARACTERS))
    kept = title.replace(" %", "\N{NO-BREAK SPACE}%")
    lines = textwrap.fill(kept, room).replace("\N{NO-BREAK SPACE}%", " %")
    ax.set_title(lines, fontsize="medium")
    ax.set_xlabel(x + " (log scale)" * (ax.get_xscale() == "log"))
    ax.set_ylabel(y + " (log scale)" * (ax.get_yscale() == "log"))
    plain_log_ticks(ax)
    ax.grid(visible=True, color="0.9", linewidth=0.7)
    ax.set_axisbelow(True)


def panel_width(ax: Axes) -> float:
    """About how wide the axes will be once their figure is laid out, in inches.

    Args:
        ax: matplotlib Axes.

    Returns:
        float.

    Example:
    >>> one, two = new_figure(10, 4).subplots(1, 2)
    >>> round(panel_width(one), 1)
    4.4
    """
    place, figure = ax.get_subplotspec(), ax.figure
    if place is None:
        return float(ax.bbox.width / figure.dpi)
    grid = place.get_gridspec().ncols
    columns = place.colspan.stop - place.colspan.start
    return float(PANEL * columns / grid * figure.bbox.width / figure.dpi)


def count_columns(
    texts: Sequence[str], width: float, most: int = MOST_COLUMNS, handle: float = HANDLE
) -> int:
    """How many columns a legend of these texts has room for.

    Args:
        texts: sequence of str.
        width: float, inches.
        most: int >= 1, columns at most.
        handle: float, length of a legend's lines, in letters' heights.

    Returns:
        int in [1, most], none of them empty.

    Example:
    >>> count_columns(["adam", "sgd"], 8.0), count_columns(["a long text " * 4], 4.0)
    (2, 1)
    """
    extra = BESIDE_HANDLE + PER_HANDLE * handle
    for columns in range(min(most, len(texts)), 1, -1):
        parts = np.array_split([len(text) + extra for text in texts], columns)
        if sum(part.max() for part in parts) <= width * LEGEND_CHARACTERS:
            return columns
    return 1


def legend_below(ax: Axes, columns: int, **options: Any) -> None:
    """A legend under the x axis, where it covers nothing, no wider than its panel.

    Args:
        ax: matplotlib Axes, drawn on.
        columns: int >= 1, of the legend; fewer if the panel has no room for them.
        options: further arguments of `Axes.legend`.

    Example:
    >>> ax = new_figure().subplots()
    >>> _ = ax.plot([1, 2], label="a line")
    >>> legend_below(ax, 2)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['a line']
    """
    handles = options.get("handles") or ax.get_legend_handles_labels()[0]
    texts = [str(handle.get_label()) for handle in handles]
    handle = options.get("handlelength", HANDLE)
    columns = count_columns(texts, panel_width(ax), columns, handle)
    ax.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        borderaxespad=LEGEND_DISTANCE,
        ncols=columns,
        frameon=False,
        fontsize="small",
        **options,
    )
