"""A generalization study: what a fit is worth on rows that it has not seen."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from lr_finder._text import counted, format_rate
from lr_finder.errors import InputError
from lr_finder.results import _faces
from lr_finder.results.comparison_dict import rows_of
from lr_finder.results.generalization import gap_tables as tables
from lr_finder.results.generalization import generalization_text as words
from lr_finder.results.stability.packing import load_study, save_study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TEXTS = {"key", "model", "regularization", "optimizer", "initializer", "rate",
         "status", "device", "message"}  # fmt: skip


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class GeneralizationResult:
    r"""The trainings of a generalization study, scored on rows seen and not seen.

    The *gap* of a run is its test loss less its training loss. Both are measured on the
    same weights without Dropout, augmentation and penalties, the training loss against
    the labels that were trained on. A *variant* is a model with a regularization, an
    optimizer, a batch size and an initializer; each was trained at every rate with
    every seed.

    Args:
        runs: DataFrame, a row for each run: its variant (`model`, `regularization`,
            `optimizer`, `batch_size`, `initializer`), what the regularization is (`l2`,
            `weight_decay`, `dropout`, `augmentation`, `early_stopping`), `label_noise`;
            `rate` as it was asked for, `learning_rate`, `seed`; `epoch`, at which it is
            scored: the last one, or that of the weights that early stopping kept;
            `train_loss`, `train_accuracy`, and the same of `val` and `test`;
            `steps_per_epoch`, `status`, `seconds`, …
        epochs: DataFrame, a row for each run and epoch: `key` of the run, `epoch`, and
            the six scores after it.
        name: str, of the data.
        about: mapping of JSON values: data, versions.

    Raises:
        InputError: If a column is missing, or there is no run.

    Example:
    >>> runs = pd.DataFrame([
    ...     {"key": f"{rate}{seed}", "model": "mlp", "regularization": "none",
    ...      "optimizer": "adam", "batch_size": 32, "initializer": "default",
    ...      "label_noise": 0.0, "rate": f"{rate:g}", "learning_rate": rate,
    ...      "seed": seed, "epoch": 9, "train_loss": 0.1, "val_loss": rate,
    ...      "test_loss": rate + 0.01 * seed}
    ...     for rate in (0.3, 0.5) for seed in range(3)
    ... ]).reindex(columns=tables.RUN_COLUMNS)
    >>> study = GeneralizationResult(runs, pd.DataFrame(columns=tables.EPOCH_COLUMNS))
    >>> study.gaps()[["rate", "gap"]].round(3).values.tolist()
    [['0.3', 0.21], ['0.5', 0.41]]
    >>> study.best()[["rate", "test_loss"]].round(3).values.tolist()
    [['0.3', 0.31]]
    """

    runs: pd.DataFrame
    epochs: pd.DataFrame
    name: str = ""
    about: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        tables.check_runs(self.runs, self.epochs)

    def __repr__(self) -> str:
        n = counted(len(self.variants), "variant")
        return f"<GeneralizationResult of {counted(len(self.runs), 'run')} of {n}>"

    @property
    def variants(self) -> tuple[str, ...]:
        """What is trained, in the order in which their runs came; what differs only."""
        return tuple(tables.name_variants(self.runs).unique())

    @property
    def common_loss(self) -> float:
        """The lowest training loss that half of the runs reach; nan if all were lost.

        The median of the lowest training losses, over the runs that were not lost.
        """
        return float(tables.lowest_losses(self.runs, self.epochs).median())

    def gaps(self, at_loss: float | None = None) -> pd.DataFrame:
        """Losses, accuracies and gaps of each variant at each rate, over the seeds.

        Args:
            at_loss: float, a training loss: each run is scored at the moment when its
                training loss first reached it, between epochs on a line; a run that
                was there after its first epoch is scored after that one. None scores
                runs at their ends, after equal epochs.

        Returns:
            DataFrame, a row for each variant and rate: `variant`, its columns, `rate`,
            `learning_rate` (median), `n` runs that count and `n_lost` that do not (they
            have no finite loss, or never reached `at_loss`), `epoch` (mean); the mean
            of each score, of the `gap` (test less training loss) and of the
            `accuracy_gap` (training less test accuracy), each with its 95 % interval
            `…_low` to `…_high` (Student); nan for fewer than three runs.
        """
        runs = self.runs
        if at_loss is not None:
            runs = tables.runs_at_loss(runs, self.epochs, _checked(at_loss))
        return self._named(tables.gap_table(runs))

    def best(self) -> pd.DataFrame:
        """Each variant at its best rate, which the validation loss chooses.

        Returns:
            DataFrame, a row for each variant with the columns of `gaps`, and
            `difference`: its test loss less that of the first variant that differs in
            its regularization only, paired over the seeds, from `difference_low` to
            `difference_high`, with `p_holm` of the paired t-test.
        """
        return self._named(tables.best_table(self.runs))

    def optimizers(self, at_loss: float | None = None) -> pd.DataFrame:
        """How fast, how good and how forgiving of its rate each variant is.

        Args:
            at_loss: float, the training loss that counts as reached; None for
                `common_loss`.

        Returns:
            DataFrame, a row for each variant: `variant`, its columns, its best `rate`,
            and at that `n`, `n_reached`, `steps` until the training loss is reached,
            `test_loss` and `test_accuracy`; `decades`, how wide the range is of rates
            whose validation loss is at most 10 % above the lowest one, from `low_rate`
            to `high_rate` (medians over the seeds); `n_open`, of how many seeds that
            range goes on beyond the rates tried. Means have 95 % intervals (Student).
        """
        level = self.common_loss if at_loss is None else _checked(at_loss)
        return self._named(tables.speed_table(self.runs, self.epochs, level))

    def summary(self) -> pd.DataFrame:
        """What `best` says as one reads it.

        Returns:
            DataFrame of str, a row for each variant.
        """
        rows = []
        for row in self.best().to_dict("records"):
            told = {"variant": row["variant"]}
            told["best rate"] = format_rate(row["learning_rate"])
            for name, title in (
                ("train_loss", "training loss"), ("test_loss", "test loss"),
                ("gap", "gap"), ("train_accuracy", "training accuracy"),
                ("test_accuracy", "test accuracy"),
            ):  # fmt: skip
                told[title] = words.with_interval(row, name)
            rows.append(told | {"lost": str(row["n_lost"] or "")})
        frame = pd.DataFrame(rows)
        return frame.loc[:, (frame != "").any()]

    def sentences(self) -> list[str]:
        """What the study says, in plain words, the counts first.

        Returns:
            list of str, a sentence each.
        """
        best, level = self.best(), self.common_loss
        at_loss = self.gaps(level) if math.isfinite(level) else self.gaps()
        return [
            words.format_study(self.runs, self.name),
            *words.format_best(best),
            *words.format_differences(best),
            *words.format_edges(best, self.gaps()),
            *words.format_gaps_at_loss(at_loss, level),
        ]

    def to_frame(self) -> pd.DataFrame:
        """A tidy table, one row for each run and epoch.

        Returns:
            DataFrame: of each run all columns but its scores; of each epoch `epoch` and
            the six scores, missing for a run that ended without one.
        """
        own = self.epochs[tables.EPOCH_COLUMNS]
        scored = self.runs.drop(columns=tables.SCORES)
        return scored.rename(columns={"epoch": "scored_epoch"}).merge(
            own, on="key", how="left"
        )

    def to_dict(self) -> dict[str, Any]:
        """What the study says, as JSON takes it.

        Returns:
            dict with `gaps`, `best` and `optimizers` (the tables, a dict for each row;
            null for what is not finite), `common_loss`, `sentences` and `runs` (their
            number).
        """
        level = self.common_loss
        return {
            "gaps": rows_of(self.gaps()),
            "best": rows_of(self.best()),
            "optimizers": rows_of(self.optimizers()) if math.isfinite(level) else [],
            "common_loss": level if math.isfinite(level) else None,
            "sentences": self.sentences(),
            "runs": len(self.runs),
        }

    def save(self, path: str | Path) -> Path:
        """Write the study to a JSON file, atomically.

        Args:
            path: str or Path, the file; its folder exists.

        Returns:
            Path, the file written.
        """
        runs, epochs = self.runs[tables.RUN_COLUMNS], self.epochs[tables.EPOCH_COLUMNS]
        return save_study(path, self.name, self.about, runs=runs, epochs=epochs)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Args:
            path: str or Path.

        Returns:
            GeneralizationResult, equal to the one saved.

        Raises:
            InputError: If the file is missing or is not a saved study.
        """
        return load_study(path, TEXTS, cls)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the gap over rate and variant; see `lr_finder.plot_generalization`."""
        return _faces.plot_generalization(self, ax)

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        """With the name of each variant as its first column."""
        variant = tables.name_variants(table)
        return table.assign(variant=variant)[["variant", *table.columns]]


def _checked(level: float) -> float:
    if isinstance(level, bool) or not isinstance(level, int | float):
        level = math.nan
    if not math.isfinite(level):
        raise InputError(
            "Argument `at_loss` must be a finite training loss. Received: "
            f"at_loss={level!r:.40}. Take `common_loss`, or leave it out."
        )
    return float(level)
