"""`lr_finder find`: sweep a model over data and suggest a learning rate."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder.cli import options
from lr_finder.cli.backend import load_keras
from lr_finder.cli.checks import (
    FEWEST_STEPS,
    check_at_least,
    check_batch_fits,
    check_rates,
    check_seed,
)
from lr_finder.cli.errors import interrupts_named
from lr_finder.cli.output import OutputFolder
from lr_finder.cli.sources import (
    Source,
    check_source,
    load_source,
    make_model,
    source_name,
)
from lr_finder.errors import LRFinderError

if TYPE_CHECKING:
    import keras

    from lr_finder.data.dataset import Dataset
    from lr_finder.result import SweepResult

MODEL_FILE, HISTORY_FILE = FILES_OF_TRAINING = ("model.keras", "history.csv")

EXAMPLES = """
**Examples**

`lr_finder find` — the built-in series: nothing to prepare

`lr_finder find prices.csv --target price` — a table of yours

`lr_finder find prices.csv --model my_model.py:build --train 50` — a model of yours,
then trained with the rate found

`lr_finder find prices.csv --json` — for scripts
"""


def find(
    source: options.Source = None,
    target: options.Target = None,
    task: options.Task = None,
    model: options.Model = None,
    optimizer: options.Optimizer = None,
    loss: options.Loss = None,
    batch_size: options.BatchSize = 32,
    start_lr: options.StartLR = 1e-7,
    end_lr: options.EndLR = 10.0,
    steps: options.Steps = 200,
    repeats: options.Repeats = 1,
    seed: options.Seed = 0,
    method: options.Method = None,
    train: options.Train = None,
    out: options.Out = None,
    as_json: options.AsJSON = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Find a learning rate: train over rising rates and see where the loss falls.

    The rate rises from batch to batch, from far too small to far too large. A good one
    lies where the loss falls well, before it explodes. The search takes as long as
    training on as many batches.
    """
    del debug  # `main` reads it
    check_rates(start_lr, end_lr)
    check_at_least("--steps", steps, FEWEST_STEPS)
    for option, value, smallest in (
        ("--repeats", repeats, 1),
        ("--batch-size", batch_size, 1),
        ("--train", train, 1),
    ):
        check_at_least(option, value, smallest)
    check_seed(seed)
    check_source(source, target, task)
    output = OutputFolder.plan(out, source_name(source), datetime.datetime.now())
    from lr_finder.cli.verdict import Verdict, checked_method, deliver

    method = checked_method(method)
    load_keras()
    # What a model of the user's own prints is no part of the answer.
    with interrupts_named(output), contextlib.redirect_stdout(sys.stderr):
        data, network = _prepare(source, target, task, model, optimizer, loss, seed)
        _check_early(network, data.dataset, batch_size, is_trained=train is not None)
        result = _sweep(
            network, data, is_shown=not quiet, batch_size=batch_size,
            start_lr=start_lr, end_lr=end_lr, steps=steps, repeats=repeats, seed=seed,
        )  # fmt: skip
        output.discard(FILES_OF_TRAINING, kept=() if model is None else (Path(model),))
        output.write_table("sweep.csv", result.to_frame())
        result.save(output.target("sweep.npz"))
        verdict = Verdict(result, method)
        report = _facts(data, network) | verdict.report()
        verdict.write(output, report)
        if train is not None and verdict.suggestion is not None:
            report["training"] = _train(
                network, data.dataset, output, is_shown=not quiet,
                learning_rate=verdict.suggestion.lr, epochs=train,
                batch_size=batch_size, seed=seed,
            )  # fmt: skip
            output.write_json("suggestion.json", report)
        report["files"] = output.files
    deliver(report, verdict.error, as_json=as_json, quiet=quiet)


def _prepare(
    source: str | None,
    target: str | None,
    task: str | None,
    model: str | None,
    optimizer: str | None,
    loss: str | None,
    seed: int,
) -> tuple[Source, keras.Model]:
    """Data, and a compiled model that takes it."""
    import keras

    from lr_finder.compile_arguments import resolve_loss, resolve_optimizer

    if optimizer is not None:
        resolve_optimizer(optimizer)
    if loss is not None:
        resolve_loss(loss)
    data = load_source(source, target=target, task=task, seed=seed)
    keras.utils.set_random_seed(seed)
    return data, make_model(data, model, optimizer, loss)


def _check_early(
    model: keras.Model, dataset: Dataset, batch_size: int, *, is_trained: bool
) -> None:
    """Refuse what would otherwise fail after the sweep."""
    from lr_finder.training.pipeline import check_rate_can_be_set

    check_batch_fits(batch_size, len(dataset.x_train))
    if is_trained:
        check_rate_can_be_set(model)


def _sweep(
    model: keras.Model, data: Source, *, is_shown: bool, **settings: Any
) -> SweepResult:
    """The sweep with its progress shown, told what it was about."""
    from lr_finder.cli.progress import SweepProgress
    from lr_finder.training.range_test import sweep

    total = settings["steps"] * settings["repeats"]
    dataset = data.dataset
    with SweepProgress("Sweeping", total, is_shown=is_shown) as progress:
        result = sweep(
            model, dataset.x_train, dataset.y_train, **settings,
            callbacks=[progress], verbose=0,
        )  # fmt: skip
    about = {"source": data.name, "task": dataset.task, "target": dataset.target}
    return dataclasses.replace(result, metadata=result.metadata | about)


def _facts(data: Source, model: keras.Model) -> dict[str, Any]:
    """What was swept, for the report."""
    return {
        "source": data.name,
        "task": data.dataset.task,
        "target": data.dataset.target,
        "data": data.dataset.description,
        "notes": list(data.dataset.notes),
        "model": f"{model.name}, {model.count_params():,} parameters; "
        f"{_name(model.optimizer)} on {_name(model.loss)}",
    }


def _name(thing: Any) -> str:
    """How a person calls a loss or an optimizer."""
    return getattr(thing, "__name__", None) or (
        thing if isinstance(thing, str) else type(thing).__name__
    )


def _train(
    model: keras.Model,
    dataset: Dataset,
    output: OutputFolder,
    *,
    is_shown: bool,
    **settings: Any,
) -> dict[str, Any]:
    """Train with the rate found; keep history and best model; say how it went."""
    import numpy as np
    import pandas as pd

    from lr_finder.cli.progress import TrainingProgress
    from lr_finder.training.pipeline import train

    checkpoint = output.target(MODEL_FILE)
    with TrainingProgress("Training", settings["epochs"], is_shown=is_shown) as shown:
        history = train(
            model,
            (dataset.x_train, dataset.y_train),
            (dataset.x_validation, dataset.y_validation),
            checkpoint=checkpoint,
            callbacks=[shown],
            verbose=0,
            **settings,
        )
    frame = pd.DataFrame(history.history)
    frame.insert(0, "epoch", range(1, len(frame) + 1))
    output.write_table(HISTORY_FILE, frame)
    losses = frame["val_loss"].where(np.isfinite(frame["val_loss"]))
    if losses.isna().all():
        raise LRFinderError(
            f"Training at {settings['learning_rate']:.2e} must give a finite "
            f"validation loss. Received: none in {len(frame)} epochs. Sweep with more "
            "--repeats, or look at the data."
        )
    return {
        "learning_rate": settings["learning_rate"],
        "epochs": len(frame),
        "best_epoch": int(frame["epoch"][losses.idxmin()]),
        "best_val_loss": float(losses.min()),
    }
