"""A tuning: its trials, what they cost, and what had been found when."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lr_finder._files import write_atomically
from lr_finder._text import short_reason
from lr_finder.analysis.tuning.best_so_far import best_so_far, best_when_paid
from lr_finder.errors import InputError
from lr_finder.results import _faces
from lr_finder.results.comparison_dict import rows_of
from lr_finder.results.tuning.tuning_text import format_tuning

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PRUNED = "pruned"  # how a trial ended that was given up for better ones
OF_TRIAL = (
    "method", "seed", "trial", "status", "loss", "test_loss", "best_epoch", "steps",
    "search_steps", "seconds", "low", "high", "message",
)  # fmt: skip
FIELDS = ("space", "training_steps", "budget", "name", "about")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Tuning:
    """The trials of one method or several, each searched for with the same seeds.

    Cost is counted in steps of a training with the usual batch size, sweeps, short
    trainings and failed trials included; `paid` is cost over that of one whole
    training.

    Args:
        trials: DataFrame, a row for each trial, in the order in which they were made:
            `method`, `seed`, `trial` (from 0), a column for each name of the space,
            `status` (`"finished"`, `"pruned"`, `"diverged"`, or `"no_rate"` if a sweep
            found none), `loss` (the lowest
            validation loss of an epoch; inf if there is none), `test_loss` of the same
            weights, `best_epoch`, `steps` trained, `search_steps` of a sweep before,
            `seconds`, `low` and `high` (the interval of a sweep) and `message`.
        space: mapping of names to what was searched.
        training_steps: int >= 1, what one whole training costs.
        budget: float >= 1, trainings that each search could pay.
        name: str, of the data.
        about: mapping of JSON values: what is known of data, model and versions.

    Raises:
        InputError: If there is no trial, or a column is missing.

    Example:
    >>> rows = [{"method": "random", "seed": 0, "trial": i, "learning_rate": rate,
    ...          "status": "finished", "loss": loss, "test_loss": loss, "steps": 10}
    ...         for i, (rate, loss) in enumerate([(1e-4, 2.0), (1e-2, 1.0)])]
    >>> space = {"learning_rate": {"low": 1e-5, "high": 1.0}}
    >>> tuning = Tuning(pd.DataFrame(rows), space, training_steps=10, budget=2)
    >>> tuning.best["learning_rate"], tuning.to_frame()["paid"].tolist()
    (0.01, [1.0, 2.0])
    >>> print(tuning)
    random: validation loss 1 with learning_rate 1e-2, found with 2 of 2 trainings paid
    """

    trials: pd.DataFrame
    space: Mapping[str, Any]
    training_steps: int
    budget: float
    name: str = ""
    about: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        needed = ["method", "seed", "trial", *self.space, "status", "loss", "steps"]
        missing = [name for name in needed if name not in self.trials]
        if missing or not len(self.trials):
            raise InputError(
                "Argument `trials` must hold at least one trial, with the columns "
                f"{', '.join(needed)}. Received: {len(self.trials)} rows without "
                f"{', '.join(missing) or 'trials'}. Call lr_finder.tune for one."
            )
        usual: dict[str, Any] = dict.fromkeys(OF_TRIAL, math.nan)
        usual |= {"search_steps": 0.0, "message": ""}
        absent = {k: v for k, v in usual.items() if k not in self.trials}
        object.__setattr__(self, "trials", self.trials.assign(**absent))

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods, in the order in which they were made."""
        return tuple(self.trials["method"].unique())

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, one search of each method for each."""
        return tuple(int(seed) for seed in self.trials["seed"].unique())

    @property
    def best(self) -> dict[str, Any]:
        """The values of the trial that validated best; None if all diverged.

        Returns:
            dict of the names of the space to values.
        """
        row = self.best_row()
        return {name: None if row is None else row[name] for name in self.space}

    def best_row(self, method: str | None = None) -> dict[str, Any] | None:
        """The trial that validated best, of one method or all.

        Args:
            method: str, one of `methods`; None for all.

        Returns:
            dict, a row of `to_frame`; None if every trial diverged.

        Raises:
            InputError: If the method was not used.
        """
        rows = self.to_frame()
        if method is not None:
            if method not in self.methods:
                raise InputError(
                    f"Argument `method` must be one of {', '.join(self.methods)}. "
                    f"Received: method={method!r}."
                )
            rows = rows[rows["method"] == method]
        rows = rows[np.isfinite(rows["loss"])]
        if rows.empty:
            return None
        return plain_row(rows.loc[rows["loss"].idxmin()].to_dict(), self.space)

    def to_frame(self) -> pd.DataFrame:
        """A tidy table, one row for each trial.

        Returns:
            DataFrame: the columns of `trials`, `cost` (steps paid by the search when
            the trial ended), `paid` (the same in trainings) and `best` (the lowest
            validation loss of the search so far).
        """
        frame = self.trials.reset_index(drop=True)
        groups = frame.groupby(["method", "seed"], sort=False)
        each = frame["steps"] + frame["search_steps"]
        cost = each.groupby([frame["method"], frame["seed"]], sort=False).cumsum()
        best = groups["loss"].transform(lambda losses: best_so_far(losses.to_numpy()))
        return frame.assign(cost=cost, paid=cost / self.training_steps, best=best)

    def best_when_paid(self, paid: Sequence[float] | None = None) -> pd.DataFrame:
        """The best validation loss of each method by the time so much was paid.

        Args:
            paid: sequence of float > 0, trainings; None for 1, 2, … up to the budget.

        Returns:
            DataFrame, a row for each method and amount: `method`, `paid`, `mean`, `sd`,
            `low` and `high` (the lowest and the highest) over the seeds, and `n`, the
            seeds that had a finite loss by then. Only rows with `n` > 0.
        """
        amounts = np.asarray(
            np.arange(1, math.floor(self.budget) + 1) if paid is None else paid, float
        )
        rows = []
        for method, of_method in self.trials.groupby("method", sort=False):
            found = np.array([
                best_when_paid(
                    trials["steps"] + trials["search_steps"], trials["loss"],
                    amounts * self.training_steps,
                )
                for _, trials in of_method.groupby("seed", sort=False)
            ])  # fmt: skip
            for place, amount in enumerate(amounts):
                values = found[:, place][np.isfinite(found[:, place])]
                if len(values):
                    sd = float(values.std(ddof=1)) if len(values) > 1 else math.nan
                    rows.append((method, amount, values.mean(), sd, values.min(),
                                 values.max(), len(values)))  # fmt: skip
        columns = ["method", "paid", "mean", "sd", "low", "high", "n"]
        return pd.DataFrame(rows, columns=columns)

    def summary(self) -> pd.DataFrame:
        """What each method found, best first.

        Returns:
            DataFrame, a row for each method: `method`, `loss` (mean over the seeds of
            the lowest validation loss), `sd`, `test_loss` (mean, of these trials),
            `n` (seeds), `trials`, `pruned`, `diverged`, `paid` (mean, in trainings) and
            `paid_until_best` (mean, when the best trial ended).
        """
        rows = []
        frame = self.to_frame()
        for method, of_method in frame.groupby("method", sort=False):
            finite = of_method[np.isfinite(of_method["loss"])]
            best = finite.loc[finite.groupby("seed")["loss"].idxmin()]
            states = of_method["status"].value_counts()
            rows.append({
                "method": method, "loss": best["loss"].mean(),
                "sd": best["loss"].std(ddof=1), "test_loss": best["test_loss"].mean(),
                "n": of_method["seed"].nunique(), "trials": len(of_method),
                "pruned": int(states.get(PRUNED, 0)),
                "diverged": int(states.get("diverged", 0)),
                "paid": of_method.groupby("seed")["paid"].max().mean(),
                "paid_until_best": best["paid"].mean(),
            })  # fmt: skip
        return pd.DataFrame(rows).sort_values("loss", ignore_index=True)

    def sentences(self) -> list[str]:
        """What the tuning says, in plain words, and how the methods do elsewhere.

        Returns:
            list of str, a sentence each, the answer first.
        """
        return format_tuning(self)

    def __str__(self) -> str:
        return self.sentences()[0]

    def __repr__(self) -> str:
        methods = ", ".join(self.methods)
        return f"<Tuning of {', '.join(self.space)} by {methods}: {self}>"

    def to_dict(self) -> dict[str, Any]:
        """What was found, as JSON takes it.

        Returns:
            dict with `best` (the row of the best trial, None if all diverged),
            `summary` and `best_when_paid` (the tables, a dict for each row),
            `sentences`, `space`, `training_steps`, `budget`, `trials` (their number)
            and `about`.
        """
        best = self.best_row()
        return {
            "best": best and rows_of(pd.DataFrame([best]))[0],
            "summary": rows_of(self.summary()),
            "best_when_paid": rows_of(self.best_when_paid()),
            "sentences": self.sentences(),
            "space": dict(self.space),
            "training_steps": self.training_steps,
            "budget": self.budget,
            "trials": len(self.trials),
            "about": dict(self.about),
        }

    def save(self, path: str | Path) -> Path:
        """Write the trials and what is known of them to one JSON file.

        Args:
            path: str or Path; an existing file is replaced, whole or not at all.

        Returns:
            Path, the file written.
        """
        told = {name: getattr(self, name) for name in FIELDS}
        frame = self.trials.astype(object).where(self.trials.notna(), None)
        told |= {"trials": frame.replace({math.inf: "inf"}).to_dict("list")}
        text = json.dumps(told, indent=1, default=_as_plain) + "\n"
        write_atomically(path, lambda file: file.write(text.encode()))
        return Path(path)

    @classmethod
    def load(cls, path: str | Path) -> Tuning:
        """Read what `save` wrote.

        Args:
            path: str or Path.

        Returns:
            Tuning.

        Raises:
            InputError: If there is no such file, or it holds something else.
        """
        try:
            told = json.loads(Path(path).read_text(encoding="utf-8"))
            trials = pd.DataFrame(told.pop("trials"))
            numbers = ["loss", "test_loss", "best_epoch", "steps", "search_steps"]
            numbers += ["seconds", "low", "high"]
            trials = trials.astype(dict.fromkeys(numbers, float))
            return cls(trials, **{name: told[name] for name in FIELDS})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                "Argument `path` must be a file that Tuning.save wrote. Received: "
                f"{path} ({short_reason(error)}). Check the path."
            ) from error

    def plot(self, ax: Axes | None = None) -> Axes:
        """The best loss against the trainings paid; see `lr_finder.plot_tuning`."""
        return _faces.plot_tuning(self, ax)

    def report(self, path: str | Path) -> Path:
        """Write a report in one file; see `Finding.report`."""
        return _faces.report(self, path)

    def _repr_html_(self) -> str:
        """What a notebook shows: the answer in a sentence, and a small picture."""
        return _faces.as_html(self)


def plain_row(row: Mapping[Any, Any], space: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a table as Python's own values, whole numbers of the space as such.

    Args:
        row: mapping of columns to values.
        space: mapping, as of `Tuning`.

    Returns:
        dict.

    Example:
    >>> plain_row({"units": 8.0, "loss": 1.0}, {"units": {"low": 4, "high": 16}})
    {'units': 8, 'loss': 1.0}
    """
    plain = {str(name): _as_plain(value) for name, value in row.items()}
    for name, one in space.items():
        ends = [one["low"], one["high"]] if "low" in one else one["choices"]
        value = plain.get(name)
        if None in ends and isinstance(value, float) and math.isnan(value):
            plain[name] = value = None  # as pandas has it in a column of numbers
        whole = all(isinstance(end, int) and not isinstance(end, bool) for end in ends)
        if whole and isinstance(value, float) and value.is_integer():
            plain[name] = int(value)
    return plain


def _as_plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
