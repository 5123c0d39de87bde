"""A deployment in a report: when the model failed, who told, what training bought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lr_finder._text import counted
from lr_finder.reports.document import (
    Column,
    Doubts,
    Paragraph,
    Picture,
    Piece,
    Points,
    Section,
    Summary,
    Table,
    number,
    rate,
    section,
)
from lr_finder.reports.kinds.raw_data import raw_data
from lr_finder.reports.kinds.run_facts import how_it_was_made
from lr_finder.reports.kinds.sweep import Draw, data_section, doubts_of, title_of

if TYPE_CHECKING:
    from lr_finder.results.drift.deployment import DriftReport

MOST_TRAININGS = 20  # in the table
HEADINGS = {"policy": "Trained again", "error": "Error", "error_after": "Error later",
            "alarms": "Alarms", "delay": "Delay", "false_alarms": "False alarms",
            "trainings": "Trainings", "paid": "Cost",
            "recovery": "Recovery"}  # fmt: skip
GUIDE = (
    "Each row was predicted before anything was learnt from it. The error of a "
    "classification is the share of wrong answers; that of a regression is absolute, "
    "in the unit of the target. Error later: from the drift, or the failing, on. Delay "
    "and recovery: rows from there to the first alarm, and until the error is back. "
    "False alarms: those that no drift explains. Cost: in trainings over the rows "
    "before deployment, sweeps included."
)
READ = (
    "Triangles are alarms, squares are trainings, in a lane for each policy. Alarms of "
    "the policy that never trains show whether a person would have been warned."
)


def summarize(report: DriftReport) -> Summary:
    """What a deployment says.

    Args:
        report: DriftReport.

    Returns:
        Summary.
    """
    told, about = report.to_dict(), dict(report.about)
    answer, *further = (f"{one[:1].upper()}{one[1:]}." for one in told["sentences"])
    doubts = doubts_of(about)
    return Summary(
        "drift",
        title_of("Deployment", {"source": report.name} | about),
        (answer,),
        (
            section(
                "deployment", "What happened after the deployment",
                Picture("deployment", "Error over time, with alarms and trainings"),
                Points(tuple(further)), Paragraph((READ,)),
            ),
            _policies(told),
            _trainings(report),
            section(
                "warnings", "Warnings, and what to do",
                Doubts(tuple(doubts)) if doubts else None,
            ),
            data_section(about, str(about.get("model", ""))),
            how_it_was_made(about, about, *_settings(report)),
            raw_data(
                {name: value for name, value in told.items() if name != "levels"},
                [("levels.csv", "mean error of each block", report.levels())],
            ),
        ),
        told,
    )  # fmt: skip


def draw(report: DriftReport) -> dict[str, Draw]:
    """The figures of a deployment, by the names that its summary has for them."""
    return {"deployment": lambda ax: report.plot(ax)}


def _policies(told: Mapping[str, Any]) -> Section:
    """What each policy came to."""
    rows = told["summary"]
    keys = [
        key for key in HEADINGS if any(row[key] is not None for row in rows)
    ]  # fmt: skip
    columns = tuple(Column(key, HEADINGS[key], key != "policy") for key in keys)
    cells = tuple(tuple(_cell(key, row[key]) for key in keys) for row in rows)
    table = Table("summary", columns, cells, GUIDE)
    return section("policies", "The policies", table)


def _trainings(report: DriftReport) -> Section:
    """The trainings after the deployment, the first of them."""
    frame = report.trainings()
    if frame.empty:
        return section("trainings", "The trainings", None)
    columns = (
        Column("policy", "Policy"), Column("when", "When"),
        Column("rows", "Rows", True), Column("learning_rate", "Rate", True),
        Column("steps", "Steps", True), Column("sweep_steps", "Steps of sweeps", True),
        Column("message", "What went wrong"),
    )  # fmt: skip
    rows = tuple(
        (str(row["policy"]), report.time_of(int(row["at"])), number(row["rows"]),
         rate(float(row["learning_rate"])), number(row["steps"]),
         number(row["sweep_steps"]), str(row["message"]))
        for row in frame.head(MOST_TRAININGS).to_dict("records")
    )  # fmt: skip
    caption = ""
    if len(frame) > MOST_TRAININGS:
        caption = f"The first {MOST_TRAININGS} of {counted(len(frame), 'training')}."
    table = Table("trainings", columns, rows, caption)
    return section("trainings", "The trainings", table)


def _cell(key: str, value: Any) -> Piece:
    if value is None:
        return "–"
    return str(value) if key == "policy" else number(value, 4)


def _settings(report: DriftReport) -> list[tuple[str, Piece]]:
    """What all trainings had in common."""
    about = report.about
    rows: list[tuple[str, Piece]] = [
        ("First training", f"{report.training_steps:,} steps")
    ]
    for name, key in (("Monitor", "monitor"), ("Seed", "seed"), ("Epochs", "epochs"),
                      ("Batch size", "batch_size")):  # fmt: skip
        value = about.get(key)
        if value is not None:
            rows.append((name, value if isinstance(value, str) else number(value)))
    if about.get("learning_rate"):
        rows.append(("Learning rate", rate(float(about["learning_rate"]))))
    return rows
