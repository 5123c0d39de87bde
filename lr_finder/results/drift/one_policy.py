"""What one policy made of a stream: errors, alarms, trainings, and their summary."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lr_finder.analysis.drift.alarm_counts import DriftSpan, count_alarms
from lr_finder.analysis.drift.error_levels import recovered_after


@dataclasses.dataclass(frozen=True, eq=False)
class Deployment:
    """What one policy made of a stream; places count rows from the deployment.

    Args:
        policy: str, in words.
        errors: float array (rows,), each row tested before anything is learnt from it.
        alarms: tuple of int, places of the alarms.
        trainings: tuple of dict: `at`, `rows`, `learning_rate`, `steps`,
            `sweep_steps`, `seconds` and `message`.
    """

    policy: str
    errors: np.ndarray
    alarms: tuple[int, ...] = ()
    trainings: tuple[Mapping[str, Any], ...] = ()

    @property
    def steps(self) -> int:
        """Steps of all trainings after the deployment, sweeps included."""
        return sum(int(row["steps"] + row["sweep_steps"]) for row in self.trainings)

    def summary(
        self,
        since: int | None,
        drifts: Sequence[DriftSpan] | None,
        *,
        before: float,
        block: int,
    ) -> dict[str, Any]:
        """What the policy came to; see `DriftReport.summary`.

        Args:
            since: int, the row from which errors count as after the change; None
                without a change.
            drifts: sequence of DriftSpan; None if they are not known.
            before: float, mean error before the change.
            block: int >= 1, rows in a block.

        Returns:
            dict, a row of the summary without what was paid.
        """
        row: dict[str, Any] = {
            "policy": self.policy, "error": float(self.errors.mean()),
            "error_after": math.nan, "alarms": len(self.alarms), "delay": math.nan,
            "false_alarms": math.nan, "trainings": len(self.trainings),
            "recovery": math.nan,
        }  # fmt: skip
        if drifts is not None:
            trained = [int(each["at"]) for each in self.trainings]
            row["false_alarms"] = count_alarms(self.alarms, drifts, trained).false
        if since is None:
            return row
        later = [alarm for alarm in self.alarms if alarm >= since]
        back = recovered_after(self.errors, before, since=since, block=block)
        return row | {
            "error_after": float(self.errors[since:].mean()),
            "delay": float(later[0] - since) if later else math.nan,
            "recovery": math.nan if back is None else float(back),
        }
