"""A comparison of optimizers: its runs, and what they say of rates, batches and starts.

Settings are chosen by validation scores and judged by test scores, never the reverse.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lr_finder import compared_runs as select
from lr_finder import compared_words as words
from lr_finder.analysis.ranking import paired_by_seed
from lr_finder.analysis.significance import holm
from lr_finder.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FOUND_COLUMNS = [
    "model", "optimizer", "batch_size", "initializer", "found_rate", "found_low",
    "found_high", "found_mean", "rate", "mean", "difference", "difference_low",
    "difference_high", "p_holm", "n", "reason",
]  # fmt: skip


@dataclasses.dataclass(frozen=True, eq=False)
class Comparison:
    """The runs of several optimizers, rates, batch sizes, initializers and models.

    A run that did not finish has no score; a setting with such a run is ranked behind
    those without, and not tested, but never left out. Runs may be missing: a
    comparison can be looked at while it grows.

    Args:
        runs: DataFrame, a row for each run: its setting (`model`, `optimizer`, `rate`,
            `batch_size`, `initializer`), `seed`, `status`, the `learning_rate` used,
            `seconds`, the scores `val_loss`, `val_accuracy`, `test_loss`,
            `test_accuracy`, …
        epochs: DataFrame, a row for each run and epoch: `key` of the run, `epoch`,
            `loss`, `accuracy`, `val_loss`, `val_accuracy`, `elapsed`, …
        metric: `"accuracy"` or `"loss"`, what is compared.
        chance: float, the metric of a model that guesses; None where it is not known.
        name: str, of the comparison, e.g. of its data.

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
    scored: pd.DataFrame = dataclasses.field(init=False, repr=False)

    def __post_init__(self):
        select.check_frame("runs", self.runs, select.RUN_COLUMNS)
        select.check_frame("epochs", self.epochs, select.EPOCH_COLUMNS)
        _check_choice("metric", self.metric, tuple(select.METRICS))
        object.__setattr__(self, "scored", select.score_runs(self.runs, self.metric))

    @property
    def optimizers(self) -> tuple[str, ...]:
        """The optimizers, in the order in which their runs came."""
        return tuple(self.runs["optimizer"].unique())

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
            over the seeds, with its interval) and `p_holm` of the paired t-test; `n`,
            `diverged` and `unscored` runs with the `reason`; mean `seconds` of training
            and `search_seconds`, and the rates used, `lowest_rate` to `highest_rate`.
        """
        tables = [
            select.rank_table(runs, by, self.metric) for _, runs in self.groups(by)
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
        return words.tell_table(self.table(by), self.metric)

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
        return select.rank_table(select.runs_of(found, best), "model", self.metric)

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
            select.effect_table(each, factor, cell, self.metric)
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
            for all rows; `n` seeds in common; and `reason` where there is no test.
        """
        rows, tested = [], []
        for (model, optimizer), runs in self.groups("rate"):
            found = runs[runs["rate"] == select.FOUND]
            if found.empty:
                continue
            rates = found["learning_rate"]
            facts = {
                "model": model, "optimizer": optimizer,
                **found[["batch_size", "initializer"]].iloc[0],
                "found_rate": rates.median(), "found_low": rates.min(),
                "found_high": rates.max(), "found_mean": found["score"].mean(),
            }  # fmt: skip
            others = runs[runs["rate"] != select.FOUND]
            for rate, fixed in others.groupby("rate", sort=False):
                row, pair = _against(found, fixed)
                rows.append(facts | {"rate": rate} | row)
                tested.append(pair)
        adjusted = iter(holm([pair.p for pair in tested if pair is not None]))
        for row, pair in zip(rows, tested, strict=True):
            row["p_holm"] = np.nan if pair is None else next(adjusted)
        return pd.DataFrame(rows, columns=FOUND_COLUMNS)

    def sentences(self) -> list[str]:
        """What the comparison says, in plain words, and what it cannot say.

        Returns:
            list of str, a sentence each, the answer first.
        """
        best = self.table()
        sentences = [words.tell_runs(self.runs, self.name)]
        sentences += words.tell_first(best, "optimizer", self.metric)
        factors = ["optimizer", "batch_size", "initializer"]
        if self.runs["model"].nunique() > 1:
            factors.insert(0, "model")
            sentences += words.tell_first(self.table("model"), "model", self.metric)
        for by in factors:
            sentences += words.tell_groups(
                self.groups(by), by, self.metric, all_runs=self.runs
            )
            if by == "optimizer":
                sentences += words.tell_found(self.found_against_fixed(), self.metric)
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

    def plot(self) -> Figure:
        """All of it in one figure; see `lr_finder.plot_comparison`."""
        from lr_finder.plots.compared_overview import plot_comparison

        return plot_comparison(self)


def _against(found: pd.DataFrame, fixed: pd.DataFrame) -> tuple[dict, object]:
    """What a row of `found_against_fixed` says of one fixed rate, and its test."""
    ways = {"found rate": found, "fixed rate": fixed}
    told = {name: select.tell_unscored(runs) for name, runs in ways.items()}
    reasons = [f"{name}: {text}" for name, text in told.items() if text]
    values = [runs.set_index("seed")["score"].to_dict() for runs in ways.values()]
    common = values[0].keys() & values[1].keys()
    row = {"mean": fixed["score"].mean(), "n": len(common)}
    pair = None if reasons else paired_by_seed(*values[::-1])
    if pair is not None:
        row |= {"difference": pair.mean, "difference_low": pair.low}
        row |= {"difference_high": pair.high}
    elif not reasons:
        reasons = ["fewer than 2 seeds in common"]
        gains = [values[0][seed] - values[1][seed] for seed in common]
        row |= {"difference": gains[0] if gains else np.nan}
    return row | {"reason": ", ".join(reasons)}, pair


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(
            f"Argument `{name}` must be one of {', '.join(map(repr, choices))}. "
            f"Received: {value!r}."
        )
