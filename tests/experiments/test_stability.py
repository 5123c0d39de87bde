"""Studies of models whose highest stable rate is known in closed form."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import keras
import numpy as np
import pandas as pd
import pytest

from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import ThreeParts
from lr_finder.errors import InputError
from lr_finder.experiments.comparison.plan import Plan
from lr_finder.experiments.comparison.run_store import RunStore
from lr_finder.experiments.journal import read_rows
from lr_finder.experiments.stability import (
    STARTS_FILE,
    default_plan,
    run_stability,
    scored_on_training,
)

from .conftest import three_parts

pytestmark = pytest.mark.training
ROWS = 64


def linear_parts():
    """Least squares with inputs of unequal scales; its Hessian is 2 X'X / n."""
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(ROWS + 20, 3)) * [2.0, 1.0, 0.5]).astype("float32")
    y = (x @ [1.0, -1.0, 2.0]).astype("float32")
    dataset = Dataset(x[:ROWS], y[:ROWS], x[:4], y[:4], "regression")
    return ThreeParts(dataset, x[ROWS:], y[ROWS:], "line")


def highest_rate(momentum=0.0):
    x = linear_parts().dataset.x_train.astype(float)
    curvature = np.linalg.eigvalsh(2 * x.T @ x / len(x)).max()
    return 2 * (1 + momentum) / curvature


def line():
    layer = keras.layers.Dense(1, use_bias=False)
    return keras.Sequential([keras.Input((3,)), layer])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def made(folder):
    """Full batches at 0.95 and 1.05 of the two highest stable rates, 60 steps."""
    rates = [f * highest_rate(m) for m in (0.0, 0.9) for f in (0.95, 1.05)]
    plan = Plan(["sgd", "momentum"], rates, ROWS, None)
    return run_stability(
        line, linear_parts(), plan, seeds=1, epochs=60, out=folder, threads=1
    )


def test_the_share_that_diverges_flips_at_two_over_the_curvature(made):
    shares = made.shares()
    edge = shares["optimizer"].map(
        {"sgd": highest_rate(), "momentum": highest_rate(0.9)}
    )
    expected = (shares["learning_rate"] > edge).astype(float)
    np.testing.assert_array_equal(shares["diverged"], expected)
    assert not shares["n_stuck"].any() and len(shares) == 8


def test_the_curvature_says_so_beforehand(made):
    runs = made.runs.drop_duplicates("optimizer").set_index("optimizer")
    assert runs.loc["sgd", "stable_rate"] == pytest.approx(highest_rate(), rel=0.01)
    rate = runs.loc["momentum", "stable_rate"]
    assert rate == pytest.approx(highest_rate(0.9), rel=0.01)


def test_all_variants_of_a_seed_begin_alike(made, folder):
    assert made.runs["start_loss"].nunique() == 1
    assert len(read_rows(folder / STARTS_FILE)) == 1  # for both optimizers
    y = linear_parts().dataset.y_train
    np.testing.assert_allclose(made.runs["guess_loss"], y.var(), rtol=1e-5)


def test_the_losses_are_those_of_gradient_descent(made):
    """NumPy from the same first weights, whose loss is known: it must be theirs."""
    data = linear_parts().dataset
    run = made.runs.query("optimizer == 'sgd' and outcome == 'converged'").iloc[0]
    keras.utils.set_random_seed(int(run["seed"]))
    w = line().get_weights()[0].astype(float)
    x, y = data.x_train.astype(float), data.y_train.astype(float)[:, None]
    assert np.mean((x @ w - y) ** 2) == pytest.approx(run["start_loss"], rel=1e-4)
    told = made.epochs[made.epochs["key"] == run["key"]]["loss"].to_numpy()[:20]
    losses = []
    for _ in told:
        w -= run["learning_rate"] * 2 * x.T @ (x @ w - y) / len(x)
        losses.append(np.mean((x @ w - y) ** 2))
    np.testing.assert_allclose(told, losses, rtol=1e-3)


def test_called_again_it_makes_nothing_anew(made, folder):
    rates = sorted(set(made.runs["learning_rate"]))
    seen = []
    again = run_stability(
        line, linear_parts(), Plan(["sgd", "momentum"], rates, ROWS, None), seeds=1,
        epochs=60, out=folder, threads=1, watch=seen.append,
    )  # fmt: skip
    assert not [each for progress in seen for each in progress.latest]
    assert len(read_rows(folder / STARTS_FILE)) == 1
    key = ["optimizer", "learning_rate", "seed"]
    old, new = (s.runs.sort_values(key).reset_index(drop=True) for s in (made, again))
    pd.testing.assert_frame_equal(old, new)


@pytest.mark.slow
def test_sgd_and_adam_see_the_same_batches():
    """At a rate too low to move a weight, their batch losses are equal."""
    plan = Plan(["sgd", "adam"], [1e-12], 16, None)
    made = run_stability("mlp", three_parts(), plan, 1, epochs=2, curvature=False)
    losses = made.epochs.pivot_table(index="epoch", columns="key", values="batch_loss")
    np.testing.assert_allclose(losses.iloc[:, 0], losses.iloc[:, 1], rtol=1e-6)
    assert (made.runs["outcome"] == "stuck").all()
    assert made.runs["stable_rate"].isna().all()


def test_the_training_rows_are_those_that_are_scored():
    parts = scored_on_training(three_parts())
    assert parts.dataset.x_validation is not parts.dataset.x_train
    np.testing.assert_array_equal(parts.dataset.x_validation, parts.dataset.x_train)
    np.testing.assert_array_equal(parts.dataset.y_validation, parts.dataset.y_train)
    many = scored_on_training(three_parts(5000))
    assert len(many.dataset.x_validation) == 2000


def test_the_default_plan_crosses_optimizers_and_rates():
    plan = default_plan()
    assert [each.label for each in plan.optimizers] == ["sgd", "momentum", "adam"]
    assert plan.rates == (0.001, 0.0032, 0.01, 0.032, 0.1, 0.32, 1.0, 3.2, 10.0)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"early_stopping": True}, "early_stopping"),
        ({"reduce_on_plateau": True}, "reduce_on_plateau"),
        ({"verify": True}, "verify"),
        ({"epoch": 3}, "epochs"),
        ({"seeds": 0}, "seeds"),
        ({"workers": 0}, "workers"),
        ({"build_model": "no_such_model"}, "no_such_model"),
        ({"plan": Plan("sgd", 0.1, 1000, None)}, "1000"),
    ],
)
@pytest.mark.few(8)
def test_what_cannot_be_studied_is_refused_first(arguments, word, tmp_path):
    given = {"build_model": "mlp", "data": three_parts(), "out": tmp_path} | arguments
    if "plan" not in arguments:
        given["plan"] = Plan("sgd", 0.1, 16, None)
    with pytest.raises(InputError, match=word):
        run_stability(**given)
    assert not list(tmp_path.iterdir())


SCRIPT = """
import sys
from pathlib import Path

from tests.experiments.test_stability import Plan, run_stability, three_parts

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    study = run_stability(
        "mlp", three_parts(), Plan(["sgd", "adam"], [0.1, 1.0], 16, None), 2,
        epochs=2, out=folder, threads=1,
    )
    study.save(folder / "study.json")
"""


def begun(folder):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(folder)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_after_a_kill_it_goes_on_to_equal_rows(tmp_path):
    from lr_finder.results.stability.result import StabilityResult

    whole, torn = tmp_path / "whole", tmp_path / "torn"
    assert begun(whole).wait(400) == 0
    process, store = begun(torn), torn / "comparison.sqlite"
    end = time.monotonic() + 200
    while time.monotonic() < end and not _ended(store):
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    n_kept = _ended(store)
    assert 0 < n_kept < 8
    assert begun(torn).wait(400) == 0
    first, second = (
        StabilityResult.load(each / "study.json").runs.drop(columns="seconds")
        for each in (whole, torn)
    )
    pd.testing.assert_frame_equal(first, second)


def _ended(store):
    if not store.is_file():
        return 0
    try:
        with RunStore(store) as kept:
            return len(kept.final_keys())
    except InputError:  # the tables are not made yet
        return 0
