"""How something was made: versions, seed, device, settings, and the call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lr_finder._text import format_rate
from lr_finder.reports.document import (
    Block,
    Code,
    Facts,
    Paragraph,
    Piece,
    Section,
    number,
    pieces,
    rate,
    section,
)

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
SWEPT = {  # of the metadata of a sweep, in the order of the arguments of `sweep`
    "start_lr": 1e-7, "end_lr": 10.0, "steps": 200, "mode": "exponential",
    "batch_size": 32, "repeats": 1, "seed": 0, "group": None,
}  # fmt: skip
PUT_BACK = (
    "all variables of model, optimizer and metrics, the learning rate or its schedule, "
    "and the random states are as they were, to the last bit"
)


def how_it_was_made(
    metadata: Mapping[str, Any], about: Mapping[str, Any], *further: tuple[str, Piece]
) -> Section:
    """Versions, device, seed and settings of a run, and the command that repeats it.

    Args:
        metadata: mapping, as of `SweepResult`.
        about: mapping, as of `Finding`: `command`, `device`.
        further: pairs of name and what is known.

    Returns:
        Section; without blocks if nothing is known.
    """
    rows: list[tuple[str, tuple[Piece, ...]]] = []
    for name, value in (
        ("lr_finder", metadata.get("lr_finder")),
        ("Keras", _keras(metadata)),
        ("Device", about.get("device") or metadata.get("device")),
        ("Earlier runs", about.get("history")),
    ):
        if value:
            rows.append((name, (str(value),)))
    if metadata.get("seed") is not None:
        rows.append(("Seed", (number(metadata["seed"], name="seed"),)))
    swept = _swept(metadata)
    if swept:
        rows.append(("Sweep", swept))
    rows += [(name, pieces(value)) for name, value in further if value != ""]
    command = about.get("command") or call_of(metadata)
    again: list[Block] = []
    if command:
        again = [Paragraph(("To do it again:",)), Code(str(command))]
    facts = Facts(tuple(rows)) if rows else None
    return section("made", "How it was made", facts, *again)


def _keras(metadata: Mapping[str, Any]) -> str:
    """Keras and its backend."""
    version, backend = metadata.get("keras"), metadata.get("backend")
    if not version:
        return ""
    return f"{version}, on {BACKENDS.get(str(backend), backend)}"


def _swept(metadata: Mapping[str, Any]) -> tuple[Piece, ...]:
    """The range of a sweep, in words."""
    if not {"start_lr", "end_lr", "steps"} <= metadata.keys():
        return ()
    told: list[Piece] = [
        rate(metadata["start_lr"], "start_lr"), " to ",
        rate(metadata["end_lr"], "end_lr"),
        " in at most ", number(metadata["steps"], name="steps"), " steps",
    ]  # fmt: skip
    if metadata.get("batch_size") is not None:
        told += [" of ", number(metadata["batch_size"], name="batch_size"), " rows"]
    if metadata.get("repeats", 1) > 1:
        told += [", ", number(metadata["repeats"], name="repeats"), " times"]
    return tuple(told)


def call_of(metadata: Mapping[str, Any]) -> str:
    """The call that makes a sweep like this one; empty if too little is known.

    Args:
        metadata: mapping, as of `SweepResult`.

    Returns:
        str.

    Example:
    >>> call_of({"start_lr": 1e-6, "end_lr": 1.0, "steps": 50, "seed": 3})
    'lr_finder.sweep(model, x, y, start_lr=1e-06, end_lr=1.0, steps=50, seed=3)'
    """
    if not {"start_lr", "end_lr", "steps"} <= metadata.keys():
        return ""
    given = {
        name: metadata[name]
        for name, usual in SWEPT.items()
        if name in metadata and (metadata[name] != usual or name == "seed")
    }
    arguments = "".join(f", {name}={value!r}" for name, value in given.items())
    if "seed" in metadata:
        return f"lr_finder.sweep(model, x, y{arguments})"
    return f"model.fit(…, callbacks=[lr_finder.LRSweep({arguments[2:]})])"


def model_text(metadata: Mapping[str, Any]) -> str:
    """A model as the metadata of a sweep have it, in a line; empty if not known."""
    if not metadata.get("model"):
        return ""
    text = str(metadata["model"])
    if metadata.get("parameters") is not None:
        text += f", {metadata['parameters']:,} parameters"
    optimizer, loss = metadata.get("optimizer"), metadata.get("loss")
    return text + (f"; {optimizer} on {loss}" if optimizer and loss else "")


def range_of(low: float | None, high: float | None) -> str:
    """Two rates as a range; one if they read the same.

    Example:
    >>> range_of(1e-3, 2e-3), range_of(1e-3, 1.001e-3)
    ('1e-3 to 2e-3', '1e-3')
    """
    ends = dict.fromkeys(format_rate(end) for end in (low, high) if end is not None)
    return " to ".join(ends)
