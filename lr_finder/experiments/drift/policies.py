"""When a deployed model is trained again, from what start, and at what rate."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from lr_finder._arguments import check_count
from lr_finder.errors import InputError
from lr_finder.experiments.drift.streams import DriftStream

NEVER, CALENDAR, ALARM = "never", "calendar", "alarm"
WARM, SCRATCH = "warm", "scratch"
KEPT, FOUND = "kept", "found"
ON_CALENDAR = 10  # trainings in a stream, by default
WAITED, FEWEST_WAITED = 20, 20  # of a stream, a twentieth; but so many rows at least
CHOICES = {"when": (NEVER, CALENDAR, ALARM), "start": (WARM, SCRATCH),
           "rate": (KEPT, FOUND)}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class RetrainingPolicy:
    """When and how a deployed model is trained again.

    Args:
        when: `"never"`; `"calendar"`, every so many rows; or `"alarm"`, so many rows
            after each alarm.
        start: `"warm"`, from the weights that are deployed; or `"scratch"`.
        rate: `"kept"`, as in the first training; or `"found"`, by a sweep each time.
        every: int >= 1, rows between two trainings of a calendar; None for a tenth of
            those after deployment.
        wait: int >= 0, rows that are collected after an alarm before the training; None
            for a twentieth of those after deployment, but at least 20.
        window: int >= 2, the latest rows that a training learns from; None for as many
            as the first training had, or after an alarm for those collected since, as
            those before the drift would teach what is no longer true.

    Raises:
        InputError: If a value breaks its rule.

    Example:
    >>> RetrainingPolicy("alarm", start="scratch").label
    'alarm, from scratch'
    """

    when: str = ALARM
    start: str = WARM
    rate: str = KEPT
    every: int | None = None
    wait: int | None = None
    window: int | None = None

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                argument = "policy" if name == "when" else name
                raise InputError(
                    f"Argument `{argument}` must be one of {', '.join(choices)}. "
                    f"Received: {argument}={value!r}."
                )
        for name, least in (("every", 1), ("wait", 0), ("window", 2)):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name), least=least)

    @property
    def label(self) -> str:
        """The policy in words, without numbers of rows."""
        parts = [self.when]
        if self.when != NEVER:
            parts += ["from scratch"] * (self.start == SCRATCH)
            parts += ["rate found"] * (self.rate == FOUND)
        return ", ".join(parts)

    def resolved(self, stream: DriftStream) -> RetrainingPolicy:
        """The same with numbers of rows that suit a stream.

        Args:
            stream: DriftStream.

        Returns:
            RetrainingPolicy, of which no number is None.
        """
        after = stream.n_after
        every = self.every or max(1, after // ON_CALENDAR)
        wait = max(FEWEST_WAITED, after // WAITED) if self.wait is None else self.wait
        since = max(wait, FEWEST_WAITED)
        usual = since if self.when == ALARM else stream.n_trained
        return dataclasses.replace(
            self, every=every, wait=wait, window=self.window or usual
        )


Policies = str | RetrainingPolicy | Iterable[str | RetrainingPolicy]


def as_policies(policy: Policies) -> tuple[RetrainingPolicy, ...]:
    """The policies that an argument names.

    Args:
        policy: str, `"never"`, `"calendar"`, `"calendar=500"` or `"alarm"`;
            RetrainingPolicy; or several.

    Returns:
        tuple of RetrainingPolicy, each with another label.

    Raises:
        InputError: If one is unknown, or comes twice.

    Example:
    >>> [one.every for one in as_policies(["never", "calendar=500"])]
    [None, 500]
    """
    given = [policy] if isinstance(policy, str | RetrainingPolicy) else list(policy)
    policies = tuple(_as_policy(one) for one in given)
    labels = [one.label for one in policies]
    if not policies or len(set(labels)) < len(labels):
        raise InputError(
            "Argument `policy` must hold one policy or several, each once, and one "
            f"calendar at most. Received: {', '.join(map(str, given)) or 'none'}. "
            "Give, for example, never and alarm."
        )
    return policies


def _as_policy(given: str | RetrainingPolicy) -> RetrainingPolicy:
    if isinstance(given, RetrainingPolicy):
        return given
    when, equals, number = str(given).partition("=")
    if not equals:
        return RetrainingPolicy(when)
    if when != CALENDAR or not number.isdecimal():
        raise InputError(
            "Argument `policy` must be never, alarm, calendar, or calendar=ROWS with a "
            f"whole number. Received: policy={given!r}. Write calendar=500."
        )
    return RetrainingPolicy(CALENDAR, every=int(number))
