"""A deployment: errors over time, alarms and trainings, and what they came to."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lr_finder._files import write_atomically
from lr_finder._text import short_reason
from lr_finder.analysis.drift.alarm_counts import DriftSpan
from lr_finder.analysis.drift.error_levels import began_to_fail, block_size
from lr_finder.analysis.drift.error_process import block_means
from lr_finder.errors import InputError
from lr_finder.results import _faces
from lr_finder.results.comparison_dict import rows_of
from lr_finder.results.drift.drift_text import format_drift
from lr_finder.results.drift.one_policy import Deployment

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ("policy", "error", "error_after", "alarms", "delay", "false_alarms",
           "trainings", "paid", "recovery")  # fmt: skip
FIELDS = ("before", "training_steps", "task", "name", "times", "about")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class DriftReport:
    """A model after its deployment, by one policy or several.

    Args:
        deployments: tuple of Deployment, of equal length.
        before: float, mean error of the held-out rows before deployment.
        training_steps: int >= 1, of one training over the rows before deployment, the
            unit of what is paid.
        task: "classification", whose error is the share of wrong answers, or
            "regression", whose error is absolute.
        drifts: tuple of DriftSpan in rows from the deployment; None if not known.
        name: str, of the stream.
        times: sequence of str, one for each row; None for row numbers.
        about: mapping of JSON values: what is known of data, model and versions.

    Raises:
        InputError: If there is no deployment, or they differ in length.

    Example:
    >>> errors = np.array([1.0] * 100 + [3.0] * 100)
    >>> deployment = Deployment("never", errors, alarms=(120,))
    >>> report = DriftReport((deployment,), 1.0, 50, "regression",
    ...                      (DriftSpan(100, 101),))
    >>> report.failing_since, report.summary()["delay"].tolist()
    (100, [20.0])
    """

    deployments: tuple[Deployment, ...]
    before: float
    training_steps: int
    task: str
    drifts: tuple[DriftSpan, ...] | None = None
    name: str = "stream"
    times: Sequence[str] | None = None
    about: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {len(one.errors) for one in self.deployments}
        if len(lengths) != 1 or 0 in lengths:
            raise InputError(
                "Argument `deployments` must hold at least one, all of equal length. "
                f"Received: lengths {sorted(lengths)}. Call "
                "lr_finder.simulate_deployment for one."
            )

    @property
    def rows(self) -> int:
        """Rows after deployment."""
        return len(self.deployments[0].errors)

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies, in the order in which they were given."""
        return tuple(one.policy for one in self.deployments)

    @property
    def block(self) -> int:
        """Rows in a block, over which errors are averaged."""
        return block_size(self.rows)

    @property
    def untouched(self) -> Deployment:
        """The deployment that is trained again least: `never`, if it was asked for."""
        return min(self.deployments, key=lambda one: len(one.trainings))

    @property
    def failing_since(self) -> int | None:
        """The row from which the untouched model has 1.5 times its error before."""
        if not math.isfinite(self.before):
            return None
        alone = self.untouched
        errors = alone.errors
        if alone.trainings:  # what comes after a training tells of another model
            errors = errors[: alone.trainings[0]["at"]]
        return began_to_fail(errors, self.before, block=self.block)

    @property
    def changed_at(self) -> int | None:
        """Where recovery counts from: the first drift, else where failing began."""
        if self.drifts:
            return self.drifts[0].start
        return self.failing_since

    def time_of(self, row: int) -> str:
        """When a row is, in words.

        Args:
            row: int, from the deployment.

        Returns:
            str.
        """
        if self.times is None:
            return f"row {row:,}"
        return str(self.times[min(row, self.rows - 1)])

    def to_frame(self) -> pd.DataFrame:
        """A tidy table, one row for each policy and each row of the stream.

        Returns:
            DataFrame: `policy`, `row` (from the deployment), `time` (if known),
            `error`, `is_alarm` and `is_training` (trained before this row).
        """
        frames = []
        for one in self.deployments:
            trained = {int(row["at"]) for row in one.trainings}
            rows = np.arange(self.rows)
            columns: dict[str, Any] = {"policy": one.policy, "row": rows}
            if self.times is not None:
                columns["time"] = list(self.times)
            frames.append(pd.DataFrame(columns | {
                "error": one.errors, "is_alarm": np.isin(rows, one.alarms),
                "is_training": np.isin(rows, list(trained)),
            }))  # fmt: skip
        return pd.concat(frames, ignore_index=True)

    def levels(self) -> pd.DataFrame:
        """Mean errors over blocks of rows.

        Returns:
            DataFrame: `policy`, `row` (the first of the block) and `error`.
        """
        frames = []
        for one in self.deployments:
            means = block_means(one.errors, self.block)
            frames.append(pd.DataFrame({
                "policy": one.policy, "row": np.arange(len(means)) * self.block,
                "error": means,
            }))  # fmt: skip
        return pd.concat(frames, ignore_index=True)

    def trainings(self) -> pd.DataFrame:
        """The trainings after the deployment.

        Returns:
            DataFrame: `policy` and the columns of `Deployment.trainings`.
        """
        rows = [
            {"policy": one.policy, **row}
            for one in self.deployments for row in one.trainings
        ]  # fmt: skip
        columns = ["policy", "at", "rows", "learning_rate", "steps", "sweep_steps",
                   "seconds", "message"]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def summary(self) -> pd.DataFrame:
        """What each policy came to.

        Returns:
            DataFrame, a row for each policy: `policy`; `error`, the mean after
            deployment; `error_after`, the mean from `changed_at` on (nan without);
            `alarms`; `delay`, rows from there to the first alarm (nan without);
            `false_alarms` (nan if the drifts are not known); `trainings`; `paid`, in
            trainings over the rows before deployment, sweeps included; and
            `recovery`, rows from there until the error is back (nan if it never is).
        """
        since = self.changed_at
        rows = [
            one.summary(
                since, self.drifts, before=self.error_before(one), block=self.block
            )
            | {"paid": one.steps / self.training_steps}
            for one in self.deployments
        ]
        return pd.DataFrame(rows)[list(COLUMNS)]

    def error_before(self, one: Deployment) -> float:
        """The error that a recovery is measured by: of the rows before the drift.

        Args:
            one: Deployment.

        Returns:
            float, the mean error from the deployment to the drift; before deployment if
            there are no such rows, or the drift is not known.
        """
        since = self.changed_at if self.drifts else None
        return float(one.errors[:since].mean()) if since else self.before

    def sentences(self) -> list[str]:
        """When the model began to fail, whether an alarm came, what training bought.

        Returns:
            list of str, a sentence each, the answer first.
        """
        return format_drift(self)

    def __str__(self) -> str:
        return self.sentences()[0]

    def __repr__(self) -> str:
        return f"<DriftReport of {', '.join(self.policies)}: {self}>"

    def to_dict(self) -> dict[str, Any]:
        """What was found, as JSON takes it.

        Returns:
            dict with `summary`, `trainings` and `levels` (tables, a dict for each row),
            `sentences`, `before`, `failing_since`, `alarms` (by policy), `drifts`,
            `rows`, `block`, `training_steps` and `about`.
        """
        drifts = self.drifts and [dataclasses.asdict(span) for span in self.drifts]
        return {
            "summary": rows_of(self.summary()),
            "trainings": rows_of(self.trainings()),
            "levels": rows_of(self.levels()),
            "sentences": self.sentences(),
            "before": self.before,
            "failing_since": self.failing_since,
            "alarms": {one.policy: list(one.alarms) for one in self.deployments},
            "drifts": drifts,
            "rows": self.rows,
            "block": self.block,
            "training_steps": self.training_steps,
            "about": dict(self.about),
        }

    def save(self, path: str | Path) -> Path:
        """Write the deployments and what is known of them to one JSON file.

        Args:
            path: str or Path; an existing file is replaced, whole or not at all.

        Returns:
            Path, the file written.
        """
        told: dict[str, Any] = {name: getattr(self, name) for name in FIELDS}
        told["drifts"] = self.drifts and [[d.start, d.end] for d in self.drifts]
        told["deployments"] = [
            {"policy": one.policy, "alarms": list(one.alarms),
             "errors": [error if math.isfinite(error) else "inf"
                        for error in one.errors.tolist()],
             "trainings": [dict(row) for row in one.trainings]}
            for one in self.deployments
        ]  # fmt: skip
        text = json.dumps(told) + "\n"
        write_atomically(path, lambda file: file.write(text.encode()))
        return Path(path)

    @classmethod
    def load(cls, path: str | Path) -> DriftReport:
        """Read what `save` wrote.

        Args:
            path: str or Path.

        Returns:
            DriftReport.

        Raises:
            InputError: If there is no such file, or it holds something else.
        """
        try:
            told = json.loads(Path(path).read_text(encoding="utf-8"))
            deployments = tuple(
                Deployment(
                    one["policy"], np.array(one["errors"], dtype=float),
                    tuple(one["alarms"]), tuple(one["trainings"]),
                )
                for one in told["deployments"]
            )  # fmt: skip
            spans = told["drifts"]
            drifts = None if spans is None else tuple(DriftSpan(*d) for d in spans)
            known = {name: told[name] for name in FIELDS}
            return cls(deployments, drifts=drifts, **known)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                "Argument `path` must be a file that DriftReport.save wrote. Received: "
                f"{path} ({short_reason(error)}). Check the path."
            ) from error

    def plot(self, ax: Axes | None = None) -> Axes:
        """The error over time; see `lr_finder.plot_deployment`."""
        return _faces.plot_deployment(self, ax)

    def report(self, path: str | Path) -> Path:
        """Write a report in one file; see `Finding.report`."""
        return _faces.report(self, path)

    def _repr_html_(self) -> str:
        """What a notebook shows: the answer in a sentence, and a small picture."""
        return _faces.as_html(self)
