"""What the command says of its figures."""

from pathlib import Path

import pytest

from time_series.summary import print_report, verdict


def report(baseline, optimized, references=None, **others):
    arms = [
        {"arm": name, "validation_mse": error, "learning_rate": 1e-3, "epochs_run": 3,
         "seconds": 1.0, "search_seconds": float(name == "optimized")}
        for name, error in (("baseline", baseline), ("optimized", optimized))
    ]  # fmt: skip
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


def test_a_better_forecast_without_a_network_is_named():
    references = {"persistence": 5.0, "ridge": 2.0}
    assert verdict(report(4.0, 3.0, references)).endswith(
        "ridge, without a network, is better than both."
    )
    assert "without a network" not in verdict(report(4.0, 1.0, references))


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
