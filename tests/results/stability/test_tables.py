"""The tables of a study: counts by hand, intervals and tests by SciPy."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lr_finder.errors import InputError
from lr_finder.results.stability.tables import (
    check_runs,
    limit_table,
    rank_variants,
    share_interval,
    share_table,
    variant_names,
)

from ...conftest import make_study_frames


@pytest.fixture(scope="module")
def runs():
    return make_study_frames()[0]


def test_shares_count_each_outcome(runs):
    shares = share_table(runs).set_index(["model", "learning_rate"])
    counts = shares[["n", "n_converged", "n_stuck", "n_diverged", "n_failed"]]
    assert counts.loc["shallow", 10.0].tolist() == [5, 0, 0, 5, 0]
    assert counts.loc["deep", 1.0].tolist() == [5, 0, 5, 0, 0]
    assert counts.loc["deep", 0.1].tolist() == [5, 4, 1, 0, 0]
    assert shares.loc["deep", 0.1]["lost"].item() == pytest.approx(0.2)
    assert shares.loc["shallow", 10.0]["diverged"].item() == 1
    assert np.isnan(shares.loc["shallow", 10.0]["loss"].item())
    assert list(shares.index) == sorted(
        shares.index, key=lambda i: (i[0] != "shallow", i[1])
    )


def test_the_mean_loss_and_its_interval_are_those_of_student(runs):
    row = share_table(runs).query("model == 'shallow' and learning_rate == 0.1").iloc[0]
    values = runs.query("model == 'shallow' and learning_rate == 0.1")["final_loss"]
    low, high = stats.t.interval(0.95, 4, values.mean(), stats.sem(values))
    assert (row["loss"], row["loss_low"], row["loss_high"]) == pytest.approx(
        (values.mean(), low, high)
    )
    assert (row["loss_min"], row["loss_max"]) == (values.min(), values.max())


@pytest.mark.parametrize(("count", "n"), [(0, 5), (2, 5), (5, 5), (7, 30)])
def test_the_interval_of_a_share_is_wilsons(count, n):
    z, p = stats.norm.ppf(0.975), count / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert share_interval(count, n) == pytest.approx((centre - half, centre + half))
    assert np.isnan(share_interval(0, 0)).all()


def test_failed_runs_are_in_no_share(runs):
    broken = runs.assign(outcome=runs["outcome"].where(runs["seed"] > 0, "failed"))
    row = (
        share_table(broken).query("model == 'shallow' and learning_rate == 10").iloc[0]
    )
    assert (row["n"], row["n_failed"], row["n_diverged"]) == (5, 1, 4)
    assert row["diverged"] == row["lost"] == 1


def test_limits_are_medians_of_the_seeds(runs):
    limits = limit_table(runs).set_index("model")
    assert limits.loc["shallow", "highest_rate"] == 1.0
    ends = limits.loc["deep", ["highest_rate_low", "highest_rate", "highest_rate_high"]]
    assert ends.tolist() == [0.01, 0.1, 0.1]
    assert limits.loc["deep", "stable_rate"] == pytest.approx(2 / 3)
    assert limits["best_rate"].to_dict() == {"shallow": 1.0, "deep": 0.01}


def test_differences_are_paired_over_the_seeds(runs):
    """Each seed at the rate that is best for the others, by an independent route."""
    first = runs.query("model == 'shallow' and learning_rate == 1")["final_loss"]
    # Four seeds like 0.01 best, since the fifth gets stuck at 0.1. Without it the
    # others like 0.1, and that is where it is judged.
    second = np.array([1.0, 1.01, 1.02, 1.03, 2.3])
    best, other = rank_variants(runs)
    assert (best.name, other.name) == ("shallow", "deep")
    assert best.mean == pytest.approx(first.mean())
    assert other.difference.mean == pytest.approx(second.mean() - first.mean())


def test_a_variant_that_is_lost_everywhere_comes_last(runs):
    lost = runs["model"] == "deep"
    broken = runs.assign(outcome=runs["outcome"].where(~lost, "diverged"))
    limits = limit_table(broken)
    assert limits["model"].tolist() == ["shallow", "deep"]
    assert limits.iloc[1][["highest_rate", "loss"]].isna().all()
    assert "lost" in limits.iloc[1]["reason"]


def test_variants_are_called_by_what_differs(runs):
    assert set(variant_names(runs)) == {"shallow", "deep"}
    one = runs[runs["model"] == "deep"]
    assert set(variant_names(one)) == {"sgd"}
    sizes = one.assign(batch_size=[16, 32] * 10)
    assert set(variant_names(sizes)) == {"batch 16", "batch 32"}


def test_rates_that_were_found_are_one_arm(runs):
    found = runs[runs["learning_rate"] == 0.1].assign(rate="found")
    found = found.assign(learning_rate=found["learning_rate"] * (1 + found["seed"]))
    shares, limits = share_table(found), limit_table(found)
    assert len(shares) == 2 and np.allclose(shares["learning_rate"], 0.3)  # the median
    assert limits["highest_rate"].isna().all()
    assert limits["best_rate"].tolist() == [pytest.approx(0.3)] * 2


def test_other_tables_are_refused(runs):
    epochs = make_study_frames()[1]
    check_runs(runs, epochs)
    for broken, word in (
        (runs.drop(columns="outcome"), "outcome"), (runs.head(0), "none"),
        (runs.assign(outcome="fine"), "'fine'"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=word):
            check_runs(broken, epochs)
    with pytest.raises(InputError, match="`epochs`.*batch_loss"):
        check_runs(runs, pd.DataFrame(columns=["key"]))
