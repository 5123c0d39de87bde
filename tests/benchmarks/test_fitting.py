"""The constants of the default rule: found again where they are known."""

import copy
import dataclasses

import numpy as np
import pandas as pd
import pytest

from benchmarks.suggestion_quality import fitting
from benchmarks.suggestion_quality.sweeps import METADATA, Sweep, rates
from benchmarks.suggestion_quality.tasks import OPTIMIZERS
from benchmarks.suggestion_quality.truth import Truth
from lr_finder.analysis.sweep.rate_window import usual_rate
from lr_finder.analysis.sweep.rules import RULES

KNOWN = fitting.Constants((0.0, -2.0, -2.5), above=0.3, below=0.7)


@pytest.fixture(scope="module")
def cases():
    """Landmarks of 12 tasks, some of which leave room for the usual rate."""
    rng = np.random.default_rng(0)
    rows = [
        {"task": f"task {task}", "optimizer": optimizer, "sweep": sweep,
         "group": fitting.GROUPS[optimizer], "begun": begun, "climb": begun + width,
         "spread": 0.1, "cost": 180, "silent": False}
        for task in range(12)
        for optimizer in OPTIMIZERS
        for begun, width in [(rng.uniform(-4, -1), rng.uniform(0.5, 3))]
        for sweep in range(2)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def truths(cases):
    """The best rate is where the rule with the known constants puts it."""
    grid = np.linspace(-7.5, 1.5, 91)
    found = {}
    for row, best in zip(cases.itertuples(), KNOWN.rates(cases), strict=True):
        losses = 1 + np.minimum(np.abs(grid - best), 2)
        found[row.task, row.optimizer] = Truth(10**grid, losses, 3.0)
    return found


@pytest.fixture(scope="module")
def fit(cases, truths):
    return fitting.Fit(cases, truths)


def test_the_rates_follow_the_rule():
    cases = pd.DataFrame(
        {"group": [0, 1, 2, 2], "begun": [-3.0, -3, -2, -2], "climb": [1, 0, 0, -1.5]}
    )
    # The usual rate above the window; within; below; and no room for it.
    np.testing.assert_allclose(KNOWN.rates(cases), [0.0, -2, -1.7, -2.2])


@pytest.mark.slow
def test_known_constants_are_found_again(fit, cases):
    found = fit.best(np.ones(len(cases), bool))
    assert found.above == pytest.approx(KNOWN.above, abs=0.11)
    assert found.below == pytest.approx(KNOWN.below, abs=0.11)
    np.testing.assert_allclose(found.usual, KNOWN.usual, atol=0.21)
    assert np.mean(fit.distances(found) <= found.half_widths(cases)) >= fitting.WANTED


def test_the_interval_is_the_narrowest_that_holds_often_enough(fit, cases):
    found = fit.best(np.ones(len(cases), bool))
    narrower = dataclasses.replace(
        found, half=found.half - 0.05, half_at_top=found.half_at_top - 0.05
    )
    held = np.mean(fit.distances(narrower) <= narrower.half_widths(cases))
    assert found.half == fitting.HALF_WIDTHS[0] or held < fitting.WANTED


@pytest.mark.slow
def test_rounding_does_not_choose(cases, truths, fit):
    """Other machines round otherwise: inputs are moved by 1e-12 of themselves."""
    rng = np.random.default_rng(0)

    def moved(values):
        return values * (1 + 1e-12 * rng.standard_normal(np.shape(values)))

    every = np.ones(len(cases), bool)
    for _ in range(2):
        columns = {name: moved(cases[name]) for name in ("begun", "climb", "spread")}
        others = {
            key: Truth(truth.rates, moved(truth.losses), float(moved(truth.base)))
            for key, truth in truths.items()
        }
        again = fitting.Fit(cases.assign(**columns), others)
        assert again.best(every) == fit.best(every)


@pytest.mark.parametrize("push", [-1e-12, 0.0, 1e-12])
def test_of_equal_sums_the_smallest_constants_are_taken(cases, fit, push):
    """Sums that are equal but for the last bits, whichever of them is the least."""
    fit = copy.copy(fit)
    fit._table = np.ones_like(fit._table)
    fit._table[3, 4, 5] += push  # one of them is the least by a hair, or the largest
    found = fit.best(np.ones(len(cases), bool))
    assert found.usual == (fitting.USUAL[0],) * 3
    assert (found.above, found.below) == (fitting.ABOVES[0], fitting.BELOWS[0])


def with_interval(distances, n_top):
    """The half widths chosen for such distances, the last `n_top` at the top."""
    at_top = np.arange(len(distances)) >= len(distances) - n_top
    fit = fitting.Fit.__new__(fitting.Fit)
    fit.cases = pd.DataFrame(
        {"group": 0, "begun": -7.0, "climb": np.where(at_top, -2.0, 5.0), "spread": 0.0}
    )
    fit._answered = np.ones(len(distances), bool)
    fit.distances = lambda constants: np.asarray(distances)
    constants = fitting.Constants((-2.0,) * 3, above=0.4, below=0.9)
    found = fit._with_interval(constants, fit._answered)
    return found.half, found.half_at_top


@pytest.mark.parametrize("push", [-1e-12, 0.0, 1e-12])
def test_a_rate_on_the_edge_of_an_interval_lies_within(push):
    # Of 20 cases 19 are enough: one of the two that are 0.45 away is to be held.
    assert with_interval([0.45 + push] * 2 + [0.0] * 18, n_top=10) == (0.45, 0.45)


@pytest.mark.parametrize(
    "n_top, expected",
    [(19, (0.45, 0.45)), (20, (0.45, 0.45)), (21, (0.45, 0.45)), (10, (0.3, 0.6))],
)
def test_of_intervals_as_wide_the_most_even_is_taken(n_top, expected):
    # Of 40 cases 2 may be lost: the 2 at 0.45 below the top by (0.3, 0.6), or the 2 at
    # 0.6 at the top by (0.45, 0.45), which are as wide on average if n_top is 20.
    distances = [0.45] * 2 + [0.0] * 36 + [0.6] * 2
    assert with_interval(distances, n_top) == expected


@pytest.mark.slow
def test_a_task_has_no_say_in_its_own_constants(cases, truths, fit):
    """Its truths are turned round: what is said of it must not change."""
    left = "task 3"
    turned = {
        key: Truth(t.rates, t.losses[::-1], t.base) if key[0] == left else t
        for key, t in truths.items()
    }
    one, _ = fitting.left_out(fit)
    other, _ = fitting.left_out(fitting.Fit(cases, turned))
    mine = (cases["task"] == left).to_numpy()
    columns = ["lr", "low", "high"]
    pd.testing.assert_frame_equal(one[mine][columns], other[mine][columns])
    assert not one[~mine]["lr"].equals(other[~mine]["lr"])


@pytest.mark.slow
def test_a_sweep_without_an_answer_stays_without(cases, truths):
    silent = cases.assign(silent=cases["task"] == "task 5")
    answers, chosen = fitting.left_out(fitting.Fit(silent, truths))
    assert answers[answers["lr"].isna()]["task"].unique().tolist() == ["task 5"]
    assert chosen["left_out"].tolist() == [*cases["task"].unique(), "none"]


def test_landmarks_with_the_constants_of_the_code_give_its_answers():
    lrs = rates(200)
    x = np.log10(lrs)
    found, expected = {}, []
    for number, optimizer in enumerate(OPTIMIZERS):
        losses = 2 - np.tanh(2 * (x + 3)) + 9 * np.maximum(0, x - 0.1 * number)
        sweep = Sweep(lrs, losses, 10**6, optimizer)
        found["task", optimizer, 200] = [[sweep]]
        found["task", optimizer, 100] = [[sweep]]
        index = RULES["window"](*sweep.recorded(), usual_rate(sweep.metadata))
        expected.append(lrs[index])
    cases = fitting.landmarks(found)
    code = fitting.Constants((0.0, np.log10(5e-3), np.log10(3e-3)), 0.4, 0.9)
    steps = np.abs(np.log10(10 ** code.rates(cases) / expected)) * 199 / 8
    assert len(cases) == 5 and steps.max() <= 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_metadata_are_those_of_a_sweep(optimizer):
    import keras

    from benchmarks.suggestion_quality.tasks import make_optimizer
    from lr_finder.training.checking.description import describe_training

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(make_optimizer(optimizer, 1e-3), "mse")
    described = describe_training(model)
    assert METADATA[optimizer] == {k: described[k] for k in ("optimizer", "momentum")}
