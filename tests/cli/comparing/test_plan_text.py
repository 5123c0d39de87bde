"""What a comparison is about to run: counted by the plan itself."""

import re

import pytest

from lr_finder.cli.comparing.plan_text import format_plan
from lr_finder.cli.comparing.run_of_plan import make_plan
from lr_finder.experiments.comparison.plan import Plan


def options(**changes):
    usual = {"is_full_grid": False, "has_own_initializers": False, "rows": 1000}
    return usual | changes


def test_named_optimizers_and_rates_are_the_whole_plan():
    plan = make_plan("adam", "0.01", None, None, **options())
    assert [str(each) for each in plan.main_settings()] == [
        "adam, rate 0.01, batch size 64, glorot_uniform"
    ]
    assert format_plan(plan, 1, "none") == [
        "Plan: 1 optimizer (adam) × 1 rate (0.01) × 1 seed = 1 run, with batch size "
        "64, initializer glorot_uniform.",
        "Callbacks of each run: none.",
    ]


@pytest.mark.parametrize(("rows", "size"), [(1000, 64), (64, 64), (63, 32), (9, 9)])
def test_the_usual_batch_is_one_that_the_rows_fill(rows, size):
    plan = make_plan("adam", "0.01", None, None, **options(rows=rows))
    assert plan.batch_sizes == (size,)


def test_more_is_run_if_it_is_named():
    plan = make_plan("adam,sgd", "found", "32,64", "default,he_normal", **options())
    assert plan.batch_sizes == (32, 64) and plan.initializers == (None, "he_normal")
    told = format_plan(plan, 3, "early stopping")
    assert told[0].endswith("= 6 runs, with batch size 32, initializer default.")
    assert told[1] == (
        "Then, at the best rate of each optimizer, batch size 64; initializer "
        "he_normal: 12 runs more at most, 18 in all."
    )


@pytest.mark.parametrize("is_full_grid", [False, True])
@pytest.mark.parametrize("models", [("default",), ("a", "b")])
def test_the_number_of_runs_is_that_of_the_plan(is_full_grid, models):
    plan = Plan(
        ("sgd", "adam"), (0.1, "found", 0.01), (8, 16), (None, "zeros", "ones"),
        models, is_full_grid=is_full_grid,
    )  # fmt: skip
    told = format_plan(plan, 5, "none")
    counts = [int(n) for n in re.findall(r"(\d+) runs", " ".join(told))]
    expected = [5 * len(plan.main_settings())]
    if not is_full_grid:
        expected.append(5 * plan.n_further)
    assert counts == expected
    factors = [int(n) for n in re.findall(r"(\d+) \w[\w ]* \(", told[0])] + [5]
    product = 1
    for factor in factors:
        product *= factor
    assert product == counts[0]
    assert ("2 models (a, b)" in told[0]) == (models != ("default",))
