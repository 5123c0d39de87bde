"""A sweep in a report: the answer, the window, what other rules say, the doubts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from lr_finder._text import DOUBT, counted, format_rate
from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.errors import SuggestionError
from lr_finder.reports.document import (
    Column,
    Doubts,
    Facts,
    Paragraph,
    Picture,
    Piece,
    Pieces,
    Section,
    Summary,
    Table,
    pieces,
    plain,
    rate,
    section,
)
from lr_finder.reports.kinds.raw_data import raw_data
from lr_finder.reports.kinds.run_facts import (
    PUT_BACK,
    how_it_was_made,
    model_text,
)
from lr_finder.results.finding import judgement

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.results.sweep import SweepResult

Draw = Callable[["Axes"], object]


def summarize(result: SweepResult) -> Summary:
    """What a sweep says.

    Args:
        result: SweepResult.

    Returns:
        Summary.

    Example:
    >>> import numpy as np
    >>> from lr_finder.results.sweep import Curve, SweepResult
    >>> lrs = np.logspace(-6, 1, 100)
    >>> sweep = SweepResult([Curve(lrs, 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2)])
    >>> [each.name for each in summarize(sweep).sections]
    ['sweep', 'rules', 'put-back', 'data']
    """
    told = judgement(result, DEFAULT_METHOD, _answer(result))
    about = {
        name: result.metadata[name]
        for name in ("source", "kind", "task", "target")
        if result.metadata.get(name) is not None
    }
    told = about | told
    return Summary(
        "sweep",
        title_of("Learning-rate sweep", result.metadata),
        answer(told),
        (
            sweep_section(told),
            rules_section(told),
            doubts_section(told),
            data_section(about, model_text(result.metadata)),
            section("put-back", "What was put back", Paragraph((_put_back(result),))),
            how_it_was_made(result.metadata, about),
            raw_data(
                told | {"metadata": dict(result.metadata)},
                [("sweep.csv", "rate and loss of each batch", result.to_frame())],
            ),
        ),
        told,
        further(told),
    )


def draw(result: SweepResult) -> dict[str, Draw]:
    """The figures of a sweep, by the names that its summary has for them."""
    return {"sweep": lambda ax: result.plot(ax)}


def _answer(result: SweepResult) -> Any:
    try:
        return result.suggest()
    except SuggestionError as error:
        return error


def title_of(what: str, about: Mapping[str, Any]) -> str:
    """A title with what the numbers are of, if that is known: of a file its name.

    Example:
    >>> title_of("Tuning", {"source": "data/prices.csv"}), title_of("Tuning", {})
    ('Tuning: prices.csv', 'Tuning')
    """
    source = about.get("source") or about.get("model")
    return f"{what}: {PurePath(str(source)).name or source}" if source else what


def answer(told: Mapping[str, Any]) -> Pieces:
    """The rate, its interval and its reason in one sentence; or why there is none.

    Args:
        told: mapping, as `Finding.to_dict()` gives it.

    Returns:
        tuple of str and Number.

    Example:
    >>> suggestion = {"lr": 0.1, "low": 0.05, "high": 0.2, "method": "drop"}
    >>> plain(answer({"suggestion": suggestion}))
    'Train with a learning rate of 0.1 (interval 5e-2 to 0.2): by the rule drop.'
    """
    suggestion = told.get("suggestion")
    if suggestion is None:
        message = told.get("error", {}).get("message", "nothing was read")
        return pieces("No learning rate can be suggested. ", message)
    why = suggestion.get("why") or f"by the rule {suggestion['method']}."
    return pieces(
        "Train with a learning rate of ", rate(suggestion["lr"], "lr"), " (interval ",
        rate(suggestion["low"], "low"), " to ", rate(suggestion["high"], "high"),
        "): ", why,
    )  # fmt: skip


def further(told: Mapping[str, Any]) -> tuple[str, ...]:
    """How the compiled rate compares, and how to use the answer."""
    suggestion = told.get("suggestion")
    if suggestion is None:
        return ()
    compared = (suggestion.get("compiled") or {}).get("compared", "")
    use = f"To use it: model.optimizer.learning_rate = {format_rate(suggestion['lr'])}"
    return tuple(filter(None, [compared, use]))


def sweep_section(told: Mapping[str, Any]) -> Section:
    """The sweep: its picture, how it ended, the window and the interval.

    Args:
        told: mapping, as `Finding.to_dict()` gives it.

    Returns:
        Section.
    """
    suggestion = told.get("suggestion") or {}
    if told.get("verification"):
        suggestion = told["verification"].get("swept") or suggestion
    rows: list[tuple[str, Pieces]] = []
    window = suggestion.get("window")
    if window is not None:
        ends = (rate(window["low"], "window-low"), rate(window["high"], "window-high"))
        reasons = f": {window['low_set_by']}, and {window['high_set_by']}"
        rows.append(("Window", pieces(ends[0], " to ", ends[1], reasons)))
    if suggestion:
        rows.append(("Interval", _interval(suggestion, bool(told.get("verification")))))
    usual = suggestion.get("usual")
    if usual is not None:
        told_of = f", {usual['source']}"
        rows.append(
            (f"Usual rate of {usual['optimizer']}", (rate(usual["rate"]), told_of))
        )
    compiled = (suggestion.get("compiled") or {}).get("rate")
    if compiled is not None:
        rows.append(("Compiled rate", (rate(compiled, "compiled"),)))
    rows.append(("Swept", (_ending(told),)))
    alt = "Loss over the learning rate, with the window and the suggested rate"
    return section(
        "sweep", "The sweep", Picture("sweep", f"{alt}. {plain(answer(told))}"),
        Facts(tuple(rows)),
    )  # fmt: skip


def _interval(suggestion: Mapping[str, Any], is_verified: bool) -> Pieces:
    """The interval that the sweep alone gives."""
    ends: list[Piece] = [rate(suggestion["low"]), " to ", rate(suggestion["high"])]
    if not is_verified:
        return (*ends, ", which should hold the best rate")
    return (*ends, " by the sweep alone, around ", rate(suggestion["lr"], "swept-lr"))


def _ending(told: Mapping[str, Any]) -> str:
    """How many batches were swept, and how that ended."""
    repeats, reason = told.get("repeats", 1), told.get("stop_reason")
    text = counted(told.get("points", 0), "batch")
    text += f" in each of {repeats} repeats" if repeats > 1 else ""
    return f"{text}. {StopReason(reason).message}" if reason else text


def rules_section(told: Mapping[str, Any]) -> Section:
    """What every other rule reads off the same sweep."""
    rates = told.get("other_rules", {})
    if all(value is None for value in rates.values()):
        return section("rules", "What other rules say")
    rows = tuple(
        (name, rate(value), RULES[name].description if name in RULES else "")
        for name, value in rates.items()
    )
    columns = (
        Column("rule", "Rule"), Column("rate", "Rate", True),
        Column("picks", "What it picks"),
    )  # fmt: skip
    return section("rules", "What other rules say", Table("other_rules", columns, rows))


def doubts_of(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Warnings of suggestion and data, each with its kind."""
    suggestion = told.get("suggestion") or {}
    doubts = []
    for text in suggestion.get("warnings", ()):
        kind, colon, rest = text.partition(": ")
        doubts.append((kind, rest) if colon else ("", text))
    for note in told.get("notes", ()):
        if note.startswith(DOUBT):
            doubts.append(("data", note.removeprefix(DOUBT)))
    return doubts


def doubts_section(told: Mapping[str, Any]) -> Section:
    """Every warning, with what to do."""
    doubts = doubts_of(told)
    found = Doubts(tuple(doubts)) if doubts else None
    return section("warnings", "Warnings, and what to do", found)


def data_section(about: Mapping[str, Any], model: str) -> Section:
    """The data and the model, described.

    Args:
        about: mapping, as of `Finding`.
        model: str, the model in a line.

    Returns:
        Section.
    """
    rows: list[tuple[str, Pieces]] = []
    if about.get("source"):
        rows.append(("Source", (str(about["source"]),)))
    if about.get("kind"):
        why = about.get("kind_reason")
        rows.append(("Kind", (about["kind"] + (f": {why}" if why else ""),)))
    for name in ("task", "target", "data"):
        if about.get(name) is not None:
            rows.append((name.capitalize(), (str(about[name]),)))
    if model:
        rows.append(("Model", (model,)))
    notes = [note for note in about.get("notes", ()) if not note.startswith(DOUBT)]
    rows += [("Note", (note,)) for note in notes]
    return section(
        "data-and-model", "Data and model", Facts(tuple(rows)) if rows else None
    )


def _put_back(result: SweepResult) -> str:
    if "seed" not in result.metadata and "lr_finder" not in result.metadata:
        return "This curve was read from elsewhere; no model was touched."
    return f"The sweep left the model as it was: {PUT_BACK}."
