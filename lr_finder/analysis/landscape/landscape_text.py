"""What a landscape says, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lr_finder._text import counted, format_rate
from lr_finder.analysis.landscape.sharpness import random_walk_share

NO_BARRIER = 0.02  # of the mean loss of both ends: less is as good as none
FOR_A_LOOK = 4  # times the distance at which the loss doubles
LOWER_BY = 0.001  # of the loss of the model: less is rounding
ORDINALS = ("first", "second")
UNITS = {
    "random": "in lengths of the weights",
    "given": "in lengths of the direction given",
}


def headline(told: Mapping[str, Any]) -> str:
    """What a landscape says first, as a title has it: without a full stop.

    Args:
        told: mapping, as `LossLandscape.to_dict()` gives it.

    Returns:
        str.

    Example:
    >>> headline({"kind": "random", "loss": 0.5, "doubles_at": [0.25, None]})
    'The loss of 0.5 doubles at a distance of 0.25'
    """
    if told["kind"] == "between":
        return _barrier_in_short(told)
    if told["kind"] == "principal":
        return _shares(told).split(";")[0].split(" (")[0]
    reached = [each for each in told["doubles_at"] if each is not None]
    loss = _number(told["loss"])
    if told["loss"] <= 0:
        return f"The loss at the model is {loss}"
    if not reached:
        return f"The loss of {loss} does not double within {_reach(told)}"
    return f"The loss of {loss} doubles at a distance of {_number(min(reached), 2)}"


def sentences(told: Mapping[str, Any]) -> tuple[str, ...]:
    """What a landscape says, the most telling first.

    Args:
        told: mapping, as `LossLandscape.to_dict()` gives it, with or without `says`.

    Returns:
        tuple of str.
    """
    if told["kind"] == "between":
        first = _between(told)
    elif told["kind"] == "principal":
        first = _shares(told)
    else:
        first = _sharpness(told)
    return tuple(
        filter(None, [first, _too_wide(told), _lowest(told), _not_finite(told)])
    )


def _sharpness(told: Mapping[str, Any]) -> str:
    """How far away the loss has doubled, along each direction."""
    kind, loss = told["kind"], told["loss"]
    if loss <= 0:
        return (
            f"The loss at the model is {_number(loss)}: it cannot double, so how sharp "
            "the minimum is must be read from the figure."
        )
    found: Sequence[float | None] = told["doubles_at"]
    names = [f"the {kind} direction"]
    if len(found) == 2:
        names = [f"the {each} {kind} direction" for each in ORDINALS]
    parts = [
        "does not double"
        if at is None
        else f"doubles at a distance of {_number(at, 2)}"
        for at in found
    ]
    if all(at is None for at in found):
        those = "both directions" if len(found) == 2 else names[0]
        return (
            f"Along {those} the loss of {_number(loss)} does not double within "
            f"{_reach(told)}, {UNITS[kind]}: flat, or the span is too small to tell."
        )
    text = f"Along {names[0]} the loss of {_number(loss)} {parts[0]}"
    if len(found) == 2:
        text += f", along the {ORDINALS[1]} it {parts[1]}"
    return f"{text}, {UNITS[kind]}."


def _too_wide(told: Mapping[str, Any]) -> str:
    """Whether the loss doubles before the first points around the model."""
    if told["kind"] not in UNITS:
        return ""
    reached = [each for each in told["doubles_at"] if each is not None]
    nearest = min(
        (high - low) / (count - 1)
        for (low, high), count in zip(told["spans"], told["points"], strict=True)
    )
    if not reached or min(reached) >= nearest:
        return ""
    look = _number(FOR_A_LOOK * min(reached), 1)
    return (
        f"It doubles nearer than the points next to the model, at {_number(nearest, 2)}"
        f": to see it, measure to a distance of {look}."
    )


def _between(told: Mapping[str, Any]) -> str:
    """Whether a barrier lies between two solutions."""
    ends = f"losses {_number(told['loss'])} and {_number(told['end_loss'])}"
    height, where = told["barrier"]["height"], told["barrier"]["at"]
    if height is None:
        return (
            f"Between the two solutions ({ends}) the loss is not finite at "
            f"{_number(where, 2)} of the way: a barrier without a height."
        )
    if not _is_barrier(told):
        return (
            f"Between the two solutions ({ends}) the loss does not rise above the "
            "line between theirs: no barrier."
        )
    return (
        f"Between the two solutions ({ends}) the loss rises {_number(height)} above "
        f"the line between theirs, at {_number(where, 2)} of the way: a barrier."
    )


def _is_barrier(told: Mapping[str, Any]) -> bool:
    height = told["barrier"]["height"]
    mean = abs(told["loss"] + told["end_loss"]) / 2
    return height is None or bool(height > NO_BARRIER * mean)


def _barrier_in_short(told: Mapping[str, Any]) -> str:
    ends = f"solutions of loss {_number(told['loss'])} and {_number(told['end_loss'])}"
    if not _is_barrier(told):
        return f"No barrier between two {ends}"
    height = told["barrier"]["height"]
    high = "without a height" if height is None else f"of {_number(height)}"
    return f"A barrier {high} between two {ends}"


def _shares(told: Mapping[str, Any]) -> str:
    """How much of a trajectory the principal directions hold."""
    shares = told["shares"]
    walk = f"{random_walk_share(len(shares)):.0%}".replace("%", " %")
    total = f"{sum(shares):.0%}".replace("%", " %")
    if len(shares) == 1:
        return (
            f"One principal direction holds {total} of the training's movement; of a "
            f"long random walk's it would hold {walk}."
        )
    parts = " and ".join(f"{each:.0%}" for each in shares).replace("%", " %")
    return (
        f"Two principal directions hold {total} of the training's movement ({parts}); "
        f"of a long random walk's they would hold {walk}."
    )


def _lowest(told: Mapping[str, Any]) -> str:
    """Whether the model is the lowest point of what was measured."""
    if told["kind"] == "between":
        return ""
    what = "plane" if told["directions"] == 2 else "line"
    lowest, loss = told["lowest"]["loss"], told["loss"]
    if lowest >= loss - LOWER_BY * abs(loss):
        return f"No point of the {what} has a lower loss than the model."
    at = ", ".join(_number(each, 2) for each in told["lowest"]["at"])
    place = f"({at})" if told["directions"] == 2 else at
    return (
        f"The lowest loss is {_number(lowest)}, at {place}, and that of the model "
        f"{_number(loss)}: along this {what} the model is not at a minimum."
    )


def _not_finite(told: Mapping[str, Any]) -> str:
    count = told["not_finite"]
    if not count:
        return ""
    total = 1
    for each in told["points"]:
        total *= each
    return f"The loss is not finite at {count:,} of {counted(total, 'point')}."


def _reach(told: Mapping[str, Any]) -> str:
    """How far from the model was measured."""
    if "spans" not in told:
        return "what was measured"
    return _number(min(max(abs(low), abs(high)) for low, high in told["spans"]), 2)


def _number(value: float, digits: int = 3) -> str:
    return format_rate(value, digits) if abs(value) >= 1e5 else f"{value:.{digits}g}"
