"""A loss landscape in a report: what it says, its pictures, how to read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lr_finder.reports.document import (
    Facts,
    Paragraph,
    Picture,
    Piece,
    Points,
    Section,
    Summary,
    number,
    section,
)
from lr_finder.reports.kinds.raw_data import raw_data
from lr_finder.reports.kinds.run_facts import PUT_BACK, how_it_was_made, model_text
from lr_finder.reports.kinds.sweep import Draw, data_section, title_of
from lr_finder.results.landscape import LossLandscape

LEFT = f"The measurement left the model as it was: {PUT_BACK}."
READING = {
    "random": (
        "The directions are random, each filter as long as the model's own (Li et al. "
        "2018): at a distance of 1 the weights have been changed by as much as they "
        "are large. So networks of different scales can be compared.",
        "Biases and the weights and statistics of BatchNorm are not moved, as in the "
        "code of the authors.",
        "One plane is one random sample of very many: another seed draws another.",
    ),
    "given": ("A distance of 1 is one length of the direction that was given.",),
    "between": (
        "All weights are moved in step from one solution to the other, the statistics "
        "of BatchNorm too. A barrier on the straight line does not exclude a curved "
        "way without one.",
    ),
    "principal": (
        "The directions are the first principal components of the weights that were "
        "kept during the training, in the unit of the weights; 0 is the model.",
        "A high share alone tells nothing: the weights of a random walk have one too "
        "(Antognini and Sohl-Dickstein 2018).",
        "The statistics of BatchNorm are those of the model as it is now.",
    ),
}


def summarize(result: LossLandscape) -> Summary:
    """What a landscape says.

    Args:
        result: LossLandscape.

    Returns:
        Summary.

    Example:
    >>> import numpy as np
    >>> a = np.linspace(-1, 1, 5)
    >>> found = LossLandscape("random", (a,), 1 + 4 * a**2, 1.0)
    >>> [each.name for each in summarize(found).sections]
    ['landscape', 'reading', 'put-back', 'data']
    """
    told, about = result.to_dict(), result.metadata
    first, *others = told["says"]
    lines = None
    if _has_lines(result):
        lines = Picture("lines", "The loss along each direction through the model")
    return Summary(
        "landscape",
        title_of("Loss landscape", about),
        (first,),
        (
            _landscape_section(told),
            section("lines", "Along each direction", lines),
            section("reading", "How to read it", Points(READING[result.kind])),
            data_section(about, model_text(about)),
            section("put-back", "What was put back", Paragraph((LEFT,))),
            how_it_was_made(about, about, *_settings(about)),
            raw_data(told, tables(result)),
        ),
        told,
        tuple(others),
    )


def draw(result: LossLandscape) -> dict[str, Draw]:
    """The figures of a landscape, by the names that its summary has for them."""
    draws: dict[str, Draw] = {"landscape": lambda ax: result.plot(ax)}
    if _has_lines(result):
        draws["lines"] = lambda ax: result.plot(ax, style="lines")
    return draws


def _has_lines(result: LossLandscape) -> bool:
    """Whether the loss along each direction is worth a figure of its own."""
    return result.directions == 2 and result.kind != "principal"


def tables(result: LossLandscape) -> list[tuple[str, str, Any]]:
    """The measured numbers of a landscape, as `raw_data` takes them."""
    return [
        ("landscape.csv", "the loss at each point", result.to_frame()),
        ("path.csv", "the way of the training", result.path_frame()),
    ]


def _landscape_section(told: Mapping[str, Any]) -> Section:
    """The picture, and the numbers behind its sentences."""
    rows: list[tuple[str, tuple[Piece, ...]]] = [
        ("Loss at the model", (number(told["loss"], name="loss"),))
    ]
    if told["end_loss"] is not None:
        rows.append(("At the other", (number(told["end_loss"], name="end_loss"),)))
    if told["barrier"] is not None:
        rows.append(("Barrier", _barrier(told["barrier"])))
    lowest = told["lowest"]
    at: list[Piece] = [number(lowest["loss"], name="lowest"), " at "]
    for place, value in enumerate(lowest["at"]):
        at += [", "] * bool(place) + [number(value, 3)]
    rows.append(("Lowest loss measured", tuple(at)))
    points = " × ".join(map(str, told["points"]))
    rows.append(("Points", (points,)))
    alt = f"The loss at weights around those of the model. {told['headline']}"
    return section(
        "landscape", "The landscape", Picture("landscape", alt), Facts(tuple(rows))
    )


def _barrier(barrier: Mapping[str, Any]) -> tuple[Piece, ...]:
    if barrier["height"] is None:
        return ("the loss is not finite at ", number(barrier["at"], 3))
    return (number(barrier["height"], name="barrier"), " at ", number(barrier["at"], 3))


def _settings(about: Mapping[str, Any]) -> list[tuple[str, Piece]]:
    """What the losses were measured on."""
    names = {"evaluations": "Evaluations", "samples": "Rows", "batch_size": "At once"}
    return [
        (title, number(about[name], name=name))
        for name, title in names.items()
        if about.get(name) is not None
    ]
