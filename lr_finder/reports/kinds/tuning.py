"""A tuning in a report: what was found, what it cost, and how others did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lr_finder._text import counted
from lr_finder.reports.document import (
    Column,
    Doubts,
    Facts,
    Paragraph,
    Picture,
    Piece,
    Pieces,
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
from lr_finder.results.tuning.tuning_text import RATES, shown_paid

if TYPE_CHECKING:
    from lr_finder.results.tuning.tuning import Tuning

MOST_TRIALS = 10  # in the table of the best
HEADINGS = {"method": "Method", "n": "Seeds", "trials": "Trials", "pruned": "Given up",
            "diverged": "Diverged", "paid": "Trainings paid",
            "paid_until_best": "Until the best", "loss": "Validation loss",
            "sd": "± sd", "test_loss": "Test loss"}  # fmt: skip
GUIDE = (
    "Trials were judged by the lowest validation loss of an epoch. The best of many "
    "looks better than it is: the test loss of the same weights decided nothing."
)
COST = (
    "Costs are steps of trainings with the usual batch size; sweeps, short trainings "
    "and trials that failed count."
)


def summarize(tuning: Tuning) -> Summary:
    """What a tuning says.

    Args:
        tuning: Tuning.

    Returns:
        Summary.
    """
    told, about = tuning.to_dict(), dict(tuning.about)
    answer, *further = told["sentences"]
    doubts = doubts_of(about)
    return Summary(
        "tuning",
        title_of("Tuning", {"source": tuning.name} | about),
        (f"{answer[:1].upper()}{answer[1:]}.",),
        (
            section(
                "paid", "What was found, and what it cost",
                Picture("tuning", "Best validation loss against the trainings paid"),
                Points(tuple(f"{one[:1].upper()}{one[1:]}." for one in further))
                if further else None,
                Paragraph((COST,)),
            ),
            _methods(told),
            _trials(tuning),
            section("space", "What was searched", Facts(_space(tuning))),
            section(
                "warnings", "Warnings, and what to do",
                Doubts(tuple(doubts)) if doubts else None,
            ),
            data_section(about, str(about.get("model", ""))),
            how_it_was_made(about, about, *_settings(tuning)),
            raw_data(told, [("trials.csv", "each trial", tuning.to_frame())]),
        ),
        told,
    )  # fmt: skip


def draw(tuning: Tuning) -> dict[str, Draw]:
    """The figures of a tuning, by the names that its summary has for them."""
    return {"tuning": lambda ax: tuning.plot(ax)}


def _methods(told: Mapping[str, Any]) -> Section:
    """The methods, best first."""
    rows = told["summary"]
    keys = [key for key in HEADINGS if key != "sd" or any(row["sd"] for row in rows)]
    columns = tuple(Column(key, HEADINGS[key], key != "method") for key in keys)
    cells = tuple(
        tuple(str(row[key]) if key == "method" else number(row[key], 4) for key in keys)
        for row in rows
    )
    return section(
        "methods", "The methods", Table("summary", columns, cells, GUIDE, marked=0)
    )


def _trials(tuning: Tuning) -> Section:
    """The best trials."""
    frame = tuning.to_frame().sort_values("loss", kind="stable").head(MOST_TRIALS)
    names = list(tuning.space)
    columns = (
        Column("method", "Method"),
        *(Column(name, name, True) for name in names),
        Column("status", "Outcome"), Column("loss", "Validation loss", True),
        Column("test_loss", "Test loss", True), Column("paid", "Trainings paid", True),
    )  # fmt: skip
    rows = tuple(
        tuple(_cell(column.key, row[column.key]) for column in columns)
        for row in frame.to_dict("records")
    )
    most = counted(len(tuning.trials), "trial")
    caption = (
        f"The best {len(rows)} of {most}." if len(frame) < len(tuning.trials) else ""
    )
    table = Table("best_trials", columns, rows, caption, marked=0)
    return section("trials", "The best trials", table)


def _cell(key: str, value: Any) -> Piece:
    if key in RATES:
        return rate(float(value))
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return str(value)


def _space(tuning: Tuning) -> tuple[tuple[str, Pieces], ...]:
    """The range or the choices of each name."""
    rows: list[tuple[str, Pieces]] = []
    for name, one in tuning.space.items():
        if "low" in one:
            shown = rate if name in RATES else number
            rows.append((name, (shown(one["low"]), " to ", shown(one["high"]))))
        else:
            rows.append((name, (", ".join(map(str, one["choices"])),)))
    return tuple(rows)


def _settings(tuning: Tuning) -> list[tuple[str, Piece]]:
    """What all trials had in common."""
    about = tuning.about
    rows: list[tuple[str, Piece]] = [
        ("Budget", f"{shown_paid(tuning.budget)} trainings of "
                   f"{tuning.training_steps:,} steps"),
        ("Seeds", ", ".join(map(str, tuning.seeds))),
    ]  # fmt: skip
    for name, key in (("Epochs", "epochs"), ("Batch size", "batch_size")):
        if about.get(key) is not None:
            rows.append((name, number(about[key])))
    return rows
