"""Several models that were swept on the same data, in one report."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pandas as pd

from lr_finder._text import counted
from lr_finder.reports.document import (
    Column,
    Doubts,
    Picture,
    Piece,
    Pieces,
    Points,
    Section,
    Summary,
    Table,
    number,
    pieces,
    rate,
    section,
)
from lr_finder.reports.kinds import sweep
from lr_finder.reports.kinds.raw_data import raw_data
from lr_finder.reports.kinds.run_facts import how_it_was_made
from lr_finder.results.finding import Finding

COLUMNS = (
    Column("name", "Model"), Column("optimizer", "Optimizer"),
    Column("parameters", "Parameters", True), Column("lr", "Rate", True),
    Column("low", "Interval from", True), Column("high", "to", True),
    Column("best_val_loss", "Best validation loss", True),
)  # fmt: skip


@dataclasses.dataclass(frozen=True, eq=False)
class FoundModels:
    """What was found for each of several models.

    Args:
        findings: mapping of label -> Finding.
        failed: mapping of label -> str, why a model has none.
    """

    findings: Mapping[str, Finding]
    failed: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON takes it."""
        models = [
            {"name": label} | {k: v for k, v in each.to_dict().items() if k != "files"}
            for label, each in self.findings.items()
        ]
        lost = [
            {"name": name, "error": {"message": text}}
            for name, text in self.failed.items()
        ]
        return {"models": models + lost}


def summarize(found: FoundModels) -> Summary:
    """What the sweeps of several models say.

    Args:
        found: FoundModels.

    Returns:
        Summary.
    """
    told = found.to_dict()
    first = next(iter(found.findings.values()), None)
    about = {} if first is None else dict(first.about)
    metadata: Mapping[str, Any] = {} if first is None else first.sweep.metadata
    return Summary(
        "models",
        sweep.title_of("Learning rates of several models", about),
        _answer(found),
        (
            _models(told),
            section("sweep", "The sweeps", Picture("sweeps", "All sweeps, scaled"))
            if found.findings
            else section("sweep", "The sweeps"),
            _reasons(told),
            _doubts(told),
            sweep.data_section(about, ""),
            how_it_was_made(metadata, about),
            raw_data(
                told, [("sweeps.csv", "each batch of each model", _curves(found))]
            ),
        ),
        told,
    )  # fmt: skip


def draw(found: FoundModels) -> dict[str, sweep.Draw]:
    """The figure of several models."""
    from lr_finder.plots.sweep_overlay import plot_sweeps

    results = {label: each.sweep for label, each in found.findings.items()}
    suggestions = {label: each.suggestion for label, each in found.findings.items()}
    if not results:
        return {}
    return {"sweeps": lambda ax: plot_sweeps(results, ax, suggestions=suggestions)}


def _answer(found: FoundModels) -> Pieces:
    """How many models have a rate, and which."""
    rates: list[Piece] = []
    for label, each in found.findings.items():
        if each.suggestion is not None:
            rates += [", " if rates else "", rate(each.suggestion.lr), f" for {label}"]
    models = counted(len(found.findings) + len(found.failed), "model")
    if not rates:
        return pieces(f"{models}: no learning rate can be suggested for any.")
    return pieces(f"{models}. Train with a learning rate of ", *rates, ".")


def _models(told: Mapping[str, Any]) -> Section:
    """A row for each model."""
    rows = tuple(map(_row, told["models"]))
    kept = [
        i for i, column in enumerate(COLUMNS)
        if column.key == "lr" or any(str(row[i]) for row in rows)
    ]  # fmt: skip
    columns = tuple(COLUMNS[i] for i in kept)
    cells = tuple(tuple(row[i] for i in kept) for row in rows)
    return section("models", "The models", Table("models", columns, cells))


def _row(model: Mapping[str, Any]) -> tuple[Piece, ...]:
    suggestion, training = model.get("suggestion") or {}, model.get("training") or {}
    return (
        model["name"], str(model.get("optimizer") or ""),
        number(model.get("parameters")), rate(suggestion.get("lr")),
        rate(suggestion.get("low"), missing=""),
        rate(suggestion.get("high"), missing=""),
        number(training.get("best_val_loss")),
    )  # fmt: skip


def _reasons(told: Mapping[str, Any]) -> Section:
    """Why each rate is what it is."""
    texts = []
    for model in told["models"]:
        suggestion = model.get("suggestion") or {}
        error = (model.get("error") or {}).get("message")
        compared = (suggestion.get("compiled") or {}).get("compared")
        for text in filter(None, [suggestion.get("why"), compared, error]):
            texts.append(f"{model['name']}: {text}")
    return section("reasons", "Why", Points(tuple(texts)) if texts else None)


def _doubts(told: Mapping[str, Any]) -> Section:
    """The warnings of every model; those of the data once."""
    doubts: dict[tuple[str, str], None] = {}
    for model in told["models"]:
        for kind, text in sweep.doubts_of(model):
            name = kind if kind == "data" else f"{model['name']}, {kind}"
            doubts[name, text] = None
    found = Doubts(tuple(doubts)) if doubts else None
    return section("warnings", "Warnings, and what to do", found)


def _curves(found: FoundModels) -> pd.DataFrame:
    """All sweeps in one tidy table."""
    frames = [
        each.sweep.to_frame().assign(model=label)
        for label, each in found.findings.items()
    ]
    return pd.concat(frames) if frames else pd.DataFrame()
