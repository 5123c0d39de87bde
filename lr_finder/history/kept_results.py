"""What the history keeps of a result: names and numbers, no data and no paths."""

from __future__ import annotations

import collections
import datetime
import math
import re
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lr_finder._version import __version__
from lr_finder.errors import InputError
from lr_finder.history.kept_columns import COLUMNS, OWN, checked_run
from lr_finder.models.optimizer_names import KERAS_NAMES, describe_optimizer
from lr_finder.results.finding import Finding

if TYPE_CHECKING:
    from lr_finder.results.comparison import Comparison

OF_A_PERSON = "own"  # stands for the name of a class or a function of their own
WRAPPED = re.compile(r"LossScaleOptimizer\((\w+)\)")


def runs_of(result: Any) -> list[dict[str, Any]]:
    """The runs of a result as rows of the history.

    Args:
        result: Finding, or Comparison: one row for each model and optimizer.

    Returns:
        list of dict with all columns.

    Raises:
        InputError: If it is neither.

    Example:
    >>> runs_of("0.01")
    Traceback (most recent call last):
    lr_finder.errors.InputError: Argument `result` must be a Finding or a Comparison. \
Received: str. Give what `find` or `compare` returned.
    """
    if isinstance(result, Finding):
        rows = [_found(result)]
    elif type(result).__name__ == "Comparison":  # which would load pandas
        rows = _compared(result)
    else:
        raise InputError(
            "Argument `result` must be a Finding or a Comparison. Received: "
            f"{type(result).__name__}. Give what `find` or `compare` returned."
        )
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)
    shared = {"date": now.isoformat(), "version": __version__, "origin": OWN}
    return [checked_run(_fit(row | shared | {"id": uuid.uuid4().hex})) for row in rows]


def _fit(run: dict[str, Any]) -> dict[str, Any]:
    """The same without values that a column cannot hold, such as an infinite loss."""
    kept = dict(run)
    for name, column in COLUMNS.items():
        try:
            column.read(kept.get(name))
        except ValueError:
            kept[name] = OF_A_PERSON if name in ("optimizer", "loss") else None
    return kept


def _found(finding: Finding) -> dict[str, Any]:
    """What a search kept: what was swept, what was suggested, how it was verified."""
    about = finding.sweep.metadata
    return {
        "command": "find",
        "kind": kind_of(finding.about),
        "task": finding.about.get("task"),
        "optimizer": optimizer_of(about.get("optimizer")),
        "momentum": about.get("momentum"),
        "batch_size": about.get("batch_size"),
        "loss": _loss_of(finding),
        "parameters": about.get("parameters"),
        "layers": layers_of(finding.model),
        "swept_from": finding.sweep.lrs[0],
        "swept_to": finding.sweep.lrs[-1],
        "sweep_steps": len(finding.sweep.lrs),
        "stop_reason": finding.sweep.stop_reason,
        **_suggested(finding),
        **_trained(finding),
    }


def _suggested(finding: Finding) -> dict[str, Any]:
    swept, verified = finding.swept, finding.verification
    told: dict[str, Any] = {}
    if swept is not None:
        told = {
            "suggested": swept.lr, "suggested_low": swept.low,
            "suggested_high": swept.high, "decided_by": str(swept.decided_by),
        }  # fmt: skip
        if swept.window is not None:
            told |= {
                "falls_at": swept.window.falls_at, "climbs_at": swept.window.climbs_at,
            }  # fmt: skip
        if swept.window is not None and swept.window.is_open:
            told |= {
                "window_low": swept.window.low, "window_high": swept.window.high,
            }  # fmt: skip
    if verified is not None:
        told |= {
            "verified": verified.lr, "verified_low": verified.low,
            "verified_high": verified.high, "verification_steps": verified.steps,
        }  # fmt: skip
    return told


def _trained(finding: Finding) -> dict[str, Any]:
    training = finding.training
    if training is None:
        return {}
    losses = training.history.get("loss", [])
    return {
        "trained": training.learning_rate,
        "epochs": len(training.history),
        "final_loss": float([*losses][-1]) if len(losses) else None,
        "best_val_loss": training.best_loss if training.watched == "val_loss" else None,
    }


def kind_of(about: Mapping[str, Any]) -> str:
    """The kind of data that a result is about; arrays if nothing is known of them.

    Example:
    >>> kind_of({"kind": "images"}), kind_of({})
    ('images', 'arrays')
    """
    return str(about.get("kind") or "arrays")


def optimizer_of(name: Any) -> str:
    """Keras' name of an optimizer, however it was written; `own` for another class.

    Example:
    >>> optimizer_of("adam"), optimizer_of("LossScaleOptimizer(SGD)"), optimizer_of("X")
    ('Adam', 'SGD', 'own')
    """
    text = WRAPPED.sub(r"\1", str(name))
    known = {each.lower(): each for each in KERAS_NAMES}
    return known.get(text.lower(), OF_A_PERSON)


def layers_of(model: Any) -> str | None:
    """The layers of a model by class and number, the largest number first.

    Models inside of it are looked into. A class that is not Keras' own is `own`.

    Args:
        model: keras.Model, or None.

    Returns:
        str such as `"Conv2D 2, Dense 1"`; None without a model or layers.

    Example:
    >>> import keras
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4),
    ...                           keras.layers.ReLU(), keras.layers.Dense(1)])
    >>> layers_of(model)
    'Dense 2, ReLU 1'
    """
    counts: collections.Counter[str] = collections.Counter()

    def count(part: Any) -> None:
        for layer in getattr(part, "layers", ()):
            if getattr(layer, "layers", None):
                count(layer)
            else:
                kind = type(layer)
                counts[kind.__name__ if _is_keras(kind) else OF_A_PERSON] += 1

    count(model)
    counts.pop("InputLayer", None)
    told = ", ".join(f"{name} {n}" for name, n in counts.most_common())
    return told or None


def _loss_of(finding: Finding) -> str | None:
    """The loss by name, if Keras has it; `own` for another function or class."""
    loss = getattr(finding.model, "loss", None)
    several = [*loss.values()] if isinstance(loss, dict) else loss
    parts = several if isinstance(several, list | tuple) else [loss]
    name: str | None = finding.sweep.metadata.get("loss")
    return name if all(map(_is_keras, parts)) else OF_A_PERSON


def _is_keras(thing: Any) -> bool:
    """Whether a loss is text, missing, or a function or an object of Keras."""
    if thing is None or isinstance(thing, str):
        return True
    module = getattr(thing, "__module__", None) or type(thing).__module__
    return str(module).split(".")[0] == "keras"


def _compared(comparison: Comparison) -> list[dict[str, Any]]:
    """A row for each model and optimizer: its best setting, and the rates found."""
    rows = []
    for best in comparison.best_settings().query("n > 0").itertuples(index=False):
        runs = comparison.runs
        own = runs[
            (runs["model"] == best.model) & (runs["optimizer"] == best.optimizer)
        ]
        chosen = own[
            (own["rate"] == best.rate)
            & (own["batch_size"] == best.batch_size)
            & (own["initializer"] == best.initializer)
        ]
        found = own.loc[own["rate"] == "found", ["learning_rate", "low", "high"]]
        rate, low, high = found.median() if len(found) else (math.nan,) * 3
        rows.append(
            {
                "command": "compare",
                "kind": kind_of(comparison.about),
                **_described(best.optimizer),
                "batch_size": best.batch_size,
                "suggested": rate, "suggested_low": low, "suggested_high": high,
                "trained": chosen["learning_rate"].median(),
                "epochs": round(chosen["epochs_run"].median()),
                "best_val_loss": chosen["val_loss"].median(),
            }
        )  # fmt: skip
    return rows


def _described(optimizer: str) -> dict[str, Any]:
    """An optimizer of a comparison by Keras' name, and its momentum."""
    try:
        return describe_optimizer(optimizer)
    except InputError:  # an instance with a name of a person's own
        return {"optimizer": OF_A_PERSON}
