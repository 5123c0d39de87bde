"""What is read off trainings, what the command says of it, and how it is drawn."""

import math
import statistics
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

import lr_finder
from lr_finder.analysis.training.record import TrainingRecord
from time_series.summary import (
    epochs_to,
    gains,
    late_variance,
    plot_losses,
    print_report,
    verdict,
)

LOSSES = st.lists(st.floats(0, 100), max_size=30)
ROWS = [
    {"arm": "baseline", "learning_rate": 1e-3, "validation_mse": 40.0,
     "watched_losses": [9.0, 5.0, 4.0]},
    {"arm": "optimized", "learning_rate": 2e-3, "validation_mse": 35.0,
     "watched_losses": [8.0, 3.0]},
]  # fmt: skip


def report(baseline, optimized, references=None, stopping=None, **others):
    """Of three ways to train; of two, as earlier versions wrote it, if one is None."""
    errors = {"baseline": baseline, "stopping_plateau": stopping,
              "optimized": optimized}  # fmt: skip
    errors = {name: error for name, error in errors.items() if error is not None}
    arms = [
        {"arm": name, "validation_mse": error, "learning_rate": 1e-3, "epochs_run": 3,
         "seconds": 1.0, "search_seconds": float(name == "optimized")}
        for name, error in errors.items()
    ]  # fmt: skip
    if stopping is not None:
        others["gains"] = gains(errors)
    return {
        "series": "a.csv", "arms": arms, "references": references or {}, "season": 12,
        "season_reason": "a year of months", "noise_variance": None, "warnings": [],
    } | others  # fmt: skip


def test_the_lower_error_wins_and_one_seed_tells_nothing_of_chance():
    text = verdict(report(4.0, 3.0))
    assert text.startswith("optimized won with 25.0 % less error than baseline;")
    assert "one seed cannot tell this from chance" in text
    assert verdict(report(3.0, 4.0)).startswith("baseline won with 25.0 % less")


def test_errors_that_are_alike_have_no_winner():
    assert "have the same error" in verdict(report(4.0, 4.0))
    assert "have the same error" in verdict(report(0.0, 0.0))
    assert "won" in verdict(report(4.0, 3.98))


@pytest.mark.parametrize(
    "stopping, optimized, winner, attribution",
    [
        # The stopping did it all, the rate nothing.
        (2.0, 2.0, "Keras' rate, same stopping and optimized have the same error, 50.0 "
         "% less than baseline;", "took 50.0 % off the error of baseline; the rate "
         "found changed nothing."),
        # The rate did it all.
        (4.0, 3.0, "optimized won with 25.0 % less error than baseline;",
         "changed nothing; the rate found took 25.0 % off what was left."),
        # Each a part: 0.8 * 0.75 = 0.6 of the error is left.
        (3.2, 2.4, "optimized won with 40.0 % less error than baseline;",
         "took 20.0 % off the error of baseline; the rate found took 25.0 % off what"),
        # The rate that was found harms.
        (2.0, 3.0, "Keras' rate, same stopping won with 50.0 % less error than base",
         "took 50.0 % off the error of baseline; the rate "
         "found came out worse than that by 50.0 %."),
        # The baseline is the best, the next is named.
        (5.0, 8.0, "baseline won with 20.0 % less error than Keras' rate, same",
         "came out worse than baseline by 25.0 %; the rate found came out worse than "
         "that by 60.0 %."),
        (4.0, 4.0, "baseline; Keras' rate, same stopping and optimized have the same "
         "error;", "changed nothing; the rate found changed nothing."),
        (0.0, 0.0, "Keras' rate, same stopping and optimized have the same error, 100",
         "took 100.0 % off the error of baseline; the rate found changed nothing."),
    ],
)  # fmt: skip
def test_the_verdict_says_what_the_stopping_gained_and_what_the_rate(
    stopping, optimized, winner, attribution
):
    text = verdict(report(4.0, optimized, stopping=stopping))
    assert text.startswith(winner)
    assert f"Early stopping with plateaus, at Keras' rate, {attribution}" in text


KEPT = {"epochs_run": 20, "learning_rate": 1e-3, "last_rate": 1e-3, "best_epoch": 20}


@pytest.mark.parametrize(
    ("course", "words", "others"),
    [
        ({}, "Early stopping and plateaus, which had nothing to do,", ("lowered",)),
        ({"last_rate": 2.5e-4}, "A rate lowered to 2.5e-4 on plateaus,",
         ("stop", "weights")),
        ({"epochs_run": 12, "best_epoch": 12}, "A stop after 12 of 20 epochs,",
         ("lowered", "weights")),
        ({"epochs_run": 12, "best_epoch": 2}, "A stop after 12 of 20 epochs, with the "
         "weights of epoch 2,", ("lowered",)),
        ({"best_epoch": 7}, "The weights of epoch 7 in place of the last,",
         ("lowered", "stop")),
        ({"best_epoch": None}, "Early stopping and plateaus, which had nothing to do,",
         ("lowered",)),
    ],
)  # fmt: skip
def test_the_verdict_names_what_happened_and_nothing_else(course, words, others):
    told = report(4.0, 3.0, stopping=3.2, settings={"epochs": 20})
    told["arms"][1] |= KEPT | course
    assert told["arms"][1]["arm"] == "stopping_plateau"
    text = verdict(told).partition("--seed. ")[2]
    assert text.startswith(f"{words} at Keras' rate, took 20.0 % off the error")
    assert not any(word in text for word in others)


@pytest.mark.parametrize("epochs", [1, 2, 5, 8, 10, 20, 100])
def test_epochs_are_whole_numbers_from_one(epochs):
    ax = plot_losses([ROWS[0] | {"watched_losses": list(range(1, epochs + 1))}])
    low, high = ax.get_xlim()
    ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
    assert ticks and all(tick == round(tick) and tick >= 1 for tick in ticks)


def test_every_way_to_train_has_a_row(capsys):
    print_report(report(4.0, 3.0, stopping=3.5), Path("folder"))
    printed = capsys.readouterr().out
    assert "Keras' rate, same stopping" in printed and "3.5" in printed


def test_a_better_forecast_without_a_network_is_named():
    references = {"persistence": 5.0, "ridge": 2.0}
    assert verdict(report(4.0, 3.0, references)).endswith(
        "ridge, without a network, is better than both."
    )
    assert "without a network" not in verdict(report(4.0, 1.0, references))
    assert verdict(report(4.0, 3.0, references, stopping=5.0)).endswith(
        "is better than all of them."
    )


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({}, "12 points before (a year of months)"),
        (
            {"season": None, "season_reason": "the points have no dates"},
            "No seasonal_naive: the points have no dates. Name a season by --season.",
        ),
        ({"noise_variance": 25.0}, "No forecast can be better than 25."),
    ],
)
def test_what_the_table_stands_for_is_said(others, words, capsys):
    print_report(report(4.0, 3.0, {"ridge": 5.0}, **others), Path("folder"))
    printed = capsys.readouterr().out
    assert words in printed and "optimized won" in printed
    assert "1.0 and 1.0 of search" in " ".join(printed.replace("│", "").split())
    assert "Files are in folder" in printed


def test_what_was_decided_of_the_file_is_said(capsys):
    notes = ["dates of 'day' read day first: so rows are in order", "2 gaps"]
    print_report(report(4.0, 3.0, notes=notes), Path("folder"))
    printed = capsys.readouterr().out
    assert "Dates of 'day' read day first: so rows are in order." in printed
    assert "2 gaps.\n" in printed


def test_warnings_go_to_stderr(capsys):
    print_report(report(4.0, 3.0, warnings=["of the sweep"]), Path("folder"))
    assert capsys.readouterr().err == "Warning: of the sweep\n"


@given(LOSSES, st.floats(0, 100))
def test_epochs_to_is_the_first_at_or_below(losses, target):
    found = epochs_to(losses, target)
    if found is None:
        assert all(loss > target for loss in losses)
    else:
        assert losses[found - 1] <= target
        assert all(loss > target for loss in losses[: found - 1])


@given(LOSSES.filter(bool))
def test_late_variance_is_that_of_the_last_ten(losses):
    expected = statistics.pvariance(losses[-10:])
    assert math.isclose(late_variance(losses), expected, rel_tol=1e-6, abs_tol=1e-9)


@given(st.tuples(*[st.floats(0.01, 100)] * 3))
def test_what_two_parts_gain_multiplies_to_what_both_gain(errors):
    names = ("baseline", "stopping_plateau", "optimized")
    found = gains(dict(zip(names, errors, strict=True)))
    left = (1 - found["stopping"]) * (1 - found["rate"])
    assert math.isclose(left, 1 - found["both"], rel_tol=1e-6)
    assert math.isclose(errors[0] * left, errors[2], rel_tol=1e-6)


def test_nothing_is_gained_over_no_error():
    errors = {"baseline": 0.0, "stopping_plateau": 0.0, "optimized": 1.0}
    assert gains(errors) == {"stopping": None, "rate": None, "both": None}


def test_nothing_has_no_variance():
    assert math.isnan(late_variance([]))


def test_curves_are_the_losses_by_epoch():
    ax = plot_losses(ROWS)
    one, two = ax.lines
    np.testing.assert_array_equal(one.get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(two.get_ydata(), [8.0, 3.0])


def test_a_way_to_train_looks_the_same_in_every_figure():
    other = ROWS[1] | {"arm": "stopping_plateau"}
    three = plot_losses([ROWS[0], other, ROWS[1]])
    two = plot_losses(ROWS)
    colors = [[line.get_color() for line in ax.lines] for ax in (three, two)]
    assert [colors[0][0], colors[0][2]] == colors[1]
    assert len(set(colors[0])) == 3
    assert three.lines[1].get_label().startswith("Keras' rate, same stopping, 2e-3")


def test_before_and_after_are_drawn_as_by_lr_finder():
    ours = plot_losses(ROWS).lines
    records = (TrainingRecord({"loss": [2.0, 1.0]}) for _ in range(2))
    theirs = lr_finder.plot_before_after(*records).lines
    for line, other in zip(ours, theirs, strict=True):
        assert line.get_color() == other.get_color()
        assert line.get_linestyle() == other.get_linestyle()


def test_draws_on_the_axes_given():
    ax = Figure().subplots()
    assert plot_losses(ROWS, ax) is ax
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == [
        "baseline, 1e-3: 40 when scored",
        "optimized, 2e-3: 35 when scored",
    ]
