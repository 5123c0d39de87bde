"""A deployed model: scored row by row, watched, and trained again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from lr_finder._arguments import check_count, check_rate, check_seed
from lr_finder._version import __version__
from lr_finder.errors import InputError
from lr_finder.experiments.comparison.inputs import Build, source_name
from lr_finder.experiments.drift.learner import Learner, LearnerSettings
from lr_finder.experiments.drift.monitors import (
    DEFAULT,
    ErrorMonitor,
    Monitor,
    make_monitor,
)
from lr_finder.experiments.drift.policies import (
    ALARM,
    CALENDAR,
    Policies,
    RetrainingPolicy,
    as_policies,
)
from lr_finder.experiments.drift.streams import DriftStream
from lr_finder.results.drift.deployment import DriftReport
from lr_finder.results.drift.one_policy import Deployment
from lr_finder.training.preserving.randomness import preserved_randomness

CHUNK = 1000  # rows that are predicted at a time
RELEARNT = (
    200  # first errors of a new model, from which the monitor learns what is usual
)


@dataclasses.dataclass(frozen=True)
class DeploymentProgress:
    """How far a simulation is.

    Args:
        policy: str, the policy that goes on.
        done: int, rows after deployment that were scored.
        rows: int, those there are.
        alarms: int, alarms so far.
        trainings: int, trainings so far.
    """

    policy: str
    done: int
    rows: int
    alarms: int
    trainings: int


Watch = Callable[[DeploymentProgress], object]


def simulate_deployment(
    model: keras.Model | Build,
    stream: DriftStream,
    *,
    policy: Policies = ("never", "alarm"),
    monitor: str | Monitor = DEFAULT,
    epochs: int = 10,
    batch_size: int = 32,
    learning_rate: float | None = None,
    optimizer: Any = None,
    loss: str | None = None,
    seed: int = 0,
    watch: Watch | None = None,
) -> DriftReport:
    r"""Deploy a model upon a stream, score it row by row, and train it again or not.

    Each row is tested before anything is learnt from it (prequential error),

    $$ e_t = \ell(f_t(x_t), y_t), \qquad f_t \text{ trained on rows before } t $$

    the absolute error of a regression, 0 or 1 of a classification. A monitor learns
    what is usual from the rows that were held out before the deployment, and anew from
    the first 200 errors of each new model. Every policy starts from the same deployed
    model.

    Args:
        model: str or function, as `compare` takes it, built and trained on the first
            rows of the stream at the rate that a sweep finds; or keras.Model, compiled
            and trained, which is copied and deployed as it is. It is not changed.
        stream: DriftStream, see `make_stream`.
        policy: str, RetrainingPolicy or several: when the model is trained again. Of
            `"never"`, `"calendar"`, `"calendar=500"` and `"alarm"`.
        monitor: str or Monitor, as of
            `lr_finder.experiments.drift.monitors.make_monitor`.
        epochs: int >= 1, of each training.
        batch_size: int >= 1, rows in a batch.
        learning_rate: float > 0, of the first training; with a schedule, its highest.
            None for a sweep.
        optimizer: str or keras.optimizers.Optimizer; None for the model's own, or Adam.
        loss: str, Keras' name of the loss; None for the model's own, or the task's.
        seed: int, of weights, batches, sweeps and monitors that draw.
        watch: callable, given a `DeploymentProgress` after each piece and training.

    Returns:
        DriftReport, with a deployment for each policy.

    Raises:
        InputError: If an argument breaks its rule, or the stream is too short.
        ModelError: If the model cannot be built, copied or trained, or does not fit.
        SuggestionError: If the sweep before the first training finds no rate.
        LRFinderError: If river is not installed.

    Example:
    >>> from lr_finder.experiments.drift.streams import make_stream
    >>> x = np.random.default_rng(0).normal(size=(1200, 2))
    >>> stream = make_stream(x, (x[:, 0] > 0).astype(int), change="labels")
    >>> report = simulate_deployment("mlp", stream, learning_rate=0.01, epochs=3)
    >>> [deployment.policy for deployment in report.deployments]
    ['never', 'alarm']

    References:
        Gama, Sebastião and Rodrigues, On evaluating stream learning algorithms, Machine
        Learning 90, 2013; Gama et al., A survey on concept drift adaptation, ACM
        Computing Surveys 46, 2014.
    """
    for name, count in (("epochs", epochs), ("batch_size", batch_size)):
        check_count(name, count, least=1)
    check_seed(seed)
    if learning_rate is not None:
        check_rate("learning_rate", learning_rate)
    if not isinstance(stream, DriftStream):
        raise InputError(
            "Argument `stream` must be a DriftStream. Received: "
            f"{type(stream).__name__}. Make one by lr_finder.make_stream(x, y)."
        )
    policies = [one.resolved(stream) for one in as_policies(policy)]
    watching = make_monitor(monitor, task=stream.task, seed=seed)
    if isinstance(watching, ErrorMonitor):  # before anything is trained
        watching.check_enough(stream.n_before - stream.n_trained)
    settings = LearnerSettings(
        epochs, batch_size, learning_rate, optimizer, loss, seed
    )  # fmt: skip
    with preserved_randomness():
        learner = Learner(model, stream, settings)
        walks = [Walk(learner, stream, one, watching, watch) for one in policies]
        deployments = tuple(walk.run() for walk in walks)
    name = model.name if isinstance(model, keras.Model) else source_name(model)
    about = {
        "model": name, "task": stream.task,
        "source": stream.name, "kind": stream.kind, "target": stream.target,
        "monitor": monitor if isinstance(monitor, str) else type(monitor).__name__,
        "learning_rate": learner.rate, "epochs": epochs, "batch_size": batch_size,
        "seed": seed, "keras": keras.version(), "backend": keras.backend.backend(),
        "lr_finder": __version__, "notes": list(stream.notes),
    }  # fmt: skip
    return report_of(stream, learner, deployments, about)


def report_of(
    stream: DriftStream,
    learner: Learner,
    deployments: tuple[Deployment, ...],
    about: dict[str, Any],
) -> DriftReport:
    """Deployments as a report, whose rows count from the deployment.

    Args:
        stream: DriftStream.
        learner: Learner.
        deployments: tuple of Deployment.
        about: dict of JSON values.

    Returns:
        DriftReport.
    """
    drifts = stream.drifts
    if drifts is not None:
        drifts = tuple(
            dataclasses.replace(
                span, start=span.start - stream.n_before, end=span.end - stream.n_before
            )
            for span in drifts
        )
    rows = range(stream.n_before, len(stream.x))
    return DriftReport(
        deployments,
        float(learner.held_out.mean()),
        learner.training_steps,
        stream.task,
        drifts,
        stream.name,
        None if stream.times is None else [stream.time_of(row) for row in rows],
        about,
    )


class Walk:
    """A deployed model on its way through the rows, by one policy.

    Args:
        learner: Learner, whose model is put back first.
        stream: DriftStream.
        policy: RetrainingPolicy, resolved.
        monitor: Monitor.
        watch: callable, given a `DeploymentProgress`; or None.
    """

    def __init__(
        self,
        learner: Learner,
        stream: DriftStream,
        policy: RetrainingPolicy,
        monitor: Monitor,
        watch: Watch | None = None,
    ):
        self._learner, self._stream, self._policy = learner, stream, policy
        self._monitor, self._watch = monitor, watch
        self._errors: list[float] = []
        self._alarms: list[int] = []
        self._trainings: list[dict[str, Any]] = []
        self._due: int | None = None
        self._learning: list[int] | None = None  # rows since a training, if not enough

    def run(self) -> Deployment:
        """Score every row after the deployment, and train when the policy says so.

        Returns:
            Deployment.
        """
        stream = self._stream
        self._learner.put_back()
        held = slice(stream.n_trained, stream.n_before)
        self._monitor.calibrate(self._learner.held_out, stream.x[held])
        now, end = stream.n_before, len(stream.x)
        if self._policy.when == CALENDAR and self._policy.every:
            self._due = now + self._policy.every
        while now < end:
            now = self._score(now, min(end, now + CHUNK, self._due or end))
            self._tell()
            if now == self._due and now < end:
                self._train(now)
        errors = np.array(self._errors)
        alarms = tuple(row - stream.n_before for row in self._alarms)
        return Deployment(self._policy.label, errors, alarms, tuple(self._trainings))

    def _score(self, start: int, stop: int) -> int:
        """Test rows up to the next training; the row after the last one tested."""
        errors = self._learner.errors(start, stop)
        for row in range(start, stop):
            if row == self._due:
                return row
            self._errors.append(float(errors[row - start]))
            if self._is_alarm(row):
                self._alarms.append(row)
                if self._policy.when == ALARM:
                    self._due = row + 1 + (self._policy.wait or 0)
        return stop

    def _is_alarm(self, row: int) -> bool:
        """Show a row to the monitor, unless a training is due after an alarm."""
        if self._policy.when == ALARM and self._due is not None:
            return False
        if self._learning is None:
            return self._monitor.update(self._errors[-1], self._stream.x[row])
        self._learning.append(row)
        if len(self._learning) == RELEARNT:
            latest = np.array(self._errors[-RELEARNT:])
            if np.isfinite(latest).all():
                self._monitor.calibrate(latest, self._stream.x[self._learning])
            self._learning = None
        return False

    def _train(self, now: int) -> None:
        """Train on the latest rows, and let the monitor learn anew."""
        policy = self._policy
        start = max(0, now - (policy.window or now))
        row = self._learner.train(start, now, policy)
        self._trainings.append({"at": now - self._stream.n_before} | row)
        self._learning = []
        is_calendar = policy.when == CALENDAR and policy.every
        self._due = now + policy.every if is_calendar and policy.every else None
        self._tell()

    def _tell(self) -> None:
        if self._watch is not None:
            counts = len(self._alarms), len(self._trainings)
            self._watch(
                DeploymentProgress(
                    self._policy.label, len(self._errors), self._stream.n_after, *counts
                )
            )
