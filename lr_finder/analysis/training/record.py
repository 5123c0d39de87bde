"""What was recorded of a training: plain arrays, to be judged and drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lr_finder._text import counted
from lr_finder.analysis.training.distributions import Distribution
from lr_finder.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


@dataclasses.dataclass(frozen=True, eq=False)
class LayerNorms:
    """Gradients and updates of single steps, layer by layer.

    Args:
        batches: int array (k,), the steps measured, counted from 0 over all epochs.
        names: sequence of str, the layers, in the order of the model.
        gradient_norms: float array (k, layers), Euclidean norms >= 0.
        update_ratios: float array (k, layers), norm of the update by that of the
            weights; NaN where the weights are zero.
    """

    batches: np.ndarray
    names: Sequence[str]
    gradient_norms: np.ndarray
    update_ratios: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class TrainingRecord:
    """One training: its epochs and batches; its layers and data, if they were watched.

    Args:
        batches: mapping of name -> sequence (n,), one entry for each batch: `loss`,
            and `epoch`, `learning_rate`, `seconds` and metrics where known.
        epochs: mapping of name -> sequence (epochs,): `loss`, `val_loss`, … as Keras'
            History has them.
        layers: LayerNorms or None.
        distributions: sequence of Distribution, of inputs and targets.
        readings: mapping of name -> sequence (k,), one entry for each step that
            instruments were read on: `batch`, counted from 0 over all epochs, and what
            was chosen of `update_ratio`, `gradient_norm`, `dead_units` (shares),
            `noise_scale` (samples) and `curvature`; empty without instruments.

    Raises:
        InputError: If there is no loss of batches, or entries differ in number.

    Example:
    >>> record = TrainingRecord({"loss": [2.0, 1.0], "epoch": [0, 1]})
    >>> record.epoch_ends()
    array([0, 1])
    """

    batches: Mapping[str, Sequence[float]]
    epochs: Mapping[str, Sequence[float]] = dataclasses.field(default_factory=dict)
    layers: LayerNorms | None = None
    distributions: Sequence[Distribution] = ()
    readings: Mapping[str, Sequence[float]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if "loss" not in self.batches:
            raise InputError(
                "Argument `batches` must hold a 'loss' for each batch. Received: "
                f"{sorted(self.batches)}. A BatchMetricsTracker's `history` does."
            )
        lengths = {name: len(values) for name, values in self.batches.items()}
        if len(set(lengths.values())) > 1:
            raise InputError(
                "Argument `batches` must hold as many entries under each name. "
                f"Received: {lengths}."
            )

    def __repr__(self) -> str:
        ends = self.epoch_ends()
        batches, epochs = (
            counted(len(self.losses), "batch"),
            counted(len(ends), "epoch"),
        )
        return f"<TrainingRecord of {batches} in {epochs}>"

    @property
    def losses(self) -> np.ndarray:
        """The loss of each batch: float array (n,)."""
        return np.asarray(self.batches["loss"], dtype=float)

    def epoch_ends(self) -> np.ndarray:
        """The last batch of each epoch, counted from 0: int array (epochs,)."""
        epochs = np.asarray(self.batches.get("epoch", np.zeros(len(self.losses))))
        if not len(epochs):
            return np.empty(0, dtype=int)
        return np.append(np.flatnonzero(np.diff(epochs)), len(epochs) - 1)

    def to_frame(self) -> pd.DataFrame:
        """A tidy table, one row for each batch.

        Returns:
            DataFrame with `loss` and what else is known of the batches.
        """
        import pandas as pd

        return pd.DataFrame(dict(self.batches))

    def report(self, path: str | Path) -> Path:
        """Write a report in one file; see `Finding.report`.

        Args:
            path: str or Path, ending in `.html` or, with the extra `pdf`, `.pdf`.

        Returns:
            Path, the file written.
        """
        from lr_finder.results import _faces

        return _faces.report(self, path)

    def _repr_html_(self) -> str:
        """What a notebook shows: how it ended, and a small picture."""
        from lr_finder.results import _faces

        return _faces.as_html(self)
