import io

import pytest
from rich.console import Console

from lr_finder.cli import app
from lr_finder.cli.shared.summary import print_rate, print_summary, print_warnings
from lr_finder.cli.shared.wording import words_of

REPORT = {
    "source": "prices [1].csv",
    "kind": "tabular",
    "kind_reason": "no column of dates",
    "data": "80 rows",
    "device": "NVIDIA H200",
    "model": "mlp, 100 parameters; Adam on mse",
    "notes": ["2 columns dropped"],
    "stop_reason": "diverged",
    "points": 150,
    "repeats": 3,
    "suggestion": {
        "lr": 2e-3, "low": 1e-3, "high": 4e-3, "method": "window",
        "warnings": ["noisy: much noise; use larger batches"],
    },
    "verification": {
        "table": [
            {"lr": 4e-3, "rung": 1, "steps": 9, "loss": None, "status": "diverged"},
            {"lr": 2e-3, "rung": 1, "steps": 20, "loss": 0.75, "status": "kept"},
            {"lr": 2e-3, "rung": 2, "steps": 50, "loss": 0.5, "status": "winner"},
        ],
        "stability": {
            "lr": 4e-3, "steps": 9, "has_diverged": True, "loss_ratio": None,
        },
        "steps": 59,
        "budget_steps": 1000,
    },
    "other_rules": {"valley": 1.5e-3, "slide": None},
    "training": {
        "learning_rate": 2e-3, "epochs": 9, "best_epoch": 7, "best_val_loss": 0.25,
        "lowered_to": 6e-4,
    },
    "files": {"sweep.npz": "a/long/" + 9 * "folder/" + "sweep.npz"},
}  # fmt: skip


def printed(report):
    text = io.StringIO()
    print_summary(report, Console(file=text, width=80))
    return [" ".join(line.split()) for line in text.getvalue().splitlines()]


@pytest.mark.parametrize(
    "line",
    [
        "prices [1].csv",
        "kind tabular: no column of dates",
        "data 80 rows",
        "device NVIDIA H200",
        "model mlp, 100 parameters; Adam on mse",
        "note 2 columns dropped",
        "sweep 150 batches in each of 3 repeats. The loss diverged.",
        "Suggested learning rate: 2e-3",
        "between 1e-3 and 4e-3, by the rule window",
        "Warning: noisy: much noise; use larger batches",
        "2e-3 50 0.5 winner",
        "4e-3 9 diverged",
        "59 steps for a training of 1000",
        "twice the rate: diverged at 4e-3 within 9 steps",
        "valley 1.5e-3 middle of the longest decreasing subsequence",
        "slide none lower end of the interval whose ends differ in slope",
        "Best validation loss: 0.25",
        "in epoch 7 of 9, trained from learning rate 2e-3 on, which was lowered to "
        "6e-4",
        REPORT["files"]["sweep.npz"],
    ],
)
def test_says(line):
    assert line in printed(REPORT)


def test_a_verification_of_too_few_steps_says_so():
    stability = {"lr": 4e-3, "steps": 2, "has_diverged": False, "loss_ratio": None}
    answer = {"lr": 1e-3, "rung": 3, "steps": 1, "loss": 1.114, "status": "answer"}
    found = REPORT["verification"] | {
        "table": [*REPORT["verification"]["table"], answer],
        "budget_steps": 55, "coming_steps": 45, "stability": stability,
    }  # fmt: skip
    with words_of(app, ["find"]):
        lines = " ".join(printed(REPORT | {"verification": found}))
    assert "a training of 55, the fewest that can compare rates; yours" in lines
    assert "only 2 steps left for 4e-3, too few to tell whether" in lines
    assert "1e-3 1 answer, too few steps to compare" in lines
    assert "2e-3 50 0.5 winner" in lines and "4e-3 9 diverged" in lines
    assert "give more --budget-steps" in lines and "stable at" not in lines


def test_keeps_silent_on_what_is_not_there():
    report = {"source": "a.csv", "stop_reason": "completed", "points": 9}
    assert printed(report) == [
        "a.csv",
        "sweep 9 batches. The sweep reached its last learning rate.",
    ]


def test_kind_that_was_asked_for_needs_no_reason():
    assert "kind tabular" in printed(REPORT | {"kind_reason": ""})


def test_rate_alone(capsys):
    print_rate(REPORT)
    print_rate({"error": {}})
    assert capsys.readouterr().out == "0.002\n"


def test_warnings_alone(capsys):
    print_warnings(REPORT)
    print_warnings({"error": {}})
    out, err = capsys.readouterr()
    assert (out, err) == ("", "Warning: noisy: much noise; use larger batches\n")


def test_doubts_of_the_data_are_warnings(capsys):
    notes = ["warning: y = a: this column gives the target away", "2 columns dropped"]
    report = REPORT | {"notes": notes}
    assert "warning y = a: this column gives the target away" in printed(report)
    assert "note 2 columns dropped" in printed(report)
    print_warnings(report)
    assert capsys.readouterr().err.splitlines() == [
        "Warning: y = a: this column gives the target away",
        "Warning: noisy: much noise; use larger batches",
    ]


def test_rules_that_say_nothing_are_not_listed():
    silent = REPORT | {"other_rules": {"valley": None, "slide": None}}
    assert not any("rules" in line or "none" in line for line in printed(silent))
    told = REPORT | {"other_rules": {"textbook": 1e-3}}
    assert "textbook 1e-3 for comparison only" in printed(told)


def test_piped_lines_are_long_and_end_without_blanks(capsys):
    note = "word " * 19 + "end"
    print_summary(REPORT | {"notes": [note]})
    lines = capsys.readouterr().out.splitlines()
    assert lines == [line.rstrip() for line in lines]
    assert any(note in " ".join(line.split()) for line in lines if "end" in line)


def test_it_is_told_why_a_training_has_fewer_epochs():
    ending = "stopped by Ctrl-C in epoch 3 of 200"
    training = REPORT["training"] | {"ending": ending, "best_val_loss": None}
    lines = printed(REPORT | {"training": training})
    assert ending in lines and "Best validation loss: none finite" in lines


def test_schedule_and_cuts_of_a_training_are_told():
    cut = {"epoch": 2, "step": 1300, "lr": 2e-3, "new_lr": 2e-3 / 3}
    own = {"learning_rate": 1e-3, "best_val_loss": 0.3, "best_epoch": 2, "epochs": 9,
           "is_same": False, "cuts": [cut | {"epoch": 5}]}  # fmt: skip
    training = REPORT["training"] | {"lowered_to": None, "schedule": "wsd"}
    lines = printed(REPORT | {"training": training | {"cuts": [cut]}})
    text = " ".join(lines)
    assert "trained from learning rate 2e-3 on, with schedule wsd" in text
    went_back = "the loss drifted back; went back and lowered the rate 2e-3 to 6.7e-4"
    assert f"epoch 2, step 1300: {went_back}" in text
    both = " ".join(printed(REPORT | {"training": training | {"against_default": own}}))
    assert f"epoch 5, step 1300: {went_back}" in both
