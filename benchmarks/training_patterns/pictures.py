"""Pictures to label by: no name, no rate, no rule; a number drawn at random."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from benchmarks.training_patterns.recording import Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELS = Path(__file__).with_name("labels.csv")
NUMBERS_FROM = 20  # seed of the numbers
HEADROOM = 1.05  # of the highest loss, up to the edge
LOG_FROM = 30.0  # ratio of highest to lowest loss
COLUMNS, ROWS = 3, 3


def numbers(names: list[str], path: Path = LABELS) -> dict[int, str]:
    """A number of three digits for each training, that tells nothing of it.

    Args:
        names: list of str, the trainings.
        path: Path of the labels; a training that has one keeps its number.

    Returns:
        dict of number to name, in the order of the numbers.
    """
    given = {}
    if path.exists():
        given = pd.read_csv(path).set_index("number")["name"].to_dict()
    drawn = np.random.default_rng(NUMBERS_FROM).permutation(np.arange(100, 1000))
    free = [number for number in drawn.tolist() if number not in given]
    new = sorted(set(names) - set(given.values()))
    numbered = sorted([*given.items(), *zip(free, new, strict=False)])
    return {number: name for number, name in numbered if name in set(names)}


def draw_sheets(
    trainings: dict[str, Training], folder: Path, order: int | None = None
) -> list[Path]:
    """Draw all trainings, nine on a sheet.

    Args:
        trainings: dict of name to Training.
        folder: Path, where the sheets go.
        order: int or None, seed of the order on the sheets; None is that of numbers.

    Returns:
        list of Path.
    """
    numbered = list(numbers(list(trainings)).items())
    if order is not None:
        np.random.default_rng(order).shuffle(numbered)
    folder.mkdir(parents=True, exist_ok=True)
    size, paths = COLUMNS * ROWS, []
    for start in range(0, len(numbered), size):
        figure = Figure(figsize=(18, 11), layout="constrained")
        parts = figure.subfigures(ROWS, COLUMNS, wspace=0.04, hspace=0.04).ravel()
        some = numbered[start : start + size]
        for part, (number, name) in zip(parts, some, strict=False):
            part.suptitle(str(number), fontweight="bold")
            _draw(trainings[name], *part.subplots(1, 2))
        paths.append(folder / f"sheet_{start // size:02d}.png")
        figure.savefig(paths[-1], dpi=85)
    return paths


def _draw(training: Training, left: Axes, right: Axes) -> None:
    """Epochs from zero on, and batches as high as they are."""
    for values, style, label in (
        (training.epochs, "o-", "training"),
        (training.validation, "s--", "validation"),
    ):
        values = _shown(values)
        epochs = np.arange(1, len(values) + 1)
        left.plot(epochs, values, style, markersize=3, label=label)
    right.plot(_shown(training.batches), color="0.3", linewidth=0.7)
    left.set(xlabel="epoch")
    right.set(xlabel="batch")
    left.legend(fontsize="small")
    for ax, losses in ((left, training.epochs), (right, training.batches)):
        values = np.concatenate([line.get_ydata() for line in ax.lines])
        values = values[np.isfinite(values)]
        if len(values) and values.min() > 0 and values.max() > LOG_FROM * values.min():
            ax.set_yscale("log")
            ax.set_ylabel("log scale")
        elif ax is left:
            # Room above: a loss that hardly moves would lie on the edge.
            ax.set_ylim(0, HEADROOM * values.max() if len(values) else None)
        lost = np.flatnonzero(~np.isfinite(losses))
        if len(lost):
            text = f"not finite from {lost[0] + (ax is left)} on"
            ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center")


def _shown(values: np.ndarray) -> np.ndarray:
    """Losses up to the first that is not finite."""
    broken = ~np.isfinite(values)
    return values[: int(broken.argmax())] if broken.any() else values
