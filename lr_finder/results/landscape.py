"""The loss of a model along directions in the space of its weights."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lr_finder._files import write_atomically
from lr_finder._text import counted, short_reason
from lr_finder.analysis.landscape.landscape_text import headline, sentences
from lr_finder.analysis.landscape.sharpness import barrier, distance_to_double
from lr_finder.errors import InputError
from lr_finder.results import _faces

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LANDSCAPE_FORMAT = 1  # of the NPZ file
LANDSCAPE_FILES = (  # in the folder that `lr_finder landscape` writes
    "landscape.npz", "landscape.csv", "path.csv", "landscape.png", "landscape.json",
)  # fmt: skip
KINDS = RANDOM, BETWEEN, PRINCIPAL, GIVEN = "random", "between", "principal", "given"
ARRAYS = ("losses", "path", "steps", "shares", "doubled")  # beside the coordinates


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class LossLandscape:
    r"""The loss at points $\theta + a d_1 + b d_2$ around a model's weights $\theta$.

    Args:
        kind: str, what the directions are: `"random"` (filter-normalised, so that 1 is
            a step as long as the weights), `"between"` (from the model at 0 to another
            solution at 1), `"principal"` (of a trajectory, in the unit of the weights)
            or `"given"`.
        coordinates: tuple of one or two float arrays, $a$ and $b$, increasing.
        losses: float array (a,) or (b, a), the loss at each point; may hold NaN and
            infinity.
        loss: float, at the model itself.
        end_loss: float, at the other solution; None for another kind.
        path: float array (n, directions), the coordinates of a training's points; None
            without a trajectory.
        steps: int array (n,), the batches that had been trained on at each of them.
        shares: float array (directions,), the share of the training's movement in
            each principal direction; None for another kind.
        doubled: float array (directions,), where the loss was found to be twice that of
            the model, NaN if nowhere; None if it was not searched for.
        metadata: mapping of str to JSON values: how it was made.

    Raises:
        InputError: If the arrays do not fit together.

    Example:
    >>> a = np.linspace(-1, 1, 5)
    >>> found = LossLandscape("random", (a,), 1 + 4 * a**2, 1.0)
    >>> found.doubles_at
    (0.5,)
    """

    kind: str
    coordinates: tuple[np.ndarray, ...]
    losses: np.ndarray
    loss: float
    end_loss: float | None = None
    path: np.ndarray | None = None
    steps: np.ndarray | None = None
    shares: np.ndarray | None = None
    doubled: np.ndarray | None = None
    metadata: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        coordinates = tuple(_frozen(each) for each in self.coordinates)
        object.__setattr__(self, "coordinates", coordinates)
        for name in ARRAYS:
            if getattr(self, name) is not None:
                dtype = int if name == "steps" else float
                value = _frozen(getattr(self, name), dtype)
                object.__setattr__(self, name, value)
        shape = tuple(len(each) for each in reversed(coordinates))
        rising = all((np.diff(each) > 0).all() for each in coordinates)
        if self.kind not in KINDS or len(shape) not in (1, 2) or not rising:
            raise InputError(
                f"A landscape must be one of {', '.join(KINDS)}, along one or two "
                f"increasing coordinates. Received: {self.kind!r:.30}, "
                f"{counted(len(shape), 'coordinate')}."
            )
        if self.losses.shape != shape:
            raise InputError(
                f"Argument `losses` must have the shape of the coordinates, {shape}. "
                f"Received: {self.losses.shape}."
            )

    @property
    def directions(self) -> int:
        """How many directions: 1 or 2."""
        return len(self.coordinates)

    def cut(self, direction: int) -> np.ndarray:
        """The losses along one direction through the model.

        Args:
            direction: int, 0 or 1.

        Returns:
            float array, one for each of `coordinates[direction]`.
        """
        if self.directions == 1:
            return self.losses
        other = int(np.argmin(np.abs(self.coordinates[1 - direction])))
        return self.losses[other] if direction == 0 else self.losses[:, other]

    @property
    def doubles_at(self) -> tuple[float | None, ...]:
        """For each direction, how far away the loss is twice that of the model.

        The nearer of both sides. None if the loss does not double within the
        coordinates, or is not positive at the model. If it was not searched for, the
        loss between two points is taken as a parabola around the model.
        """
        if self.doubled is not None:
            return tuple(None if np.isnan(at) else float(at) for at in self.doubled)
        return tuple(
            distance_to_double(self.coordinates[i], self.cut(i))
            for i in range(self.directions)
        )

    @property
    def barrier(self) -> tuple[float, float] | None:
        """Between two solutions: how far the loss rises above the line between theirs.

        `(height, where)`; None for another kind.
        """
        if self.kind != BETWEEN:
            return None
        return barrier(self.coordinates[0], self.losses)

    def __str__(self) -> str:
        return "\n".join(sentences(self._measured()))

    def __repr__(self) -> str:
        sizes = " × ".join(str(len(each)) for each in self.coordinates)
        return f"<LossLandscape of {sizes} points: {headline(self._measured())}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: what the losses say, and a small picture."""
        return _faces.as_html(self)

    def to_frame(self) -> pd.DataFrame:
        """A tidy table, one row for each point: the coordinates and the loss.

        Returns:
            DataFrame with `first`, `second` (of two directions) and `loss`.
        """
        import pandas as pd

        grids = np.meshgrid(*self.coordinates)
        columns = dict(zip(("first", "second"), map(np.ravel, grids), strict=False))
        return pd.DataFrame(columns | {"loss": self.losses.ravel()})

    def path_frame(self) -> pd.DataFrame:
        """A tidy table of the trajectory: step and coordinates; empty without one."""
        import pandas as pd

        if self.path is None:
            names = ["step", "first", "second"]
            return pd.DataFrame(columns=names[: 1 + self.directions])
        columns = {"step": self.steps}
        columns |= dict(zip(("first", "second"), self.path.T, strict=False))
        return pd.DataFrame(columns)

    def to_dict(self) -> dict[str, Any]:
        """What the losses say, as JSON takes it; without the losses of single points.

        `says` are the sentences of `str()`, and `headline` is the first of them, short.
        """
        told = self._measured()
        says = {"headline": headline(told), "says": list(sentences(told))}
        return told | says | {"metadata": dict(self.metadata)}

    def _measured(self) -> dict[str, Any]:
        """The numbers of `to_dict`."""
        finite = np.isfinite(self.losses)
        best = int(np.argmin(np.where(finite, self.losses, np.inf)))
        place = np.unravel_index(best, self.losses.shape)
        at = [
            float(axis[i])
            for axis, i in zip(self.coordinates, reversed(place), strict=True)
        ]
        lowest = float(self.losses[place])
        if self.loss <= lowest:  # it need not be a point of the grid
            lowest, at = self.loss, [0.0] * self.directions
        height = self.barrier
        return {
            "kind": self.kind,
            "directions": self.directions,
            "loss": self.loss,
            "end_loss": self.end_loss,
            "points": [len(each) for each in self.coordinates],
            "spans": [[float(each[0]), float(each[-1])] for each in self.coordinates],
            "not_finite": int((~finite).sum()),
            "lowest": {"loss": lowest, "at": at},
            "doubles_at": None if self.kind == PRINCIPAL else list(self.doubles_at),
            "barrier": height and {"height": _number(height[0]), "at": height[1]},
            "shares": None if self.shares is None else self.shares.tolist(),
        }

    def plot(self, ax: Axes | None = None, style: str | None = None) -> Axes:
        """The losses drawn; see `lr_finder.plot_landscape`."""
        return _faces.plot_landscape(self, ax, style)

    def report(self, path: str | Path) -> Path:
        """Write a report in one file; see `Finding.report`."""
        return _faces.report(self, path)

    def save(self, path: str | Path) -> Path:
        """Write the result to an NPZ file, atomically.

        Args:
            path: str or Path, the file; `.npz` is appended if it is missing.

        Returns:
            Path, the file written.

        Example:
        >>> import tempfile
        >>> found = LossLandscape("random", ([-1, 0, 1],), [2, 1, 3], 1.0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     LossLandscape.load(found.save(folder + "/around")).losses
        array([2., 1., 3.])
        """
        path = Path(path)
        if path.suffix != ".npz":
            path = path.with_name(path.name + ".npz")
        header = {
            "landscape": LANDSCAPE_FORMAT, "kind": self.kind, "loss": self.loss,
            "end_loss": self.end_loss, "metadata": dict(self.metadata),
        }  # fmt: skip
        arrays: dict[str, Any] = {
            f"coordinates_{i}": each for i, each in enumerate(self.coordinates)
        }
        arrays |= {
            name: getattr(self, name)
            for name in ARRAYS
            if getattr(self, name) is not None
        }
        arrays["header"] = np.array(json.dumps(header))
        write_atomically(
            path,
            lambda file: np.savez_compressed(file, **arrays),
        )
        return path

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Args:
            path: str or Path, an NPZ file.

        Returns:
            LossLandscape, equal to the one saved, to the last bit.

        Raises:
            InputError: If the file is missing or is no saved landscape.
        """
        try:
            with open(path, "rb") as file, np.load(file) as arrays:  # no pickles
                header = json.loads(str(arrays["header"]))
                if header["landscape"] > LANDSCAPE_FORMAT:
                    raise InputError(
                        f"File {path} was written by a newer lr_finder (format "
                        f"{header['landscape']}, this one reads {LANDSCAPE_FORMAT}): "
                        "upgrade."
                    )
                coordinates = tuple(
                    arrays[f"coordinates_{i}"] for i in range(arrays["losses"].ndim)
                )
                kept = {name: arrays[name] for name in ARRAYS if name in arrays}
        except FileNotFoundError:
            raise InputError(f"File {path} does not exist. Check the path.") from None
        except InputError:
            raise
        except Exception as error:  # a broken archive can break anything
            raise InputError(
                f"File {path} must be a landscape that `save` wrote. Received: "
                f"{short_reason(error)}. Check the path."
            ) from error
        return cls(
            header["kind"], coordinates, loss=header["loss"],
            end_loss=header["end_loss"], metadata=header["metadata"], **kept,
        )  # fmt: skip


def _frozen(values: Any, dtype: type = float) -> np.ndarray:
    """A read-only copy."""
    array: np.ndarray = np.array(values, dtype=dtype)
    array.flags.writeable = False
    return array


def _number(value: float) -> float | None:
    """A number as JSON has it: None for one that is not finite."""
    return value if np.isfinite(value) else None
