"""Whole tunings: made once, gone on with, and what is refused."""

import random

import numpy as np
import pytest

import lr_finder
from lr_finder.errors import InputError, LRFinderError
from lr_finder.experiments.tuning.tune import tune

from ..conftest import three_parts

pytestmark = pytest.mark.training
SPACE = {"learning_rate": (1e-3, 1.0)}
SMALL = {"budget": 3, "epochs": 2, "batch_size": 16}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tuning")


@pytest.fixture(scope="module")
def made(folder):
    methods = ("random", "grid")
    return tune("mlp", three_parts(), SPACE, method=methods, seeds=2, out=folder,
                **SMALL)  # fmt: skip


def test_each_method_and_seed_pays_its_budget(made):
    frame = made.to_frame()
    assert frame.groupby(["method", "seed"])["paid"].max().tolist() == [3.0] * 4
    assert made.methods == ("random", "grid") and made.seeds == (0, 1)
    grid = frame[(frame["method"] == "grid") & (frame["seed"] == 0)]
    expected = [1e-3, 10**-1.5, 1.0]
    np.testing.assert_allclose(sorted(grid["learning_rate"]), expected)
    assert (frame["status"] == "finished").all() and frame["test_loss"].notna().all()


def test_called_again_nothing_is_made_anew(made, folder):
    told = []
    again = tune("mlp", three_parts(), SPACE, method=("random", "grid"), seeds=2,
                 out=folder, watch=told.append, **SMALL)  # fmt: skip
    assert not any(progress.is_new for progress in told)
    assert again.trials.equals(made.trials)


def test_random_states_are_as_before():
    before = random.getstate()
    small = SMALL | {"budget": 1}
    tune("mlp", three_parts(), SPACE, method="random", **small)
    assert random.getstate() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"space": {"learning_rate": (1e-2, 1.0)}}, "same space"),
        ({"data": three_parts(seed=5)}, "same data"),
        ({"epochs": 3}, "same epochs"),
        ({"optimizer": "sgd"}, "same optimizer"),
    ],
)
def test_another_tuning_in_the_same_folder_is_refused(made, folder, change, words):
    given = {"data": three_parts(), "space": SPACE, **SMALL} | change
    with pytest.raises(InputError, match=words):
        tune("mlp", given.pop("data"), given.pop("space"), method="random",
             out=folder, **given)  # fmt: skip


@pytest.mark.few(20)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"space": {}}, "at least one thing"),
        ({"budget": 0.5}, "at least 1"),
        ({"budget": float("nan")}, "at least 1"),
        ({"method": "genetic"}, "one of narrowed, sweep"),
        ({"method": ("random", "random")}, "each once"),
        ({"method": "sweep", "space": {"batch_size": [8, 16]}}, "range"),
        ({"method": "narrowed", "space": {"learning_rate": [0.1, 1.0]}}, "range"),
        ({"method": "hyperband"}, "at least 3"),
        ({"seeds": 0}, "seeds"),
        ({"epochs": 0}, "epochs"),
        ({"space": {"batch_size": [16, 4000]}}, "at most the 160 rows"),
        ({"method": "sweep", "budget": 1.5}, "pay for a sweep"),
    ],
)
def test_what_cannot_be_tuned_is_refused(change, words):
    given = {"space": SPACE, "method": "random", **SMALL} | change
    with pytest.raises(InputError, match=words):
        tune("mlp", three_parts(), given.pop("space"), **given)


def test_without_optuna_one_line_says_how_to_get_it(monkeypatch):
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec",
        lambda name, *rest: None if name == "optuna" else find(name, *rest),
    )  # fmt: skip
    with pytest.raises(LRFinderError, match=r'pip install "lr_finder\[tune\]"'):
        lr_finder.tune("mlp", three_parts(), SPACE)
