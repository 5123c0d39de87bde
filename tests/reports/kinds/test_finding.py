"""What a parser reads from the page of a finding is what `to_dict()` holds."""

import dataclasses

from lr_finder.reports.kinds.finding import summarize

ORDER = [
    "The sweep", "What other rules say", "Short trainings",
    "Training against the compiled rate", "Warnings, and what to do",
    "Data and model", "What was put back", "How it was made", "Raw data",
]  # fmt: skip


def test_rate_window_and_interval_are_exact(finding, page_of):
    numbers, told = page_of(finding).numbers, finding.to_dict()["suggestion"]
    assert {name: numbers[name] for name in ("lr", "low", "high")} == {
        name: told[name] for name in ("lr", "low", "high")
    }
    assert numbers["window-low"] == told["window"]["low"]
    assert numbers["window-high"] == told["window"]["high"]
    assert numbers["compiled"] == told["compiled"]["rate"]


def test_its_tables_are_those_of_to_dict(finding, page_of):
    page, told = page_of(finding), finding.to_dict()
    rules = {row["rule"]: row["rate"] for row in page.table("other_rules")}
    assert rules == {
        name: "none" if rate is None else rate
        for name, rate in told["other_rules"].items()
    }
    shown = page.table("table")
    assert shown == [
        {name: "" if value is None else value for name, value in row.items()}
        for row in told["verification"]["table"]
    ]
    training, own = page.table("training"), told["training"]["against_default"]
    for row, expected in zip(training, (told["training"], own), strict=True):
        names = ("learning_rate", "best_val_loss", "best_epoch", "epochs")
        assert {n: row[n] for n in names} == {n: expected[n] for n in names}


def test_it_says_things_in_the_order_of_a_reader(finding, page_of):
    assert page_of(finding).headings == ORDER


def test_how_it_was_made_is_all_there(finding, page_of):
    page, metadata = page_of(finding), finding.sweep.metadata
    for name in ("lr_finder", "device"):
        assert str(metadata[name]) in page.text
    assert page.numbers["seed"] == metadata["seed"]
    assert f"{metadata['keras']}, on JAX" in page.text
    assert finding.about["command"] in page.text
    assert "epoch 2, step 15: the loss drifted back" in page.text


def test_without_a_suggestion_it_says_why(no_finding, page_of):
    page = page_of(no_finding)
    assert "No learning rate can be suggested." in page.text
    assert str(no_finding.error) in page.text
    assert "lr" not in page.numbers


def test_it_says_what_became_of_the_model(finding):
    def said(each):
        return summarize(each).section("put-back").blocks[0].parts[0]

    assert "The training then changed the model" in said(finding)
    swept = dataclasses.replace(finding, training=None, verification=None)
    assert said(swept).startswith("The sweep left the model as it was")


def test_an_answer_that_trainings_moved_keeps_that_of_the_sweep(finding, verification):
    moved = dataclasses.replace(
        verification.suggestion, lr=1.5 * verification.lr, high=3 * verification.high
    )
    moved = dataclasses.replace(verification, suggestion=moved)
    told = summarize(dataclasses.replace(finding, verification=moved))
    facts = dict(told.section("sweep").blocks[1].rows)
    assert facts["Interval"][0].value == finding.swept.low
    assert facts["Interval"][-1].value == finding.swept.lr
    assert told.answer[1].value == moved.lr
