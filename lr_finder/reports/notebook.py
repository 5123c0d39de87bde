"""What a notebook shows of a result: its summary in a few lines, and a sketch."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import counted, format_rate
from lr_finder.analysis.sweep.preparation import prepare
from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.analysis.verification.trial_losses import merit
from lr_finder.errors import SuggestionError
from lr_finder.plots.training.losses import running_median
from lr_finder.reports.document import Doubts, Summary, Table, plain
from lr_finder.reports.report import summary_of
from lr_finder.reports.sketch import Line, Sketch, svg
from lr_finder.results.drift.deployment import DriftReport
from lr_finder.results.finding import Finding
from lr_finder.results.landscape import LossLandscape
from lr_finder.results.sweep import SweepResult
from lr_finder.results.training import TrainingOutcome
from lr_finder.results.tuning.tuning import Tuning
from lr_finder.results.verification import VerifiedSuggestion

if TYPE_CHECKING:
    from lr_finder.analysis.sweep.suggestion import Suggestion

SHOWN = ("ranking", "limits")  # tables that a notebook shows too


def as_html(result: Any) -> str:
    """The HTML that a notebook shows of a result.

    It is small, has no colour of its own but that of the sketch, and no inline SVG,
    which JupyterLab strips.

    Args:
        result: as `report` takes it.

    Returns:
        str.

    Example:
    >>> as_html(TrainingRecord({"loss": [3.0, 2.0, 1.0]})).split("<img")[0]
    '<div><p>3 batches in 1 epoch: the training loss ends at 1.</p>'
    """
    summary = summary_of(result)
    sketch = svg(_sketch(result))
    parts = [f"<p>{escape(plain(summary.answer))}</p>"]
    parts += [f"<p>{escape(text)}</p>" for text in summary.also]
    parts += _doubts(summary)
    parts += _tables(summary)
    if sketch:
        data = base64.b64encode(sketch.encode()).decode("ascii")
        alt = escape(plain(summary.answer), quote=True)
        parts.append(f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}">')
    return f"<div>{''.join(parts)}</div>"


def _doubts(summary: Summary) -> list[str]:
    """The warnings, a line each."""
    return [
        f"<p>Warning: {escape(f'{kind}: ' if kind else '')}{escape(text)}</p>"
        for section in summary.sections
        for block in section.blocks
        if isinstance(block, Doubts)
        for kind, text in block.rows
    ]


def _tables(summary: Summary) -> list[str]:
    """The ranking of a comparison, or of a stability study."""
    return [
        _table(block)
        for section in summary.sections
        for block in section.blocks
        if isinstance(block, Table) and block.name in SHOWN
    ]


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(column.heading)}</th>" for column in table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>"
        for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _sketch(result: Any) -> Sketch:
    """The sketch of a result; of a kind that has none, one without lines."""
    makers: dict[type, Callable[[Any], Sketch]] = {
        SweepResult: lambda each: _of_sweep(each, _suggestion(each)),
        Finding: lambda each: _of_sweep(each.sweep, each.suggestion),
        VerifiedSuggestion: _of_verification,
        TrainingOutcome: _of_outcome,
        LossLandscape: _of_landscape,
        TrainingRecord: lambda each: _of_losses([each]),
        Tuning: _of_tuning,
        DriftReport: _of_deployment,
    }
    for kind, make in makers.items():
        if isinstance(result, kind):
            return make(result)
    return Sketch(())


def _suggestion(result: SweepResult) -> Suggestion | None:
    try:
        return result.suggest()
    except SuggestionError:
        return None


def _of_sweep(result: SweepResult, suggestion: Suggestion | None) -> Sketch:
    """The losses, the curve through them, window and rate."""
    lrs, losses = result.lrs, result.losses
    lines = [Line(lrs, losses, is_main=False)]
    try:
        lines.append(Line(*prepare(lrs, losses).line()))
    except SuggestionError:
        lines = [Line(lrs, losses)]
    if not len(lrs):
        return Sketch(())
    ends = format_rate(lrs[0]), format_rate(lrs[-1])
    if suggestion is None:
        return Sketch(tuple(lines), True, below=(ends[0], "learning rate", ends[1]))
    return Sketch(
        tuple(lines), True, (suggestion.low, suggestion.high), suggestion.lr,
        (ends[0], f"learning rate {format_rate(suggestion.lr)}", ends[1]),
    )  # fmt: skip


def _of_verification(found: VerifiedSuggestion) -> Sketch:
    """What each rate was worth after each of its steps; the answer stands out."""
    lines = []
    for lr, losses in found.losses.items():
        finite = np.asarray(losses, dtype=float)
        finite = finite[np.isfinite(finite)]
        steps = np.arange(1, len(finite) + 1)
        values = np.array([merit(finite[:step]) for step in steps])
        lines.append(Line(steps, values, is_main=lr in (found.lr, found.winner)))
    longest = max((len(line.x) for line in lines), default=0)
    return Sketch(
        tuple(lines), below=("loss", f"best {format_rate(found.winner)}",
                             counted(longest, "step")),
    )  # fmt: skip


def _of_outcome(outcome: TrainingOutcome) -> Sketch:
    own = outcome.against_default
    beside = [] if own is None or outcome.is_own_rate else [own.record]
    return _of_losses([outcome.record, *beside])


def _of_tuning(tuning: Tuning) -> Sketch:
    """The best loss so far of each search; those of the best method stand out."""
    best = tuning.best_row()
    lines = []
    for (method, _), rows in tuning.to_frame().groupby(["method", "seed"], sort=False):
        is_main = best is not None and method == best["method"]
        lines.append(Line(rows["paid"].to_numpy(), rows["best"].to_numpy(), is_main))
    return Sketch(
        tuple(lines), below=("best loss", "", f"{tuning.budget:g} trainings paid")
    )


def _of_deployment(report: DriftReport) -> Sketch:
    """The error of each policy over blocks; that of the least trained stands out."""
    lines = []
    for policy, rows in report.levels().groupby("policy", sort=False):
        is_main = policy == report.untouched.policy
        lines.append(Line(rows["row"].to_numpy(), rows["error"].to_numpy(), is_main))
    mark, told = report.changed_at, ""
    if mark is not None:
        told = "drift" if report.drifts else "began to fail"
    below = ("error", told, counted(report.rows, "row"))
    return Sketch(tuple(lines), mark=mark, below=below)


def _of_losses(records: Sequence[TrainingRecord]) -> Sketch:
    """The running medians of trainings, the first one stands out."""
    lines = []
    for place, record in enumerate(records):
        if len(record.losses):
            values = running_median(record.losses)
            lines.append(Line(np.arange(1, len(values) + 1), values, place == 0))
    longest = max((len(line.x) for line in lines), default=0)
    return Sketch(tuple(lines), below=("loss", "", counted(longest, "batch")))


def _of_landscape(landscape: LossLandscape) -> Sketch:
    """The loss along each direction through the model, the first one stands out."""
    lines = [
        Line(landscape.coordinates[place], landscape.cut(place), place == 0)
        for place in range(landscape.directions)
    ]
    first = landscape.coordinates[0]
    ends = f"{first[0]:.2g}", f"{first[-1]:.2g}"
    if landscape.kind == "between":
        return Sketch(tuple(lines), below=("the model", "", "the other"))
    return Sketch(tuple(lines), mark=0.0, below=(ends[0], "the model", ends[1]))
