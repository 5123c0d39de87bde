"""Figures made and saved without pyplot: no display, no global state."""

from __future__ import annotations

import base64
import html
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder._files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_PER_INCH = 150  # sharp on a large screen, about 100 kB for a sweep
SCREEN_DOTS_PER_INCH = 80  # of a picture beside the code that made it
LONGEST_LABEL = 50  # characters that fit beside the rest of a title
LEGEND_DISTANCE = 4.8  # below the axes, in lines: ticks and label are between


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


def save_figure(figure: Figure, path: str | Path) -> Path:
    """Write a figure to a file, whole or not at all.

    Args:
        figure: matplotlib Figure.
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
    path = Path(path)
    file_format = path.suffix.lstrip(".") or "png"
    with warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes: no news to anybody.
        warnings.filterwarnings("ignore", r"[\s\S]*missing from (current )?font")
        write_atomically(
            path,
            lambda file: figure.savefig(file, format=file_format, dpi=DOTS_PER_INCH),
        )
    return path


def as_html(text: str, figure: Figure) -> str:
    """A text and a figure for a notebook, which shows HTML.

    The figure is an image in the text itself: JupyterLab strips inline SVG.

    Args:
        text: str, plain, of one line or several.
        figure: matplotlib Figure.

    Returns:
        str, HTML.

    Example:
    >>> as_html("1 < 2", new_figure(2, 1)).split("src=")[0]
    '<div><p style="white-space: pre-line">1 &lt; 2</p><img alt="1 &lt; 2" '
    """
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=SCREEN_DOTS_PER_INCH)
    data = base64.b64encode(image.getvalue()).decode("ascii")
    told, name = html.escape(text), html.escape(text.splitlines()[0])
    return (
        f'<div><p style="white-space: pre-line">{told}</p><img alt="{name}" '
        f'src="data:image/png;base64,{data}"></div>'
    )


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
    """Title, axis labels and a faint grid; a logarithmic axis says so.

    Args:
        ax: matplotlib Axes, drawn on.
        title: str.
        x: str, what the x axis shows.
        y: str, what the y axis shows.

    Example:
    >>> ax = new_figure().subplots()
    >>> ax.set_yscale("log")
    >>> label_axes(ax, "A title", "batch", "loss")
    >>> ax.get_ylabel()
    'loss (log scale)'
    """
    ax.set_title(title, fontsize="medium")
    ax.set_xlabel(x + " (log scale)" * (ax.get_xscale() == "log"))
    ax.set_ylabel(y + " (log scale)" * (ax.get_yscale() == "log"))
    ax.grid(visible=True, color="0.9", linewidth=0.7)
    ax.set_axisbelow(True)


def legend_below(ax: Axes, columns: int, **options: Any) -> None:
    """A legend under the x axis, where it covers nothing.

    Args:
        ax: matplotlib Axes, drawn on.
        columns: int >= 1, of the legend.
        options: further arguments of `Axes.legend`.

    Example:
    >>> ax = new_figure().subplots()
    >>> _ = ax.plot([1, 2], label="a line")
    >>> legend_below(ax, 2)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['a line']
    """
    ax.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        borderaxespad=LEGEND_DISTANCE,
        ncols=columns,
        frameon=False,
        fontsize="small",
        **options,
    )
