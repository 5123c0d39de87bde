"""What a sweep measured: the one value that suggestions, plots and reports read."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lr_finder._files import write_atomically
from lr_finder._text import counted, format_rate
from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.errors import InputError
from lr_finder.results import _faces

if TYPE_CHECKING:
    import os

    import pandas as pd
    from matplotlib.axes import Axes

    from lr_finder.analysis.sweep.suggestion import Suggestion

FORMAT = 1  # of the NPZ file; raised when an older reader would misread it


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Curve:
    """One sweep through the learning rates: the loss of each batch.

    `losses[i]` is the loss of batch `i`, which Keras computes before the update of that
    batch. So the weights that gave this loss were last moved at `lrs[i-1]`.

    Args:
        lrs: float array (n,), learning rates, positive, strictly increasing.
        losses: float array (n,), loss of each single batch, finite.
        stop_reason: `StopReason` or its text, why the sweep ended.
        validation_losses: float array (n,), finite, loss on held-out data after the
            update of each batch, or None if it was not measured.

    Raises:
        InputError: If the arrays do not fit the rules above.

    Example:
    >>> Curve([1e-3, 1e-2], [2.0, 1.0], "completed").losses
    array([2., 1.])
    """

    lrs: np.ndarray
    losses: np.ndarray
    stop_reason: StopReason = StopReason.COMPLETED
    validation_losses: np.ndarray | None = None

    def __post_init__(self) -> None:
        lrs, losses = _frozen(self.lrs, "lrs"), _frozen(self.losses, "losses")
        validation = self.validation_losses
        if validation is not None:
            validation = _frozen(validation, "validation_losses")
            if validation.shape != lrs.shape:
                raise InputError(
                    "Arguments `lrs` and `validation_losses` must have equal lengths. "
                    f"Received: {counted(lrs.size, 'rate')} and "
                    f"{counted(validation.size, 'loss')}."
                )
            object.__setattr__(self, "validation_losses", validation)
        if lrs.shape != losses.shape:
            raise InputError(
                "Arguments `lrs` and `losses` must have equal lengths. Received: "
                f"{counted(lrs.size, 'rate')} and {counted(losses.size, 'loss')}."
            )
        wrong = np.flatnonzero(np.diff(lrs, prepend=0.0) <= 0)
        if wrong.size:
            raise InputError(
                "Argument `lrs` must be positive and strictly increasing. Received: "
                f"{lrs[wrong[0]]:g} at index {wrong[0]}. Sort the points by rate first."
            )
        object.__setattr__(self, "lrs", lrs)
        object.__setattr__(self, "losses", losses)
        object.__setattr__(self, "stop_reason", StopReason(self.stop_reason))

    def __len__(self) -> int:
        return self.lrs.size

    def __repr__(self) -> str:
        return f"<Curve {_span(self.lrs)}: {self.stop_reason.message}>"


def _span(lrs: np.ndarray) -> str:
    """How many rates, and from where to where."""
    if not lrs.size:
        return "of no steps"
    first, last = format_rate(lrs[0]), format_rate(lrs[-1])
    return f"of {counted(lrs.size, 'step')}, {first} to {last}"


def _frozen(values: Any, name: str) -> np.ndarray:
    """A read-only float64 copy of a finite vector."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"Argument `{name}` must be a vector of finite numbers. Received: "
            f"{values!r:.50}."
        ) from None
    if array.ndim != 1 or not np.all(np.isfinite(array)):
        raise InputError(
            f"Argument `{name}` must be a vector of finite numbers. Received: "
            f"shape {array.shape}, {np.sum(~np.isfinite(array))} values not finite."
        )
    array.flags.writeable = False
    return array


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class SweepResult:
    """What a learning-rate sweep measured: raw data only, which cannot be changed.

    Args:
        curves: sequence of at least one `Curve`, one for each repeat. All have the same
            learning rates, as far as each went.
        metadata: mapping of str to JSON values: what was swept, and how (`mode`,
            `start_lr`, `end_lr`, `steps`, `batch_size`, `optimizer`, …).

    Raises:
        InputError: If there is no curve, or the curves differ in their rates.

    Example:
    >>> result = SweepResult([Curve([1e-3, 1e-2], [2.0, 1.0])])
    >>> result.losses, str(result.stop_reason)
    (array([2., 1.]), 'completed')
    """

    curves: tuple[Curve, ...]
    metadata: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            curves = tuple(self.curves)
        except TypeError:
            curves = ()
        if not curves or not all(isinstance(curve, Curve) for curve in curves):
            raise InputError(
                "Argument `curves` must hold a Curve for each repeat. Received: "
                f"{self.curves!r:.50}. Make one of your own: "
                "SweepResult([Curve(lrs, losses)])."
            )
        longest = max(curves, key=len)
        for curve in curves:
            if not np.array_equal(curve.lrs, longest.lrs[: len(curve)]):
                raise InputError(
                    "Argument `curves` must hold curves over the same learning "
                    "rates. Received: curves that differ. Make one result of each."
                )
        object.__setattr__(self, "curves", curves)
        object.__setattr__(self, "metadata", dict(self.metadata))

    def __repr__(self) -> str:
        repeats = len(self.curves)
        times = f", {repeats} repeats" if repeats > 1 else ""
        swept = self.metadata.get("optimizer")
        swept = f" with {swept}" if swept else ""
        ending = self.stop_reason.message
        return f"<SweepResult {_span(self.lrs)}{times}{swept}: {ending}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the suggestion in a sentence, and a small picture."""
        return _faces.as_html(self)

    @property
    def _shortest(self) -> Curve:
        return min(self.curves, key=len)

    @property
    def lrs(self) -> np.ndarray:
        """Learning rates (n,), as far as every repeat went."""
        return self._shortest.lrs

    @property
    def losses(self) -> np.ndarray:
        """Loss of each batch (n,), the mean over the repeats; pairs with `lrs`."""
        n = len(self._shortest)
        means: np.ndarray = np.mean([curve.losses[:n] for curve in self.curves], axis=0)
        return means

    @property
    def stop_reason(self) -> StopReason:
        """Why the sweep ended; of several repeats, the one with the fewest steps."""
        return self._shortest.stop_reason

    @property
    def validation(self) -> SweepResult | None:
        """The same sweep, by its losses on held-out data; None without them.

        `losses[i]` of this result is the validation loss after the update at `lrs[i]`.
        You can plot it and ask it for a suggestion, like any result.
        """
        curves = tuple(
            Curve(curve.lrs, curve.validation_losses, curve.stop_reason)
            for curve in self.curves
            if curve.validation_losses is not None
        )
        if len(curves) < len(self.curves):
            return None
        return SweepResult(curves, {**self.metadata, "measured": "validation loss"})

    def suggest(self, method: str | None = None) -> Suggestion:
        """The learning rate read from this sweep; see `lr_finder.suggest`."""
        from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
        from lr_finder.analysis.sweep.suggestion import suggest

        return suggest(self, method=method or DEFAULT_METHOD)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The sweep and its suggestion drawn; see `lr_finder.plot_sweep`."""
        return _faces.plot_sweep(self, ax)

    def log_to(
        self,
        tracker: str,
        where: str | os.PathLike[str] | None = None,
        *,
        name: str | None = None,
    ) -> str | None:
        """Log it to a tracker; see `Finding.log_to`."""
        return _faces.log_result(self, tracker, where, name)

    def report(self, path: str | Path) -> Path:
        """Write a report in one file; see `Finding.report`."""
        return _faces.report(self, path)

    def to_frame(self) -> pd.DataFrame:
        """A tidy table, one row for each batch: repeat, step, lr, loss.

        If the validation loss was measured, `validation_loss` follows.
        """
        import pandas as pd

        frames = [
            pd.DataFrame(
                {"repeat": repeat, "step": range(len(curve)), "lr": curve.lrs,
                 "loss": curve.losses}
                | ({} if curve.validation_losses is None
                   else {"validation_loss": curve.validation_losses})
            )
            for repeat, curve in enumerate(self.curves)
        ]  # fmt: skip
        return pd.concat(frames).reset_index(drop=True)

    def save(self, path: str | Path) -> Path:
        """Write the result to an NPZ file, atomically.

        Args:
            path: str or Path, the file; `.npz` is appended if it is missing.

        Returns:
            Path, the file written.

        Example:
        >>> import tempfile
        >>> result = SweepResult([Curve([1e-3, 1e-2], [2.0, 1.0])], {"steps": 2})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = result.save(folder + "/sweep.npz")
        ...     SweepResult.load(path).metadata
        {'steps': 2}
        """
        path = Path(path)
        if path.suffix != ".npz":
            path = path.with_name(path.name + ".npz")
        header = {
            "format": FORMAT,
            "stop_reasons": [str(curve.stop_reason) for curve in self.curves],
            "metadata": self.metadata,
        }
        arrays = {f"losses_{i}": curve.losses for i, curve in enumerate(self.curves)}
        arrays |= {
            f"validation_losses_{i}": curve.validation_losses
            for i, curve in enumerate(self.curves)
            if curve.validation_losses is not None
        }
        arrays["lrs"] = max(self.curves, key=len).lrs
        arrays["header"] = np.array(json.dumps(header))
        write_atomically(
            path,
            # The stub takes every name for the option `allow_pickle` beside them.
            lambda file: np.savez_compressed(file, **arrays),  # type: ignore[arg-type]
        )
        return path

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Args:
            path: str or Path, an NPZ file.

        Returns:
            SweepResult, equal to the one saved, to the last bit.

        Raises:
            InputError: If the file is missing or is not a saved sweep.
        """
        try:
            with open(path, "rb") as file, np.load(file) as arrays:  # no pickles
                header = json.loads(str(arrays["header"]))
                if header["format"] > FORMAT:
                    raise InputError(
                        f"File {path} was written by a newer lr_finder (format "
                        f"{header['format']}, this one reads {FORMAT}): upgrade."
                    )
                lrs = arrays["lrs"]
                curves = []
                for i, reason in enumerate(header["stop_reasons"]):
                    losses = arrays[f"losses_{i}"]
                    validation = arrays.get(f"validation_losses_{i}")
                    curves.append(Curve(lrs[: len(losses)], losses, reason, validation))
                return cls(tuple(curves), header["metadata"])
        except InputError:
            raise
        except FileNotFoundError:
            raise InputError(f"File {path} does not exist: check the path.") from None
        except Exception as error:  # a broken archive fails in a dozen ways
            raise InputError(
                f"File {path} must be a sweep saved by lr_finder (NPZ). Received: a "
                f"file that is none ({type(error).__name__})."
            ) from error
