"""A prior learnt from cases: the model against other algebra, the protocol by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

from benchmarks.prior import best_rates, forms, own_runs
from benchmarks.prior.cases import Cases, load_cases, traits
from benchmarks.prior.pooling import fit_pooled
from benchmarks.suggestion_quality.fitting import FINE
from benchmarks.suggestion_quality.truth import Truth
from lr_finder._text import format_rate

GROUPS = np.tile([0, 1, 2], 8)
TASKS_OF = np.repeat(np.arange(8), 3)


@pytest.fixture(scope="module")
def sample():
    """24 best rates of 8 tasks, with two traits that shift them."""
    rng = np.random.default_rng(0)
    known = rng.normal(size=(8, 2))[TASKS_OF]
    y = np.array([-1.0, -2.0, -2.5])[GROUPS] + known @ [0.6, -0.3]
    y = y + rng.normal(0, 0.4, 8)[TASKS_OF] + rng.normal(0, 0.2, 24)
    return y, known


def test_the_effects_are_those_of_the_mixed_model_equations(sample):
    """Henderson's equations: one linear system for means, effects and tasks."""
    y, known = sample
    model = fit_pooled(y, GROUPS, TASKS_OF, known)
    tau, omega, sigma = model.scales
    x, z = np.eye(3)[GROUPS], known - known.mean(axis=0)
    whole = np.column_stack([x, z, np.eye(8)[TASKS_OF]])
    penalty = np.concatenate([np.zeros(3), np.full(2, tau**-2), np.full(8, omega**-2)])
    system = whole.T @ whole / sigma**2 + np.diag(penalty)
    solved = np.linalg.solve(system, whole.T @ y / sigma**2)
    np.testing.assert_allclose(model.means, solved[:3], rtol=1e-6)
    np.testing.assert_allclose(model.effects, solved[3:5], rtol=1e-6)
    new = np.array([[1.0, 2.0]])
    told = solved[1] + (new - known.mean(axis=0)) @ solved[3:5]
    np.testing.assert_allclose(model.expected(np.array([1]), new), told, rtol=1e-6)


def test_the_scales_are_the_likeliest(sample):
    y, known = sample
    model = fit_pooled(y, GROUPS, TASKS_OF, known)
    z, same = known - known.mean(axis=0), TASKS_OF[:, None] == TASKS_OF

    def likelihood(scales):
        tau, omega, sigma = np.square(scales)
        covariance = tau * z @ z.T + omega * same + sigma * np.eye(24)
        x = np.eye(3)[GROUPS]
        inverse = np.linalg.inv(covariance)
        means = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)
        return multivariate_normal.logpdf(y, x @ means, covariance)

    best = likelihood(model.scales)
    for place in range(3):
        for factor in (0.8, 1.25):
            changed = np.array(model.scales)
            changed[place] *= factor
            assert likelihood(changed) < best + 1e-6


def test_traits_that_tell_nothing_shift_nothing():
    rng = np.random.default_rng(1)
    y = np.array([-1.0, -2.0, -2.5])[GROUPS] + rng.normal(0, 0.3, 24)
    known = rng.normal(size=(8, 1))[TASKS_OF]
    assert abs(fit_pooled(y, GROUPS, TASKS_OF, known).effects[0]) < 0.1


def few_cases():
    """Three tasks, one optimizer: regret is the distance to -1, -2 and -3 decades."""
    frame = pd.DataFrame(
        {"task": ["digits_linear", "wine_dropout", "iris_tiny"], "optimizer": "adam",
         "group": 2, "sweep": 0, "begun": [-6.0, -6.0, -2.4], "climb": [2.0, 2.0, 2.0],
         "silent": [False, False, False], "best": [-1.0, -2.0, -3.0]}
    )  # fmt: skip
    regrets = np.abs(FINE[None] - frame["best"].to_numpy()[:, None])
    return Cases(frame, regrets, regrets)


def test_a_task_is_judged_by_what_the_others_say():
    """By hand: the lowest rate of least regret on two tasks is the lower of their two.

    The third task's window begins at -2.4 + 0.4 = -2: what the others say is inside.
    """
    np.testing.assert_allclose(
        forms.left_out(few_cases(), forms.as_the_rule), [1.1, 0.0, 1.0], atol=0.13
    )


def test_a_sweep_without_an_answer_has_regret_1():
    cases = few_cases()
    cases.frame.loc[1, "silent"] = True
    assert forms.left_out(cases, forms.as_the_rule)[1] == 1.0


def test_the_window_decides():
    frame = pd.DataFrame({"begun": [-4.0, -4.0, -1.0], "climb": [-1.0, -1.0, -1.2]})
    placed = forms.placed(np.array([-5.0, 0.0, -3.0]), frame)
    np.testing.assert_allclose(placed, [-3.6, -1.9, -2.1])


def test_weights_count_as_copies_do():
    cases = few_cases()
    double = cases.part(np.array([0, 1, 2, 2]))
    weighted = forms.best_usual(cases, np.array([1.0, 1.0, 2.0]))
    assert weighted == forms.best_usual(double)


def test_without_own_runs_nothing_is_known_of_the_domain(monkeypatch):
    cases = load_cases(200)
    seen = []
    monkeypatch.setattr(own_runs, "as_the_rule", lambda learnt, part: seen.append(
        (set(learnt.frame["task"]), set(part.frame["task"]))
    ) or np.full(len(part.frame), -2.0))  # fmt: skip
    monkeypatch.setattr(own_runs, "_shift", lambda shipped, own, domain: seen.append(
        (set(own["task"]), len(own))
    ) or 0.0)  # fmt: skip
    own_runs.regrets_with(cases, 5, seed=0)
    assert len(seen) == 2 * 15  # of 18 tasks 3 are alone in their domain
    for (learnt, asked), (own, count) in zip(seen[::2], seen[1::2], strict=True):
        domains = {own_runs.TASKS[name].domain for name in own | asked}
        assert count == 5 and len(domains) == 1 and not own & asked
        assert not domains & {own_runs.TASKS[name].domain for name in learnt}


def test_the_stored_landmarks_hold_every_case():
    for steps in (100, 200):
        assert len(load_cases(steps).frame) == 270
    known = traits(
        pd.Series(["cifar_convolution"]), ("convolutional", "depth", "batch")
    )
    assert known.tolist() == [[1.0, 1.0, -1.0]]


def test_a_mean_of_rates_and_its_interval():
    """Rates 1e-3, 1e-2, 1e-1: t(0.975, 2) = 4.303, half width 4.303 / sqrt(3)."""
    rows = pd.DataFrame(
        {"task": list("abcd"), "optimizer": "adam", "best": [-3.0, -2.0, -1.0, -3.0],
         "domain": ["image"] * 3 + ["text"]}
    )  # fmt: skip
    table = best_rates.table_by("domain", rows.iloc[:4]).set_index("domain")
    half = 4.302653 / np.sqrt(3)
    low, high = (format_rate(10**x) for x in (-2 - half, -2 + half))
    assert table.loc["image", "Adam"] == f"1e-2 ({low} to {high})"
    assert table.loc["text", "Adam"] == "1e-3"
    assert table.loc["all", "tasks"] == "4"


def test_a_rate_that_misses_is_judged_by_the_truth():
    """Losses 0, 0, 1, 3 at 1e-3, 1e-2, 0.1 and 1, linear between: a known middle."""
    truth = Truth(np.array([1e-3, 1e-2, 0.1, 1.0]), np.array([0.0, 0.0, 1.0, 3.0]), 3.0)
    (row,) = best_rates.missed_by(0.75, {("a task", "adam"): truth}).to_numpy()
    middle = (-7.5 - 2 + 3 * 0.05) / 2  # regret .05 is reached at loss .15
    assert row[0] == "Adam" and row[1] == 0.0
    assert row[2] == pytest.approx(truth.regret(10 ** (middle + 0.75)), abs=0.01)
