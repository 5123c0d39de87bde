"""A training in a report: how it went, alone or beside one at the compiled rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from lr_finder._text import counted
from lr_finder.analysis.training.pattern_definitions import pattern_of
from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.plots.training.learning_rates import plot_learning_rates
from lr_finder.plots.training.losses import plot_losses
from lr_finder.plots.training.overview import patterns_of
from lr_finder.plots.training.stability import plot_gradient_norms, plot_update_ratios
from lr_finder.reports.document import (
    Column,
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
    pieces,
    rate,
    section,
)
from lr_finder.reports.kinds.raw_data import raw_data
from lr_finder.reports.kinds.run_facts import how_it_was_made
from lr_finder.reports.kinds.sweep import Draw
from lr_finder.results.training import Cut, TrainingOutcome
from lr_finder.schedules.named import IN_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

FOUND, OWN = "the rate found", "the rate that the model was compiled with"
ONCE = "one training at each rate, from the same weights and on the same batches"
PLOTS: dict[str, tuple[str, Callable[..., Axes]]] = {
    "training": ("Loss over the batches of the training", plot_losses),
    "rates": ("Learning rate over the batches", plot_learning_rates),
    "gradients": ("Norm of each layer's gradient", plot_gradient_norms),
    "updates": ("Update of each layer by its weights", plot_update_ratios),
}
NO_BATCHES = (
    "The losses of single batches were not kept by the version that wrote this run, so "
    "there is no figure."
)


def summarize(result: TrainingOutcome | TrainingRecord) -> Summary:
    """What a training says.

    Args:
        result: TrainingOutcome or TrainingRecord.

    Returns:
        Summary.

    Example:
    >>> record = TrainingRecord({"loss": [3.0, 2.0, 1.0]}, {"val_loss": [1.5]})
    >>> summarize(record).answer
    ('3 batches in 1 epoch: the training loss ends at 1, the validation loss at 1.5.',)
    """
    if isinstance(result, TrainingRecord):
        return _of_record(result)
    told = result.to_dict()
    return Summary(
        "training",
        "Training",
        (f"{_first_up(result.comparison)}.",),
        (
            training_section(told, result),
            how_it_was_made({}, {}),
            raw_data(told, tables(result)),
        ),
        told,
    )


def draw(result: TrainingOutcome | TrainingRecord) -> dict[str, Draw]:
    """The figures of a training, by the names that its summary has for them."""
    record = result if isinstance(result, TrainingRecord) else result.record
    if not len(record.losses):
        return {}
    if isinstance(result, TrainingOutcome):
        return {"training": lambda ax: result.plot(ax)}
    return {
        name: _drawn(plot, record)
        for name, (_, plot) in PLOTS.items()
        if name in _recorded(record)
    }


def _recorded(record: TrainingRecord) -> list[str]:
    """The figures that a record has the numbers for."""
    names = ["training"] * (len(record.losses) > 0)
    names += ["rates"] * ("learning_rate" in record.batches)
    return names + ["gradients", "updates"] * (record.layers is not None)


def _drawn(plot: Callable[..., Axes], record: TrainingRecord) -> Draw:
    return lambda ax: plot(record, ax)


def _of_record(record: TrainingRecord) -> Summary:
    """What was recorded of a training that nobody asked a rate for."""
    ends = {
        name: float(values[-1]) for name, values in record.epochs.items() if len(values)
    }
    told = {
        "batches": len(record.losses),
        "epochs": len(record.epoch_ends()),
        "last": ends,
        "patterns": [each.name for each in patterns_of(record)],
    }
    frames = [("batches.csv", "each batch", record.to_frame())]
    if record.epochs:
        frames.append(("epochs.csv", "each epoch", pd.DataFrame(dict(record.epochs))))
    pictures = [Picture(name, PLOTS[name][0]) for name in _recorded(record)]
    return Summary(
        "training",
        "Training",
        (_in_a_sentence(record, ends),),
        (
            section("training", "The training", *_shown_by(record), *pictures),
            raw_data(told, frames),
        ),
        told,
    )


def _in_a_sentence(record: TrainingRecord, ends: Mapping[str, float]) -> str:
    batches = counted(len(record.losses), "batch")
    text = f"{batches} in {counted(len(record.epoch_ends()), 'epoch')}"
    if not len(record.losses):
        return f"{text}."
    text += f": the training loss ends at {record.losses[-1]:.4g}"
    if "val_loss" in ends:
        text += f", the validation loss at {ends['val_loss']:.4g}"
    return f"{text}."


def training_section(told: Mapping[str, Any], outcome: TrainingOutcome) -> Section:
    """The training with the rate found, and the one beside it.

    Args:
        told: mapping, as `TrainingOutcome.to_dict()` gives it.
        outcome: TrainingOutcome, whose record tells what the training shows.

    Returns:
        Section.
    """
    own = told.get("against_default")
    rows, further = [_row(FOUND, told)], _further(told, own)
    if own is not None and not own["is_same"]:
        rows.append(_row(OWN, own))
        further.append(("How compared", (ONCE,)))
    columns = (
        Column("", "Trained with"), Column("learning_rate", "Rate", True),
        Column(_best(told), _kind(told), True),
        Column("best_epoch", "Best epoch", True), Column("epochs", "Epochs", True),
        Column("schedule", "Schedule"),
    )  # fmt: skip
    has_record = len(outcome.record.losses) > 0
    alt = f"Loss over the batches of the training. {outcome.comparison}"
    return section(
        "training",
        "Training" if own is None else "Training against the compiled rate",
        Table("training", columns, tuple(rows)),
        Facts(tuple(further)) if further else None,
        Picture("training", alt) if has_record else Paragraph((NO_BATCHES,)),
        *_shown_by(outcome.record, has_ended_early=_has_ended_early(told)),
    )


def _has_ended_early(told: Mapping[str, Any]) -> bool:
    """Whether the loss that judges had stopped falling."""
    return told.get("ending") is not None and told.get("stopped_in") is None


def tables(outcome: TrainingOutcome) -> list[tuple[str, str, pd.DataFrame]]:
    """The measured numbers of a training, as `raw_data` takes them."""
    found = [("history.csv", "each epoch with the rate found", outcome.history)]
    own = outcome.against_default
    if own is not None and not outcome.is_own_rate:
        found.append(
            ("history_default.csv", "each epoch at the compiled rate", own.history)
        )
    if len(outcome.record.losses):
        frame = outcome.record.to_frame()
        found.append(("batches.csv", "each batch with the rate found", frame))
    return found


def _best(told: Mapping[str, Any]) -> str:
    return "best_val_loss" if "best_val_loss" in told else "best_loss"


def _kind(told: Mapping[str, Any]) -> str:
    kind = "validation" if "best_val_loss" in told else "training"
    return f"Best {kind} loss"


def _row(name: str, told: Mapping[str, Any]) -> tuple[Piece, ...]:
    epochs, asked = told["epochs"], told.get("epochs_asked")
    is_short = asked is not None and epochs < asked
    return (
        name, rate(told["learning_rate"]), number(told[_best(told)]),
        number(told["best_epoch"]),
        f"{epochs} of {asked}" if is_short else number(epochs),
        told.get("schedule") or "constant",
    )  # fmt: skip


def _further(
    told: Mapping[str, Any], own: Mapping[str, Any] | None
) -> list[tuple[str, Pieces]]:
    """What else is to be said of the trainings."""
    rows: list[tuple[str, Pieces]] = []
    schedules = dict.fromkeys([told.get("schedule"), (own or {}).get("schedule")])
    rows += [(f"Schedule {n}", (IN_WORDS[n],)) for n in schedules if n in IN_WORDS]
    if own is not None and own["is_same"]:
        same = ("The model was compiled with the rate found: one training is both.",)
        rows.append(("Compiled rate", same))
    if told.get("lowered_to") is not None:
        lowered = pieces("to ", rate(told["lowered_to"]), " on plateaus")
        rows.append(("Rate lowered", lowered))
    if told.get("head_start") is not None:
        steps = number(told["head_start"])
        rows.append(("Began after", (steps, " batches of the best short training")))
    for name, each in ((FOUND, told), (OWN, own or {})):
        if each.get("ending") is not None and not each.get("is_same"):
            rows.append((f"Training with {name}", (f"{_first_up(each['ending'])}.",)))
        for cut in each.get("cuts", ()):
            rows.append((f"Guard, with {name}", (str(Cut(**cut)),)))
    return rows


def _shown_by(
    record: TrainingRecord, *, has_ended_early: bool = False
) -> Sequence[Points]:
    """What the losses show, and what to do about it."""
    patterns = patterns_of(record)
    if has_ended_early and "val_loss" in record.epochs:  # nothing that goes on helps
        patterns = [
            pattern_of(each.name, {"validation_gain": 0.0, **each.evidence})
            if each.name == "converging"
            else each
            for each in patterns
        ]
    texts = tuple(f"{_first_up(each.name)}. {each.recommendation}" for each in patterns)
    return [Points(texts)] if texts else []


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
