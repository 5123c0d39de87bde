"""A stability study: which trainings converge, get stuck or diverge, by their rate."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from lr_finder._text import counted
from lr_finder.results import _faces
from lr_finder.results.comparison_dict import rows_of
from lr_finder.results.stability import sentences as words
from lr_finder.results.stability.packing import load_study, save_study
from lr_finder.results.stability.tables import (
    EPOCH_COLUMNS,
    OUTCOMES,
    RUN_COLUMNS,
    check_runs,
    limit_table,
    share_table,
    variant_names,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TEXTS = {"key", "model", "optimizer", "initializer", "rate", "outcome", "device",
         "message"}  # fmt: skip


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class StabilityResult:
    """The trainings of a stability study, and how each of them ended.

    A *variant* is what is trained: a model with an optimizer, a batch size and an
    initializer. Each was trained at every rate with every seed. See
    `lr_finder.analysis.training.convergence.outcome_of` for how a run is judged.

    Args:
        runs: DataFrame, a row for each run: its variant (`model`, `optimizer`,
            `batch_size`, `initializer`), `rate` as it was asked for, `learning_rate`,
            `seed`; `outcome` (`"converged"`, `"stuck"`, `"diverged"` or `"failed"`);
            `start_loss`, of the weights it began with; `guess_loss`, of the best
            constant guess, nan if it is not known; `final_loss`, infinity if it is not
            finite; `test_loss`, `test_accuracy`; `curvature` of the loss at the
            start, and `stable_rate`, the highest rate at which SGD is stable by it,
            nan if it was not measured or the optimizer is another; `seconds`, …
        epochs: DataFrame, a row for each run and epoch: `key` of the run, `epoch`,
            `batch_loss`, the mean over its batches as they were trained on; `loss` of
            the training rows after it; `epoch_rate`.
        name: str, of the data.
        about: mapping of JSON values: data, versions, epochs.

    Raises:
        InputError: If a column is missing, there is no run, or an outcome is unknown.

    Example:
    >>> runs = pd.DataFrame([
    ...     {"model": "mlp", "optimizer": "sgd", "batch_size": 32, "seed": seed,
    ...      "initializer": "default", "rate": f"{rate:g}", "learning_rate": rate,
    ...      "outcome": outcome, "final_loss": rate}
    ...     for rate, outcome in ((0.1, "converged"), (1.0, "diverged"))
    ...     for seed in range(3)
    ... ]).reindex(columns=RUN_COLUMNS)
    >>> study = StabilityResult(runs, pd.DataFrame(columns=EPOCH_COLUMNS))
    >>> study.shares()[["rate", "diverged"]].values.tolist()
    [['0.1', 0.0], ['1', 1.0]]
    >>> study.limits()[["variant", "highest_rate"]].values.tolist()
    [['sgd', 0.1]]
    """

    runs: pd.DataFrame
    epochs: pd.DataFrame
    name: str = ""
    about: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        check_runs(self.runs, self.epochs)

    def __repr__(self) -> str:
        n = counted(len(self.variants), "variant")
        return f"<StabilityResult of {counted(len(self.runs), 'run')} of {n}>"

    @property
    def variants(self) -> tuple[str, ...]:
        """What is trained, in the order in which their runs came; what differs only."""
        return tuple(variant_names(self.runs).unique())

    def shares(self) -> pd.DataFrame:
        """How many runs of each variant end how at each rate, and with which loss.

        Returns:
            DataFrame, a row for each variant and rate: `variant`, its columns, `rate`,
            `learning_rate` (median), `n`; `n_converged`, `n_stuck`, `n_diverged`,
            `n_failed`; `diverged`, their share of the runs that did not fail, with the
            95 % interval `diverged_low` to `diverged_high` (Wilson); `lost`, the share
            that diverged or got stuck, likewise; `loss`, the mean final loss of the
            runs that did not diverge, with its 95 % interval `loss_low` to `loss_high`
            (Student) and its ends `loss_min`, `loss_max`; `stable_rate` (median over
            the seeds).
        """
        return self._named(share_table(self.runs))

    def limits(self) -> pd.DataFrame:
        """Up to which rate each variant holds, and how low it ends at its best rate.

        Returns:
            DataFrame, the variant that ends lowest first: `variant`, its columns;
            `highest_rate`, the highest rate at which a seed converged (median over the
            seeds, from `highest_rate_low` to `highest_rate_high`); `stable_rate` by the
            curvature at the start, the same way; `best_rate`, at which most runs are
            kept and the mean loss is lowest; `loss`, its mean over the seeds, each at
            the rate that is best for the other seeds, with `loss_sd` and the 95 %
            interval `loss_low` to `loss_high`; `rank`, `n`, `reason`; `difference`
            from the first variant, paired over the seeds, with its interval, and
            `p_holm` of the paired t-test.
        """
        return self._named(limit_table(self.runs))

    def summary(self) -> pd.DataFrame:
        """The `shares` as one reads them: the outcomes of each variant at each rate.

        Returns:
            DataFrame of str, a row for each variant and rate.
        """
        from lr_finder._text import format_rate

        rows = []
        for row in self.shares().to_dict("records"):
            rate = format_rate(row["learning_rate"])
            is_found = row["rate"] == "found"
            told = {"variant": row["variant"]}
            told["rate"] = f"found, {rate}" if is_found else rate
            told |= {each: str(row[f"n_{each}"] or "") for each in OUTCOMES}
            told["final loss"] = _with_interval(row)
            rows.append(told)
        frame = pd.DataFrame(rows)
        return frame.drop(columns=[n for n in OUTCOMES if not frame[n].any()])

    def sentences(self) -> list[str]:
        """What the study says, in plain words, the counts first.

        Returns:
            list of str, a sentence each.
        """
        shares, limits = self.shares(), self.limits()
        return [
            words.format_study(self.runs, self.name),
            *words.format_best(self.runs, limits),
            *words.format_limits(shares, limits),
        ]

    def to_frame(self) -> pd.DataFrame:
        """A tidy table, one row for each run and epoch.

        Returns:
            DataFrame: of each run all columns; of each epoch `epoch`, `batch_loss`,
            `loss`, `epoch_rate`, missing for a run that ended without one.
        """
        own = self.epochs[EPOCH_COLUMNS]
        return self.runs.merge(own, on="key", how="left")

    def to_dict(self) -> dict[str, Any]:
        """What the study says, as JSON takes it.

        Returns:
            dict with `shares` and `limits` (the tables, a dict for each row; null for
            what is not finite), `sentences`, `failures` and `runs` (their number).
        """
        failed = self.runs[self.runs["outcome"] == "failed"]
        return {
            "shares": rows_of(self.shares()),
            "limits": rows_of(self.limits()),
            "sentences": self.sentences(),
            "failures": sorted(set(failed["message"].astype(str)) - {""}),
            "runs": len(self.runs),
        }

    def save(self, path: str | Path) -> Path:
        """Write the study to a JSON file, atomically.

        Args:
            path: str or Path, the file; its folder exists.

        Returns:
            Path, the file written.
        """
        runs, epochs = self.runs[RUN_COLUMNS], self.epochs[EPOCH_COLUMNS]
        return save_study(path, self.name, self.about, runs=runs, epochs=epochs)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Args:
            path: str or Path.

        Returns:
            StabilityResult, equal to the one saved.

        Raises:
            InputError: If the file is missing or is not a saved study.
        """
        return load_study(path, TEXTS, cls)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw final losses against the rate; see `lr_finder.plot_stability`."""
        return _faces.plot_stability(self, ax)

    def report(self, path: str | Path) -> Path:
        """Write a report in one file; see `Finding.report`."""
        return _faces.report(self, path)

    def _repr_html_(self) -> str:
        """What a notebook shows: the answer, and the table of limits."""
        return _faces.as_html(self)

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        """With the name of each variant as its first column."""
        variant = variant_names(table)
        return table.assign(variant=variant)[["variant", *table.columns]]


def _with_interval(row: Mapping[str, Any]) -> str:
    """A mean loss and its interval; empty if every run diverged."""
    if pd.isna(row["loss"]):
        return ""
    text = f"{row['loss']:.3g}"
    if pd.isna(row["loss_low"]):
        return text
    return f"{text} ({max(row['loss_low'], 0):.3g} to {row['loss_high']:.3g})"
