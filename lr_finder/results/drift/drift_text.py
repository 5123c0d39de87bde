"""What a deployment says, in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lr_finder._text import counted

if TYPE_CHECKING:
    from lr_finder.results.drift.deployment import DriftReport
    from lr_finder.results.drift.one_policy import Deployment

NOTICEABLE = 0.02  # of the error: less is no gain worth a training


def shown_error(error: float, task: str) -> str:
    """An error as a person reads it: a share in percent, else three digits.

    Args:
        error: float.
        task: "classification" or "regression".

    Returns:
        str.

    Example:
    >>> shown_error(0.1234, "classification"), shown_error(0.1234, "regression")
    ('12.3 %', '0.123')
    """
    if task == "classification":
        return f"{100 * error:.3g} %"
    if abs(error) >= 1000:  # no power of ten for kilowatts and prices
        return f"{error:,.0f}"
    return f"{error:.3g}"


def format_drift(report: DriftReport) -> list[str]:
    """The sentences of `DriftReport.sentences`, the answer first.

    Args:
        report: DriftReport.

    Returns:
        list of str, without full stops.
    """
    return [_failing(report), _warned(report), *_bought(report), *_trouble(report)]


def _failing(report: DriftReport) -> str:
    """Whether the model began to fail, and when."""
    before = shown_error(report.before, report.task)
    what = "share of wrong answers" if report.task == "classification" else "mean error"
    alone, since = report.untouched, report.failing_since
    model = "the model"
    if alone.policy != "never":  # it is not left alone by any policy
        model = f"the model, trained again by the policy {alone.policy!r},"
    if since is None:
        after = shown_error(float(alone.errors.mean()), report.task)
        return (
            f"{model} did not begin to fail: its {what} was {before} before "
            f"deployment and {after} after it"
        )
    later = alone.errors[since:]
    if alone.trainings:
        later = alone.errors[since : alone.trainings[0]["at"]]
    after = shown_error(float(later.mean()), report.task)
    return (
        f"{model} began to fail at {report.time_of(since)}: its {what} was {before} "
        f"before deployment and {after} from then on"
    )


def _warned(report: DriftReport) -> str:
    """Whether the monitor raised an alarm, and how late."""
    alarms, since = report.untouched.alarms, report.changed_at
    if since is None:
        if not alarms:
            return "the monitor raised no alarm"
        when = _first(report, alarms)
        return f"the monitor raised {_count(alarms)} all the same, {when}"
    early = [alarm for alarm in alarms if alarm < since]
    later = [alarm for alarm in alarms if alarm >= since]
    drift = f"{_drift(report)} at {report.time_of(since)}" if report.drifts else ""
    if later:
        rows = counted(later[0] - since, "row")
        when = f"{rows} after {drift}" if drift else f"{rows} later"
        text = f"an alarm {when}, at {report.time_of(later[0])}"
    else:
        text = f"no alarm after {drift}" if drift else "no alarm from then on"
    if early:
        text += f"; {_count(early)} came before, {_first(report, early)}"
    return f"the monitor raised {text}"


def _count(alarms: Sequence[int]) -> str:
    return "one alarm" if len(alarms) == 1 else counted(len(alarms), "alarm")


def _first(report: DriftReport, alarms: Sequence[int]) -> str:
    """When the first alarm was raised, or the only one."""
    at = f"at {report.time_of(alarms[0])}"
    return at if len(alarms) == 1 else f"the first {at}"


def _drift(report: DriftReport) -> str:
    return "the drift" if len(report.drifts or ()) == 1 else "the first drift"


def _bought(report: DriftReport) -> list[str]:
    """What training again bought, against never."""
    trained = [one for one in report.deployments if one.policy != "never"]
    never = [one for one in report.deployments if one.policy == "never"]
    if not trained:
        return []
    since = report.changed_at or 0
    shown = [_paid(report, one, since) for one in (*never, *trained)]
    if report.drifts:
        span = f"from {_drift(report)} on"
    elif report.changed_at is not None:
        span = f"from {report.time_of(since)} on"
    else:
        span = "after deployment"
    sentences = [f"the error {span} is: {'; '.join(shown)}"]
    if never:
        sentences.append(_best(report, never[0], trained, since))
    return sentences


def _paid(report: DriftReport, one: Deployment, since: int) -> str:
    error = shown_error(float(one.errors[since:].mean()), report.task)
    if one.policy == "never":
        return f"never, {error}"
    paid = one.steps / report.training_steps
    n = counted(len(one.trainings), "training")
    costs = f", {paid:.1f} times the cost of the first" if one.trainings else ""
    return f"{one.policy}, {error} ({n}{costs})"


def _best(
    report: DriftReport, never: Deployment, trained: list[Deployment], since: int
) -> str:
    """The policy with the lowest error, and what it gained."""
    best = min(trained, key=lambda one: float(one.errors[since:].mean()))
    alone = float(never.errors[since:].mean())
    gained = float(best.errors[since:].mean()) / alone if alone > 0 else 1.0
    if not math.isfinite(gained) or gained > 1 - NOTICEABLE:
        return "training again bought nothing here"
    return (
        f"training again by the policy {best.policy!r} would have removed "
        f"{100 * (1 - gained):.0f} % of the error"
    )


def _trouble(report: DriftReport) -> list[str]:
    """What went wrong in trainings, each message once."""
    messages: dict[Any, int] = {}
    for one in report.deployments:
        for row in one.trainings:
            if row.get("message"):
                messages[row["message"]] = messages.get(row["message"], 0) + 1
    return [f"in {counted(n, 'training')}: {text}" for text, n in messages.items()]
