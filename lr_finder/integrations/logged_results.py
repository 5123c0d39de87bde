"""Results as trackers are given them: findings, sweeps, verifications, comparisons."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._output import OutputFolder
from lr_finder._text import format_rate
from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
from lr_finder.errors import InputError, SuggestionError
from lr_finder.integrations.logged import Logged, Series, flat, numbers
from lr_finder.results.finding import Finding
from lr_finder.results.sweep import SweepResult

if TYPE_CHECKING:
    import pandas as pd

    from lr_finder.analysis.sweep.suggestion import Suggestion
    from lr_finder.results.comparison import Comparison
    from lr_finder.results.training import TrainingOutcome
    from lr_finder.results.verification import VerifiedSuggestion

SWEEP, BATCH, EPOCH, TRIAL = "sweep", "batch", "epoch", "trial"


def logged_result(result: Any, name: str | None = None) -> Logged:
    """What a tracker is given of a result.

    Args:
        result: Finding, SweepResult or Comparison.
        name: str, of the run; None for one after the source.

    Returns:
        Logged.

    Raises:
        InputError: If it is no such result.

    Example:
    >>> from lr_finder.results.sweep import Curve
    >>> lrs = np.logspace(-6, 1, 100)
    >>> sweep = SweepResult([Curve(lrs, 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2)])
    >>> logged = logged_result(sweep)
    >>> logged.name, f"{logged.metrics['suggestion/lr']:.0e}"
    ('sweep', '1e-02')
    """
    if isinstance(result, Finding):
        return _of_finding(result, name)
    if isinstance(result, SweepResult):
        return _of_finding(_finding_of(result), name)
    from lr_finder.results.comparison import Comparison

    if isinstance(result, Comparison):
        return _of_comparison(result, name)
    raise InputError(
        "Argument `result` must be a Finding, a SweepResult or a Comparison. "
        f"Received: {type(result).__name__}."
    )


def _finding_of(sweep: SweepResult) -> Finding:
    """A sweep with what the default rule reads from it."""
    try:
        return Finding({}, sweep, DEFAULT_METHOD, sweep.suggest())
    except SuggestionError as error:
        return Finding({}, sweep, DEFAULT_METHOD, error=error)


def _of_finding(finding: Finding, name: str | None) -> Logged:
    report = finding.to_dict()
    told = dict(finding.about) | dict(finding.sweep.metadata)
    # Of a model, `about` tells all in words; `metadata` its name.
    told |= {"model": finding.about.get("model", told.get("model"))}
    told |= {"method": finding.method}
    metrics = _found(finding.suggestion, report)
    series, children = [_sweep_series(finding.sweep)], []
    if finding.verification is not None:
        children += _trials(finding.verification)
    if finding.training is not None:
        outcome = finding.training
        metrics |= _outcome_metrics(outcome)
        told |= {"training": {"schedule": outcome.schedule or "constant"}}
        series += _training_series(outcome)
        if outcome.against_default is not None and not outcome.is_own_rate:
            children.append(_own_training(outcome.against_default))
    return Logged(
        name or str(told.get("source") or SWEEP),
        flat(told), metrics, _texts(finding), series, _told_apart(children),
        lambda folder: _save(finding, folder),
    )  # fmt: skip


def _found(
    suggestion: Suggestion | None, report: Mapping[str, Any]
) -> dict[str, float]:
    """The numbers of a suggestion, and what the other rules say."""
    told = {f"rule/{name}": lr for name, lr in report["other_rules"].items()}
    if suggestion is not None:
        told |= {
            f"suggestion/{n}": getattr(suggestion, n) for n in ("lr", "low", "high")
        }
        told["suggestion/warnings"] = len(suggestion.warnings)
        told["suggestion/compiled_lr"] = suggestion.compiled
        if suggestion.window is not None:
            told["suggestion/window_low"] = suggestion.window.low
            told["suggestion/window_high"] = suggestion.window.high
    return numbers(told)


def _texts(finding: Finding) -> dict[str, str]:
    """The answer in words, and each doubt in a line of its own."""
    texts = {"suggestion": str(finding)}
    if finding.suggestion is not None and finding.suggestion.warnings:
        warnings = [f"- {text}" for text in finding.suggestion.warnings]
        texts["warnings"] = "\n".join(warnings)
    return texts


def _sweep_series(sweep: SweepResult) -> Series:
    """Losses over steps and over the rate; of several repeats, each beside the mean."""
    n = len(sweep.lrs)
    columns: dict[str, Any] = {"lr": sweep.lrs, "loss": sweep.losses}
    if sweep.validation is not None:
        columns["validation_loss"] = sweep.validation.losses
    if len(sweep.curves) > 1:
        columns |= {
            f"loss_{i}": curve.losses[:n] for i, curve in enumerate(sweep.curves, 1)
        }
    return Series(SWEEP, range(n), columns, over="lr")


def _trials(verified: VerifiedSuggestion) -> list[Logged]:
    """A nested run for each rate that a verification tried."""
    trials = []
    for lr, losses in sorted(verified.losses.items()):
        rows = [row for row in verified.table if row.lr == lr]
        parameters = {"lr": lr, "status": rows[-1].status if rows else "tried"}
        metrics: dict[str, Any] = {"candidate/steps": len(losses)}
        if rows:
            metrics["candidate/loss"] = rows[-1].loss
            metrics["candidate/validation_loss"] = rows[-1].validation_loss
        series = Series(TRIAL, range(len(losses)), {"loss": losses})
        name = f"candidate {format_rate(lr)}"
        trials.append(Logged(name, parameters, numbers(metrics), series=[series]))
    return trials


def _outcome_metrics(outcome: TrainingOutcome) -> dict[str, float]:
    own = "against_default"
    told = {name: value for name, value in outcome.to_dict().items() if name != own}
    return {f"training/{name}": value for name, value in numbers(told).items()}


def _training_series(outcome: TrainingOutcome) -> list[Series]:
    """What was recorded of each batch, and of each epoch."""
    batches = {
        name: values
        for name, values in outcome.record.batches.items()
        if name not in ("epoch", "step")
    }
    epochs = outcome.history
    columns = {name: epochs[name] for name in epochs if name != "epoch"}
    return [
        Series(BATCH, range(len(outcome.record.losses)), batches),
        Series(EPOCH, epochs["epoch"].tolist(), columns),
    ]


def _own_training(outcome: TrainingOutcome) -> Logged:
    lr = outcome.learning_rate
    return Logged(
        f"training at the compiled rate {format_rate(lr)}",
        {"lr": lr, "schedule": outcome.schedule or "constant"},
        _outcome_metrics(outcome),
        series=_training_series(outcome),
    )


def _save(finding: Finding, folder: Path) -> None:
    """The files of a finding, but for the model: its size has no bounds."""
    from lr_finder.finding_files import FindingFiles

    files = FindingFiles(OutputFolder(folder))
    files.swept(finding)
    (files.judged if finding.verification is None else files.verified)(finding)
    if finding.training is not None:
        files.trained(finding.training)


def _of_comparison(comparison: Comparison, name: str | None) -> Logged:
    runs, table = comparison.scored, comparison.table()
    metrics = {
        f"ranking/{row.optimizer}/{column}": getattr(row, column)
        for row in table.itertuples()
        for column in ("rank", "mean", "sd", "low", "high", "n")
    }
    parameters = {
        "metric": comparison.metric, "runs": len(runs), "name": comparison.name,
        "test_rows": comparison.test_rows, "optimizers": comparison.optimizers,
    }  # fmt: skip
    epochs = dict(iter(comparison.epochs.groupby("key")))
    children = [_run(row, epochs.get(row["key"])) for _, row in runs.iterrows()]
    return Logged(
        name or comparison.name or "comparison", flat(parameters), numbers(metrics),
        {"comparison": "\n\n".join(comparison.sentences())},
        children=_told_apart(children),
        save=lambda folder: _save_comparison(comparison, folder),
    )  # fmt: skip


def _run(row: pd.Series, epochs: pd.DataFrame | None) -> Logged:
    """One training of a comparison: its setting, its scores, its epochs."""
    from lr_finder.results.comparison_runs import SETTING

    names = [*SETTING, "seed", "status", "learning_rate", "max_epochs", "message"]
    # A value of pandas as Python's own, nothing for a missing one.
    told = {name: _plain(row[name]) for name in names if name in row}
    metrics = {
        f"run/{name}": _plain(row[name])
        for name in row.index
        if name.startswith(("val_", "test_")) or name in ("seconds", "search_seconds")
    }
    series = []
    if epochs is not None and len(epochs):
        columns = ("loss", "accuracy", "val_loss", "val_accuracy", "epoch_rate")
        measured = [each for each in columns if epochs[each].notna().any()]
        values = {each: epochs[each].astype(float) for each in measured}
        series.append(Series(EPOCH, epochs["epoch"].tolist(), values))
    title = ", ".join(
        [str(row["optimizer"]), f"rate {row['rate']}", f"batch {row['batch_size']}",
         str(row["initializer"]), str(row["model"]), f"seed {row['seed']}"]
    )  # fmt: skip
    return Logged(title, flat({k: v for k, v in told.items() if v != ""}),
                  numbers(metrics), series=series)  # fmt: skip


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and np.isnan(value) else value


def _save_comparison(comparison: Comparison, folder: Path) -> None:
    from lr_finder.plots.style import save_figure

    output = OutputFolder(folder)
    output.write_table("runs.csv", comparison.runs)
    output.write_table("epochs.csv", comparison.to_frame())
    output.write_table("ranking.csv", comparison.table())
    save_figure(comparison.plot(), output.target("comparison.png"))


def _told_apart(children: Sequence[Logged]) -> list[Logged]:
    """The same runs, a number after each name that two would have."""
    seen: Counter[str] = Counter()
    told = []
    for each in children:
        seen[each.name] += 1
        n = seen[each.name]
        name = f"{each.name} ({n})" if n > 1 else each.name
        told.append(dataclasses.replace(each, name=name))
    return told
