"""The value that a verification gives, as table and as JSON."""

import json

import numpy as np
import pytest

from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.analysis.verification.candidates import Row
from lr_finder.results.verification import Stability, VerifiedSuggestion


@pytest.fixture
def verified():
    rows = (
        Row(0.1, 1, 10, 0.5, None, "kept"),
        Row(9.0, 1, 3, None, None, "diverged"),
        Row(0.1, 2, 25, 0.25, 0.3, "winner"),
    )
    return VerifiedSuggestion(
        Suggestion(0.1, 0.05, 0.3, "window, verified", ("noisy: much",)),
        rows, {0.1: np.ones(25), 9.0: np.array([1.0, np.inf])},
        Stability(0.2, 20, True), 48, {"seed": 1},
    )  # fmt: skip


def test_it_reads_like_a_suggestion(verified):
    assert (verified.lr, verified.low, verified.high) == (0.1, 0.05, 0.3)
    assert verified.winner == 0.1
    assert verified.warnings == ("noisy: much",)
    assert str(verified).splitlines()[-1] == (
        "  twice the rate: diverged at 0.2 within 20 steps"
    )


def test_the_table_is_tidy(verified):
    frame = verified.to_frame()
    assert frame.columns.tolist() == [
        "lr", "rung", "steps", "loss", "validation_loss", "status",
    ]  # fmt: skip
    assert frame["steps"].tolist() == [10, 3, 25]
    np.testing.assert_array_equal(frame["loss"], [0.5, np.nan, 0.25])
    assert frame.dtypes[["loss", "validation_loss"]].tolist() == [float, float]


def test_json_holds_what_was_found(verified):
    document = json.loads(json.dumps(verified.to_dict(), allow_nan=False))
    assert document["suggestion"] == verified.suggestion.to_dict()
    assert document["table"][2]["status"] == "winner"
    assert document["stability"] == {
        "lr": 0.2, "steps": 20, "has_diverged": True, "loss_ratio": None,
    }  # fmt: skip
    assert (document["steps"], document["seed"]) == (48, 1)


@pytest.mark.parametrize(
    ("stability", "text"),
    [
        (Stability(0.2, 20, False), "stable at 0.2 over 20 steps"),
        (Stability(0.2, 11, False), "stable at 0.2 over 11 steps"),
        (
            Stability(0.2, 10, False),
            "only 10 steps left for 0.2, too few to tell whether it is stable (at "
            "least 11); give more `budget_steps`",
        ),
        (Stability(0.2, 2, True), "diverged at 0.2 within 2 steps"),
        (
            Stability(0.2, 20, False, 1.5),
            "stable at 0.2 over 20 steps, loss 1.5 times that of the answer",
        ),
        (
            Stability(0.2, 20, False, 0.8),
            "stable at 0.2 over 20 steps, loss 0.8 times that of the answer; so "
            "few steps favour high rates",
        ),
    ],
)
def test_stability_is_told_in_a_line(stability, text):
    assert str(stability) == text


def test_its_repr_is_that_of_its_suggestion():
    told = Suggestion(0.1, 0.05, 0.3, "window, verified", why="It trained best.")
    found = VerifiedSuggestion(
        told, (Row(0.1, 1, 5, 1.0, None, "winner"),), {}, None, 5
    )
    assert repr(found) == "<VerifiedSuggestion 0.1 (5e-2 to 0.3). It trained best.>"
