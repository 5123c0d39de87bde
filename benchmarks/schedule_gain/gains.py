"""What a schedule gains over the best constant rate, the peak of each tuned alike.

For each seed the peak is the one that was best for the *other* seeds, so nobody is
judged on what it was chosen by. The choice is by means, in which a lost training
weighs; the gain is of medians over the seeds, in which a single one does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.schedule_gain.arms import CONSTANT
from benchmarks.suggestion_quality.scores import CATASTROPHIC, clustered_error
from benchmarks.suggestion_quality.truth import load_truth

CASE = ["task", "optimizer", "budget"]


class Interval(NamedTuple):
    """A mean, and its 95 % interval."""

    mean: float
    low: float
    high: float


def base_losses() -> dict[tuple[str, str], float]:
    """The loss of the best constant prediction of each task and optimizer."""
    return {case: truth.base for case, truth in load_truth().items()}


def tables(
    rows: pd.DataFrame, measure: str, bases: Mapping[tuple[str, str], float]
) -> dict[tuple, pd.DataFrame]:
    """The losses of each case and schedule, at most that of a constant prediction.

    Args:
        rows: DataFrame of `trainings.read_rows`.
        measure: str, a column of it: `"last"`, `"best"`, `"half"`, …
        bases: mapping of (task, optimizer) to the loss of a constant prediction, which
            a lost training counts as.

    Returns:
        dict of (task, optimizer, budget, schedule), in the order of the rows, to
        DataFrame (seeds, peaks).
    """
    keys = rows[CASE[:2]].itertuples(index=False, name=None)
    losses = np.fmin(rows[measure], [bases[key] for key in keys]).to_numpy()
    order = np.lexsort((rows["lr"], rows["seed"]))  # by seed, then by peak
    seeds, peaks = rows["seed"].to_numpy()[order], rows["lr"].to_numpy()[order]
    groups = rows.iloc[order].groupby([*CASE, "schedule"]).indices
    wanted = rows[[*CASE, "schedule"]].drop_duplicates()
    return {
        key: _table(losses[order], seeds, peaks, groups[key])
        for key in wanted.itertuples(index=False, name=None)
    }


def _table(losses, seeds, peaks, at: np.ndarray) -> pd.DataFrame:
    """Those at these places, which lie by seed, then by peak, as a table of them."""
    rows, columns = np.unique(seeds[at]), np.unique(peaks[at])
    return pd.DataFrame(losses[at].reshape(len(rows), len(columns)), rows, columns)


def chosen_peaks(table: pd.DataFrame) -> pd.Series:
    """For each seed, the peak with the lowest mean loss over all other seeds.

    Args:
        table: DataFrame (seeds, peaks) of losses.

    Returns:
        Series (seeds,).

    Example:
    >>> table = pd.DataFrame({0.1: [1.0, 2.0, 4.0], 1.0: [3.0, 2.0, 1.0]}, [1, 2, 3])
    >>> chosen_peaks(table).to_dict()
    {1: 1.0, 2: 1.0, 3: 0.1}
    """
    others = table.sum() - table  # as good as their mean
    return others.idxmin(axis=1)


def losses_at(table: pd.DataFrame, peaks: pd.Series) -> np.ndarray:
    """The loss of each seed at its peak.

    Example:
    >>> table = pd.DataFrame({0.1: [1.0, 2.0], 1.0: [3.0, 5.0]}, index=[1, 2])
    >>> losses_at(table, pd.Series({1: 0.1, 2: 1.0}))
    array([1., 5.])
    """
    places = table.columns.get_indexer(peaks[table.index])
    return table.to_numpy()[np.arange(len(table)), places]


def gains(
    rows: pd.DataFrame,
    measure: str = "last",
    *,
    chosen_by: str | None = None,
    own_peak: bool = True,
    bases: Mapping[tuple[str, str], float] | None = None,
) -> pd.DataFrame:
    r"""What each schedule gains in each case, in % of the best constant rate's loss.

    $$ 100 \cdot (1 - L_\text{schedule} / L_\text{constant}) $$

    Both are medians over the seeds of a validation loss.

    Args:
        rows: DataFrame of `trainings.read_rows`.
        measure: str, the validation loss that counts: `"last"` at the end, `"best"` the
            lowest on the way, `"half"` after half of the steps, …
        chosen_by: str, the column by which the peak of a schedule is chosen, e.g.
            `"last"` for one that is planned to the end and stopped halfway; `measure`
            by default, and always for the constant rate.
        own_peak: bool, whether a schedule has a peak of its own; else it has the best
            constant rate.
        bases: as in `tables`; those of the benchmark by default.

    Returns:
        DataFrame, a row for each case and schedule: `gain` in %, 0 for the constant;
        `lost`, the share of the seeds with no better loss than a constant prediction.
    """
    bases = base_losses() if bases is None else bases
    judged = tables(rows, measure, bases)
    choice = judged if chosen_by is None else tables(rows, chosen_by, bases)
    found = []
    for (*case, schedule), table in judged.items():
        constant = judged[*case, CONSTANT]
        peaks = best = chosen_peaks(constant)
        if own_peak and schedule != CONSTANT:
            peaks = chosen_peaks(choice[*case, schedule])
        losses, lost = losses_at(table, peaks), bases[tuple(case[:2])]
        gain = 100 * (1 - np.median(losses) / np.median(losses_at(constant, best)))
        found.append([*case, schedule, gain, (losses >= lost).mean()])
    return pd.DataFrame(found, columns=[*CASE, "schedule", "gain", "lost"])


def mean_interval(values: pd.Series, clusters: pd.Series) -> Interval:
    """The mean of values that belong together by cluster, and its 95 % interval.

    From the clustered error and Student's t with one degree less than clusters.

    Args:
        values: Series (n,).
        clusters: Series (n,), the cluster of each.

    Returns:
        Interval.

    Example:
    >>> values = pd.Series([1.0, 2.0, 3.0, 4.0])
    >>> [round(each, 2) for each in mean_interval(values, pd.Series(list("abcd")))]
    [2.5, 0.45, 4.55]
    """
    mean = float(values.mean())
    error = clustered_error(values, clusters)
    half = float(stats.t.ppf(0.975, clusters.nunique() - 1)) * error
    return Interval(mean, mean - half, mean + half)


def summarize(found: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The mean gain over cases with its 95 % interval, clustered by task.

    Args:
        found: DataFrame of `gains`.
        by: list of str, its columns that rows are to be kept apart by.

    Returns:
        DataFrame indexed by them: `mean`, `low`, `high`, `median`, `better` (share of
        the cases with a gain above 0).
    """
    keys = by if len(by) > 1 else by[0]
    return pd.DataFrame(
        {
            key: mean_interval(part["gain"], part["task"])._asdict()
            | {"median": part["gain"].median(), "better": (part["gain"] > 0).mean()}
            for key, part in found.groupby(keys, sort=False)[["gain", "task"]]
        }
    ).T.rename_axis(by)


def difference(found: pd.DataFrame, one: str, other: str) -> Interval:
    """How much more one schedule gains than another, case by case, in points.

    Args:
        found: DataFrame of `gains`.
        one: str, a schedule.
        other: str, a schedule.

    Returns:
        Interval, clustered by task.
    """
    wide = found.pivot_table("gain", CASE, "schedule").reset_index()
    return mean_interval(wide[one] - wide[other], wide["task"])


def best_peaks(
    rows: pd.DataFrame,
    measure: str = "last",
    bases: Mapping[tuple[str, str], float] | None = None,
) -> pd.DataFrame:
    """The best peak of each schedule beside the best constant rate.

    Args:
        rows: DataFrame of `trainings.read_rows`.
        measure: str, as in `gains`.
        bases: as in `gains`.

    Returns:
        DataFrame, a row for each case and schedule: `peak`, its `ratio` to the best
        constant rate, and whether it lies at the `edge` of the peaks tried.
    """
    judged = tables(rows, measure, base_losses() if bases is None else bases)
    found = []
    for (*case, schedule), table in judged.items():
        peak = table.mean().idxmin()
        ratio = peak / judged[*case, CONSTANT].mean().idxmin()
        edge = peak in (table.columns[0], table.columns[-1])
        found.append([*case, schedule, peak, ratio, edge])
    return pd.DataFrame(found, columns=[*CASE, "schedule", "peak", "ratio", "edge"])


def lost_shares(
    rows: pd.DataFrame, bases: Mapping[tuple[str, str], float] | None = None
) -> pd.DataFrame:
    """How many trainings are lost at a multiple of the best constant rate.

    Lost is a training that ends with less than half of what the best constant rate
    learns.

    Args:
        rows: DataFrame of `trainings.read_rows`.
        bases: as in `gains`.

    Returns:
        DataFrame, indexed by the number of grid steps (three a decade) above the best
        constant rate, a column for each schedule: shares over cases and seeds.
    """
    bases = base_losses() if bases is None else bases
    judged, found = tables(rows, "last", bases), []
    for (*case, schedule), table in judged.items():
        constant, base = judged[*case, CONSTANT].mean(), bases[tuple(case[:2])]
        limit = constant.min() + CATASTROPHIC * (base - constant.min())
        above = np.rint(3 * np.log10(table.columns / constant.idxmin())).astype(int)
        shares = (table > limit).mean().to_numpy()
        found += [[schedule, *pair] for pair in zip(above, shares, strict=True)]
    frame = pd.DataFrame(found, columns=["schedule", "above", "lost"])
    return frame.pivot_table("lost", "above", "schedule", sort=True)
