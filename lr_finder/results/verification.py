"""A suggestion that short trainings have confirmed or moved, and what they showed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import counted, format_rate
from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.analysis.verification.candidates import Row
from lr_finder.analysis.verification.settling import FEWEST_TO_TELL
from lr_finder.results import _faces

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes


FAVOURED = "; so few steps favour high rates"
COMING = "coming_steps"  # of the training to come, in metadata if verified for more


def steps_spent(report: Mapping[str, Any]) -> str:
    """What a verification cost, and which training it was made for, in a clause.

    Args:
        report: mapping with `steps` and `budget_steps`; with `coming_steps` if the
            training to come has fewer than a comparison of rates takes.

    Returns:
        str, without a full stop.

    Example:
    >>> print(steps_spent({"steps": 33, "budget_steps": 55, "coming_steps": 45}))
    33 steps for a training of 55, the fewest that can compare rates; yours has 45
    """
    text = f"{report['steps']} steps for a training of {report['budget_steps']}"
    if COMING not in report:
        return text
    return f"{text}, the fewest that can compare rates; yours has {report[COMING]}"


@dataclasses.dataclass(frozen=True)
class Stability:
    """How a short training at twice the rate went.

    Args:
        lr: float, twice the confirmed rate.
        steps: int, made at it, or less if it diverged.
        has_diverged: bool.
        loss_ratio: float, its loss after those steps over that of the confirmed rate
            after as many; None if it diverged, losses are not positive, or one of
            the two made fewer than 11 steps.

    Example:
    >>> print(Stability(0.2, 30, False, 1.25))
    stable at 0.2 over 30 steps, loss 1.25 times that of the answer
    """

    lr: float
    steps: int
    has_diverged: bool
    loss_ratio: float | None = None

    def __str__(self) -> str:
        steps = counted(self.steps, "step")
        if self.has_diverged:
            return f"diverged at {format_rate(self.lr)} within {steps}"
        if self.steps < FEWEST_TO_TELL:
            return (
                f"only {steps} left for {format_rate(self.lr)}, too "
                f"few to tell whether it is stable (at least {FEWEST_TO_TELL}); give "
                "more `budget_steps`"
            )
        text = f"stable at {format_rate(self.lr)} over {steps}"
        if self.loss_ratio is None:
            return text
        text += f", loss {self.loss_ratio:.3g} times that of the answer"
        return text + FAVOURED * (self.loss_ratio < 1)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class VerifiedSuggestion:
    """A learning rate that short trainings point at, and what each of them did.

    Args:
        suggestion: Suggestion, confirmed or moved, with its rate, interval and
            warnings.
        table: tuple of `Row`: what each candidate did in each rung; then what the
            answer did, if it is none of the candidates, and rates above it.
        losses: mapping of rate -> float array, the training loss of each step made.
        stability: Stability, how the training at twice the rate went; None if no steps
            were left.
        steps: int, training steps spent in all.
        metadata: mapping of str to JSON values, how it was verified.

    Example:
    >>> row = Row(0.1, 1, 10, 0.5, None, "winner")
    >>> verified = VerifiedSuggestion(Suggestion(0.1, 0.05, 0.2, "window, verified"),
    ...                               (row,), {0.1: np.ones(10)}, None, 10)
    >>> verified.lr, verified.to_frame()["status"].tolist()
    (0.1, ['winner'])
    """

    suggestion: Suggestion
    table: tuple[Row, ...]
    losses: Mapping[float, np.ndarray]
    stability: Stability | None
    steps: int
    metadata: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def lr(self) -> float:
        """The confirmed learning rate: the mean of rates tried, or the best."""
        return self.suggestion.lr

    @property
    def low(self) -> float:
        """Lower end of the interval that the best rate is likely to lie in."""
        return self.suggestion.low

    @property
    def high(self) -> float:
        """Its upper end."""
        return self.suggestion.high

    @property
    def winner(self) -> float:
        """The candidate that trained best."""
        return next(row.lr for row in self.table if row.status == "winner")

    @property
    def warnings(self) -> tuple[str, ...]:
        """Doubts to act on, those of the sweep among them."""
        return self.suggestion.warnings

    def __str__(self) -> str:
        lines = [str(self.suggestion)]
        if COMING in self.metadata:
            lines.append(f"  {steps_spent(self.to_dict())}")
        if self.stability is not None:
            lines.append(f"  twice the rate: {self.stability}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return repr(self.suggestion).replace("<", "<Verified", 1)

    def _repr_html_(self) -> str:
        """What a notebook shows: the answer in a sentence, and a small picture."""
        return _faces.as_html(self)

    def to_frame(self) -> pd.DataFrame:
        """A tidy table, one row for each rate and rung: what `to_dict` calls `table`.

        Returns:
            DataFrame with `lr`, `rung`, `steps`, `loss`, `validation_loss`, `status`;
            `loss` is halfway between the mean of the losses so far and their end.
        """
        import pandas as pd

        columns = [field.name for field in dataclasses.fields(Row)]
        frame = pd.DataFrame(map(dataclasses.asdict, self.table), columns=columns)
        return frame.astype({"loss": float, "validation_loss": float})

    def losses_frame(self) -> pd.DataFrame:
        """A tidy table of all losses, one row for each rate and step.

        Returns:
            DataFrame with `lr`, `step` from 1, and `loss`.
        """
        import pandas as pd

        rows = [
            (lr, step, float(loss))
            for lr, losses in self.losses.items()
            for step, loss in enumerate(losses, 1)
        ]
        return pd.DataFrame(rows, columns=["lr", "step", "loss"])

    def to_dict(self) -> dict[str, Any]:
        """What was found, as JSON takes it; without the losses of single steps."""
        stability = self.stability and dataclasses.asdict(self.stability)
        return {
            "suggestion": self.suggestion.to_dict(),
            "table": [dataclasses.asdict(row) for row in self.table],
            "stability": stability,
            "steps": self.steps,
            **self.metadata,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """The trainings drawn; see `lr_finder.plot_verification`."""
        return _faces.plot_verification(self, ax)

    def report(self, path: str | Path) -> Path:
        """Write a report in one file; see `Finding.report`."""
        return _faces.report(self, path)
