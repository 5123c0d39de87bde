"""A stability study in a report: which runs are lost, at which rates, and where."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lr_finder._text import format_rate
from lr_finder.reports.document import (
    Column,
    Doubts,
    Number,
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
from lr_finder.reports.kinds import sweep
from lr_finder.reports.kinds.raw_data import raw_data
from lr_finder.reports.kinds.run_facts import how_it_was_made

if TYPE_CHECKING:
    from lr_finder.results.stability.result import StabilityResult

GUIDE = (
    "The loss is that of the training rows at the end, averaged over the seeds, each "
    "at the rate that is best for the other seeds. A difference counts if its p, "
    "adjusted for all comparisons (Holm), is below 0.05."
)
MEANING = (
    "A run diverged if a loss is not finite, or if it ends above twice the loss that "
    "it began with. It got stuck if it ends no lower than 0.9 of the loss of the best "
    "constant guess. Both are lost. The interval of a share is Wilson's, of 95 %."
)
RATES = {"learning_rate", "stable_rate", "highest_rate", "best_rate"}


def summarize(study: StabilityResult) -> Summary:
    """What a stability study says.

    Args:
        study: StabilityResult.

    Returns:
        Summary.
    """
    about = dict(study.about)
    told: dict[str, Any] = {
        name: about[name] for name in ("source", "notes") if name in about
    }
    told |= study.to_dict()
    counts, best, *rest = told["sentences"]
    seeds = ", ".join(map(str, sorted(set(study.runs["seed"]))))
    epochs = study.runs["max_epochs"].max()
    settings: list[tuple[str, Piece]] = [("Seeds", seeds)]
    if epochs == epochs:  # not nan
        settings.append(("Epochs", f"{int(epochs)}"))
    device = ", ".join(sorted(set(study.runs["device"].dropna()) - {""}))
    return Summary(
        "stability",
        sweep.title_of("Stability", {"source": study.name} | about),
        (f"{best}.",),
        (
            section(
                "limits", "Up to which rate", _limits(told),
                Picture("stability", "Final loss against the rate, and runs lost"),
            ),
            section(
                "says", "What the study says",
                Points(tuple(f"{each}." for each in rest)) if rest else None,
            ),
            section("shares", "How runs end at each rate", _shares(told)),
            _doubts(told),
            sweep.data_section(about, ", ".join(study.runs["model"].unique())),
            how_it_was_made(about, about | {"device": device}, *settings),
            raw_data(told, [
                ("runs.csv", "each run", study.runs),
                ("epochs.csv", "each epoch of each run", study.epochs),
            ]),
        ),
        told,
        (f"{counts}.",),
    )  # fmt: skip


def draw(study: StabilityResult) -> dict[str, sweep.Draw]:
    """The figure of a study, by the name that its summary has for it."""
    return {"stability": lambda ax: study.plot(ax)}


def _limits(told: Mapping[str, Any]) -> Table:
    """The variants, the one that ends lowest first."""
    columns = [
        Column("rank", "Rank", True), Column("variant", "Variant"),
        Column("highest_rate", "Converges up to", True),
        Column("stable_rate", "2 / curvature", True),
        Column("best_rate", "Best rate", True), Column("loss", "Final loss", True),
        Column("loss_low", "95 % from", True), Column("loss_high", "to", True),
        Column("p_holm", "p (Holm)", True), Column("n", "Seeds", True),
    ]  # fmt: skip
    return _table("limits", columns, told["limits"], GUIDE, marked=0)


def _shares(told: Mapping[str, Any]) -> Table:
    """The outcomes of each variant at each rate."""
    columns = [
        Column("variant", "Variant"), Column("learning_rate", "Rate", True),
        Column("n_converged", "Converged", True), Column("n_stuck", "Stuck", True),
        Column("n_diverged", "Diverged", True), Column("lost", "Lost (%)", True),
        Column("lost_low", "95 % from", True), Column("lost_high", "to", True),
        Column("loss", "Final loss", True),
    ]  # fmt: skip
    if any(row["n_failed"] for row in told["shares"]):
        columns.insert(5, Column("n_failed", "Failed", True))
    return _table("shares", columns, told["shares"], MEANING)


def _table(
    name: str,
    columns: list[Column],
    rows: list[dict[str, Any]],
    caption: str,
    marked: int | None = None,
) -> Table:
    cells = tuple(tuple(_cell(row, each.key) for each in columns) for row in rows)
    return Table(name, tuple(columns), cells, caption, marked)


def _cell(row: Mapping[str, Any], key: str) -> Piece:
    """A cell: the exact number, and how a person reads it."""
    value = row[key]
    if key == "learning_rate" and row["rate"] == "found" and value is not None:
        return Number(value, f"found, {format_rate(value)}")
    if key in RATES:
        return rate(value, missing="")
    if key.startswith("lost") and value is not None:
        return Number(value, f"{100 * value:.0f}")
    if isinstance(value, float) and not math.isfinite(value):
        return Number(None, "")
    is_number = isinstance(value, int | float) or value is None
    return number(value, 3) if is_number else str(value)


def _doubts(told: Mapping[str, Any]) -> Section:
    """Runs that failed, and doubts about the data."""
    doubts = [("failed", text) for text in told["failures"]]
    doubts += sweep.doubts_of(told)
    found = Doubts(tuple(doubts)) if doubts else None
    return section("warnings", "Warnings, and what to do", found)
