"""A comparison of optimizers: its runs, and what they say of rates, batches and starts.

Settings are chosen by validation scores and judged by test scores, never the reverse.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from lr_finder._arguments import check_count
from lr_finder._text import counted
from lr_finder.errors import InputError
from lr_finder.results import _faces
from lr_finder.results import comparison_ranks as ranks
from lr_finder.results import comparison_runs as select
from lr_finder.results import comparison_text as words
from lr_finder.results.comparison_dict import comparison_dict
from lr_finder.results.comparison_found import format_found_beside_fixed

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from matplotlib.figure import Figure


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The runs of several optimizers, rates, batch sizes, initializers and models.

    A run that did not finish has no score. A variant with such a run is ranked last and
    not tested, but never left out. Runs may be missing, so you can look at a comparison
    while it grows.

    Args:
        runs: DataFrame, a row for each run: its variant (`model`, `optimizer`, `rate`,
            `batch_size`, `initializer`), `seed`, `status`, the `learning_rate` used,
            `seconds`, the scores `val_loss`, `val_accuracy`, `test_loss`,
            `test_accuracy`, …
        epochs: DataFrame, a row for each run and epoch: `key` of the run, `epoch`,
            `loss`, `accuracy`, `val_loss`, `val_accuracy`, `elapsed`, …
        metric: `"accuracy"` or `"loss"`, what is compared.
        chance: float, the metric of a model that guesses; None if that is not known.
        name: str, of the comparison, e.g. of its data.
        test_rows: int >= 1, rows behind each test score. Accuracies are multiples of
            1 / test_rows, which the tests of differences take into account; None if it
            is not known.
        about: mapping of JSON values: what is known of data and versions.

    Raises:
        InputError: If a column is missing, the metric is another or has no values, or
            a setting was run twice with one seed.

    Example:
    >>> rates = {"sgd": [0.70, 0.72], "adam": [0.80, 0.81]}
    >>> runs = pd.DataFrame([
    ...     {"key": f"{name}{seed}", "model": "cnn", "optimizer": name, "rate": "0.01",
    ...      "batch_size": 32, "initializer": "default", "seed": seed,
    ...      "status": "finished", "val_accuracy": value, "test_accuracy": value}
    ...     for name, values in rates.items() for seed, value in enumerate(values)
    ... ]).reindex(columns=select.RUN_COLUMNS)
    >>> epochs = pd.DataFrame(columns=select.EPOCH_COLUMNS)
    >>> comparison = Comparison(runs, epochs)
    >>> comparison.table()[["optimizer", "rank", "mean"]].values.tolist()
    [['adam', 1, 0.805], ['sgd', 2, 0.71]]
    """

    runs: pd.DataFrame
    epochs: pd.DataFrame
    metric: str = "accuracy"
    chance: float | None = None
    name: str = ""
    test_rows: int | None = None
    about: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    scored: pd.DataFrame = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        select.check_frame("runs", self.runs, select.RUN_COLUMNS)
        select.check_frame("epochs", self.epochs, select.EPOCH_COLUMNS)
        _check_choice("metric", self.metric, tuple(select.METRICS))
        if self.test_rows is not None:
            check_count("test_rows", self.test_rows, least=1)
        object.__setattr__(self, "scored", select.score_runs(self.runs, self.metric))

    def __repr__(self) -> str:
        names, runs = ", ".join(self.optimizers), counted(len(self.runs), "run")
        return f"<Comparison of {runs} by {self.metric}: {names}>"

    @property
    def optimizers(self) -> tuple[str, ...]:
        """The optimizers, in the order in which their runs came."""
        return tuple(self.runs["optimizer"].unique())

    @property
    def resolution(self) -> float | None:
        """The step between possible test scores; None for losses, or if not known."""
        if self.metric != "accuracy" or self.test_rows is None:
            return None
        return 1 / self.test_rows

    @property
    def is_complete(self) -> bool:
        """Whether every setting has been run with every seed of its model."""
        seeds = self.runs.groupby("model")["seed"].transform("nunique")
        settings = self.runs.groupby(select.SETTING)["seed"].transform("nunique")
        return bool((seeds == settings).all())

    def best_settings(self, by: Sequence[str] = ("model", "optimizer")) -> pd.DataFrame:
        """The setting of each group that validated best, among those with most seeds.

        Args:
            by: sequence of str, columns of a setting.

        Returns:
            DataFrame, a row for each group: its setting, `n` (runs scored) and
            `val_mean`, the mean of the validation metric. Test scores play no part.
        """
        for name in by:
            _check_choice("by", name, tuple(select.SETTING))
        return select.best_settings(self.scored, by, self.metric)

    def table(self, by: str = "optimizer") -> pd.DataFrame:
        """Rank the values of one factor by the test metric.

        Optimizers and models are taken at their best settings, see `best_settings`;
        rates, batch sizes and initializers are ranked within each model and optimizer,
        where the rest of the setting is the same.

        Args:
            by: `"optimizer"` (within each model), `"rate"`, `"batch_size"`,
                `"initializer"` or `"model"`.

        Returns:
            DataFrame, best first: the setting; `rank`, `mean`, `sd` and the 95 %
            interval `low` to `high` of the mean; `difference` from the best (paired
            over the seeds, with its interval) and `p_holm` of the paired t-test, nan
            with fewer than 3 seeds; `n`, `diverged` and `unscored` runs with the
            `reason`; mean `seconds` of training and `search_seconds`, and the rates
            used, `lowest_rate` to `highest_rate`.
        """
        tables = [
            ranks.rank_table(runs, by, self.metric, self.resolution)
            for _, runs in self.groups(by)
        ]
        return pd.concat(tables, ignore_index=True)

    def summary(self, by: str = "optimizer") -> pd.DataFrame:
        """The `table` as one reads it, to be printed: text with units and spreads.

        Args:
            by: str, as of `table`.

        Returns:
            DataFrame of str: `rank`, what differs of the settings, mean ± standard
            deviation, 95 % interval, p, seeds, seconds with those of the search.
        """
        return words.format_table(self.table(by), self.metric)

    def found_summary(self) -> pd.DataFrame:
        """The found rate of each optimizer beside its best fixed one, to be printed.

        Returns:
            DataFrame of str, a row for each optimizer that was run at both; empty if
            there is none. The best fixed rate is the one that validated best.
        """
        return format_found_beside_fixed(
            self.groups("rate"), self.found_against_fixed(), self.metric
        )

    def models(self) -> pd.DataFrame:
        """Rank the models, each with its best optimizer at that one's own found rates.

        Returns:
            DataFrame, as `table` gives it.

        Raises:
            InputError: If no run has found its rate.
        """
        found = self.scored[self.scored["rate"] == select.FOUND]
        if found.empty:
            raise InputError(
                "Argument `runs` must hold a run with rate 'found' to compare models "
                "at. Received: none. Use table('model'), or add the rate 'found'."
            )
        best = select.best_settings(found, ["model"], self.metric)
        runs = select.runs_of(found, best)
        return ranks.rank_table(runs, "model", self.metric, self.resolution)

    def groups(self, by: str) -> list[tuple[tuple[str, ...], pd.DataFrame]]:
        """The runs that `table` ranks against each other.

        Args:
            by: str, as of `table`.

        Returns:
            list of `(names, runs)`: of model, or model and optimizer, the names; and
            the runs, with `score`, `val_score` and `reason`.
        """
        _check_choice("by", by, tuple(select.SETTING))
        if by in ("optimizer", "model"):
            within = ["model"] if by == "optimizer" else []
            best = self.best_settings([*within, by])
            runs = select.runs_of(self.scored, best)
        else:
            within = ["model", "optimizer"]
            runs = select.varied(self.scored, by, self.metric)
        if not within:
            return [((), runs)]
        return list(runs.groupby(within, sort=False))

    def main_effect(self, factor: str) -> pd.DataFrame:
        """Rank the values of a factor by their means over all else that was crossed.

        A value's score of a seed is its mean over the optimizers (over the rates, where
        optimizers are ranked); only those that were run with every value count.

        Args:
            factor: `"optimizer"`, `"rate"`, `"batch_size"` or `"initializer"`.

        Returns:
            DataFrame, best first within each model: `model`, the factor, `rank`,
            `mean`, `sd`, `low`, `high`, `difference` (to `difference_high`), `p_holm`,
            `n` (seeds), `unscored`, `reason`, and `over`, what it is the mean of.
        """
        _check_choice("factor", factor, ("optimizer", *select.VARIED))
        cell = "rate" if factor == "optimizer" else "optimizer"
        runs = select.varied(
            self.scored, "rate" if factor == "optimizer" else factor, self.metric
        )
        tables = [
            ranks.effect_table(each, factor, cell, self.metric, self.resolution)
            for _, each in runs.groupby("model", sort=False)
        ]
        return pd.concat(tables, ignore_index=True)

    def found_against_fixed(self) -> pd.DataFrame:
        """Compare the found rate of each optimizer with each fixed one, by seeds.

        Returns:
            DataFrame, a row for each model, optimizer and fixed rate: the setting;
            `found_rate`, the median over the seeds, from `found_low` to `found_high`;
            `found_mean`, its test metric; the fixed `rate` and its `mean`;
            `difference`, found less fixed, with its 95 % interval; `p_holm`, adjusted
            for all rows; `n` seeds in common; and `reason` if there is no test.
        """
        groups = self.groups("rate")
        return ranks.found_table(groups, self.metric, self.resolution)

    def sentences(self) -> list[str]:
        """What the comparison says, in plain words, and what it cannot say.

        Returns:
            list of str, a sentence each, the answer first.
        """
        best = self.table()
        sentences = [words.format_runs(self.runs, self.name)]
        sentences += words.format_first(best, "optimizer", self.metric)
        factors = ["optimizer", "batch_size", "initializer"]
        if self.runs["model"].nunique() > 1:
            factors.insert(0, "model")
            sentences += words.format_first(self.table("model"), "model", self.metric)
        for by in factors:
            sentences += words.format_groups(
                self.groups(by), by, self.metric, all_runs=self.runs,
                resolution=self.resolution,
            )  # fmt: skip
            if by == "optimizer":
                sentences += words.format_found(self.found_against_fixed(), self.metric)
        return sentences

    def to_frame(self) -> pd.DataFrame:
        """A tidy table, one row for each run and epoch.

        Returns:
            DataFrame: of each run all columns, its kept scores named `kept_val_loss`
            and `kept_val_accuracy`; of each epoch `epoch`, `loss`, `accuracy`,
            `val_loss`, `val_accuracy`, `epoch_rate`, `elapsed`, which are missing for a
            run that ended without one.
        """
        kept = {name: f"kept_{name}" for name in ("val_loss", "val_accuracy")}
        own = [name for name in select.EPOCH_COLUMNS if name not in select.SETTING]
        own = [name for name in own if name not in ("seed", "status")]
        return self.runs.rename(columns=kept).merge(
            self.epochs[own], on="key", how="left"
        )

    def to_dict(self) -> dict[str, Any]:
        """What the comparison says, as JSON takes it.

        Returns:
            dict with `ranking`, `rates` and `found_rates` (the tables, a dict for each
            row), `sentences`, `failures`, `metric`, `runs` (their number), `test_rows`,
            `device` and `callbacks`.
        """
        return comparison_dict(self)

    def report(self, path: str | Path) -> Path:
        """Write a report in one file; see `Finding.report`."""
        return _faces.report(self, path)

    def _repr_html_(self) -> str:
        """What a notebook shows: the answer, and the ranking."""
        return _faces.as_html(self)

    def plot(self) -> Figure:
        """All of it in one figure; see `lr_finder.plot_comparison`."""
        return _faces.plot_comparison(self)

    def log_to(
        self,
        tracker: str,
        where: str | os.PathLike[str] | None = None,
        *,
        name: str | None = None,
    ) -> str | None:
        """Log it to a tracker, each run nested; see `Finding.log_to`."""
        return _faces.log_result(self, tracker, where, name)


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(
            f"Argument `{name}` must be one of {', '.join(map(repr, choices))}. "
            f"Received: {value!r}."
        )
