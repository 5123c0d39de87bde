"""A verification in a report: what each rate did in short trainings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lr_finder._text import counted
from lr_finder.reports.document import (
    Column,
    Facts,
    Paragraph,
    Picture,
    Piece,
    Section,
    Summary,
    Table,
    number,
    rate,
    section,
)
from lr_finder.reports.kinds.raw_data import raw_data
from lr_finder.reports.kinds.run_facts import PUT_BACK, how_it_was_made
from lr_finder.reports.kinds.sweep import Draw, answer, doubts_section, further
from lr_finder.results.verification import Stability, VerifiedSuggestion, steps_spent

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    Column("lr", "Rate", True), Column("rung", "Rung", True),
    Column("steps", "Steps", True), Column("loss", "Training loss", True),
    Column("validation_loss", "Validation loss", True), Column("status", "Outcome"),
)  # fmt: skip
RESULTS = ("winner", "answer")  # the rows that stand out, the later one first
CAPTION = (
    "After each rung, the better rates train on. Training loss: halfway between the "
    "mean of the losses so far and the median of the last third of them."
)
LEFT = f"The short trainings left the model as it was: {PUT_BACK}."
NO_LOSSES = (
    "The losses of single steps were not kept by the version that wrote this run, so "
    "there is no figure."
)


def summarize(result: VerifiedSuggestion) -> Summary:
    """What a verification says.

    Args:
        result: VerifiedSuggestion.

    Returns:
        Summary.
    """
    told = result.to_dict()
    return Summary(
        "verification",
        "Learning rate, verified by short trainings",
        answer(told),
        (
            verification_section(told, has_losses=bool(result.losses)),
            doubts_section(told),
            section("put-back", "What was put back", Paragraph((LEFT,))),
            how_it_was_made(result.metadata, {}),
            raw_data(told, tables(result)),
        ),
        told,
        further(told),
    )  # fmt: skip


def draw(result: VerifiedSuggestion) -> dict[str, Draw]:
    """The figures of a verification, by the names that its summary has for them."""
    if not result.losses:
        return {}
    return {"verification": lambda ax: result.plot(ax)}


def tables(result: VerifiedSuggestion) -> list[tuple[str, str, pd.DataFrame]]:
    """The measured numbers of a verification, as `raw_data` takes them."""
    return [
        ("verification.csv", "each rate and rung", result.to_frame()),
        ("verification_losses.csv", "loss of each step", result.losses_frame()),
    ]


def verification_section(found: Mapping[str, Any], *, has_losses: bool) -> Section:
    """The short trainings: table, steps, stability, picture.

    Args:
        found: mapping, as `VerifiedSuggestion.to_dict()` gives it.
        has_losses: bool, whether the losses of single steps are known.

    Returns:
        Section.
    """
    spent = steps_spent(found)
    rows: list[tuple[str, tuple[Piece, ...]]] = [("Steps", (spent,))]
    if found.get("stability") is not None:
        stability = str(Stability(**found["stability"]))
        rows.append(("Twice the rate", (stability,)))
    alt = "Loss over the steps of each short training"
    picture = Picture("verification", alt) if has_losses else Paragraph((NO_LOSSES,))
    return section(
        "verification", "Short trainings", _table(found["table"]), Facts(tuple(rows)),
        picture,
    )  # fmt: skip


def _table(found: list[dict[str, Any]]) -> Table:
    """A row for each rate and rung; a column without a value is left out."""
    kept = [
        column
        for column in COLUMNS
        if column.key != "validation_loss"
        or any(row["validation_loss"] is not None for row in found)
    ]
    rows = tuple(tuple(_cell(row, column.key) for column in kept) for row in found)
    outcomes = [row["status"] for row in found]
    name = RESULTS[1] if RESULTS[1] in outcomes else RESULTS[0]
    marked = outcomes.index(name) if name in outcomes else None
    rates = counted(len({row["lr"] for row in found}), "rate")
    return Table("table", tuple(kept), rows, f"{rates} tried. {CAPTION}", marked)


def _cell(row: Mapping[str, Any], key: str) -> Piece:
    if key == "status":
        return str(row[key])
    if key == "lr":
        return rate(row[key])
    return number(row[key])
