"""Monitors that raise an alarm: on errors, by river's detectors, or on inputs."""

from __future__ import annotations

import difflib
import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from lr_finder._arguments import check_extra
from lr_finder.analysis.drift.error_process import (
    ARProcess,
    as_errors,
    block_means,
    fit_ar1,
)
from lr_finder.data.dataset import Task
from lr_finder.errors import InputError
from lr_finder.experiments.drift.input_monitor import InputMonitor

# Of the default monitor, found by `python -m benchmarks.drift monitors`.
BLOCK = 10  # errors in a block
ALLOWED, THRESHOLD = 0.25, 13.0  # in standard deviations of the residuals
CLIPPED = 4.0  # standard deviations: no single block raises an alarm
FEWEST_BLOCKS = 8  # before deployment: fewer do not tell a deviation
ADWIN_DELTA = 0.002
FARTHEST = 100.0  # standard deviations from the mean, at which raw errors are cut

RAW, BLOCKS, RESIDUALS = "raw", "blocks", "residuals"
DETECTORS = ("page_hinkley", "adwin", "kswin", "ddm")
INPUTS, DEFAULT = "inputs", "page_hinkley:residuals"


class Monitor(Protocol):
    """What watches a deployed model."""

    def calibrate(self, errors: np.ndarray, x: np.ndarray | None) -> None:
        """Learn what is usual, from rows that the model was not trained on."""

    def update(self, error: float, x: np.ndarray | None) -> bool:
        """Take the error and the input of the next row; whether there is an alarm."""


class ErrorMonitor:
    r"""A detector of river on errors, on their block means, or on residuals of those.

    Residuals are what an AR(1) process, fitted to the block means of the errors that
    `calibrate` is given, does not explain of a block mean by the one before, in their
    standard deviations and cut at 4. The detector first sees those of the calibration.
    Page-Hinkley and ADWIN then raise an alarm only if the level rises. On raw errors
    each detector is as river has it by default.

    Args:
        detector: str, one of `DETECTORS`.
        watched: str, `"raw"`, `"blocks"` or `"residuals"`.
        seed: int, of KSWIN, which draws.
        block: int >= 1, errors in a block.
    """

    def __init__(
        self, detector: str, watched: str, *, seed: int = 0, block: int = BLOCK
    ):
        self._make = lambda: _detector(detector, watched, seed)
        self._watched, self._block = watched, 1 if watched == RAW else block
        self._process = ARProcess(0.0, 0.0, 1.0)

    def calibrate(self, errors: np.ndarray, x: np.ndarray | None = None) -> None:
        """Fit the process, and start the detector anew.

        Args:
            errors: float array (time,), finite.
            x: ignored: errors alone are watched.

        Raises:
            InputError: If there are too few.
        """
        del x
        self.check_enough(len(errors))
        means = block_means(as_errors(errors), self._block)
        process = fit_ar1(means)
        if self._watched != RESIDUALS:
            process = ARProcess(process.mean, 0.0, float(means.std()))
        self._process = process
        self._scale = process.sd or _least_spread(len(errors), self._block)
        self._centre, self._last = 0.0, float(means[0])
        self._detector, self._pending, self._count = self._make(), 0.0, 0
        if self._watched == RESIDUALS:
            first = np.array([self._prepared(value) for value in means[1:]])
            self._centre, spread = float(first.mean()), float(first.std())
            self._scale *= spread or 1.0
            for value in (first - self._centre) / (spread or 1.0):
                self._detector.update(float(value))

    def check_enough(self, errors: int) -> None:
        """Refuse so few errors that nobody can tell from them what is usual.

        Args:
            errors: int, those from before the deployment.

        Raises:
            InputError: If they are too few.
        """
        if errors < FEWEST_BLOCKS * self._block:
            raise InputError(
                f"A monitor must know at least {FEWEST_BLOCKS * self._block} errors "
                f"from before the deployment. Received: {errors}. Train on more rows, "
                "so that more are held out."
            )

    def update(self, error: float, x: np.ndarray | None = None) -> bool:
        """Take the next error.

        Args:
            error: float; what is not finite counts as very large.
            x: ignored.

        Returns:
            bool, whether there is an alarm.
        """
        del x
        most = self._process.mean + FARTHEST * (self._process.sd or 1.0)
        self._pending += min(error, most) if math.isfinite(error) else most
        self._count += 1
        if self._count < self._block:
            return False
        mean, self._pending, self._count = self._pending / self._block, 0.0, 0
        value = self._prepared(mean) if self._watched == RESIDUALS else mean
        level = getattr(self._detector, "estimation", None)  # of ADWIN
        self._detector.update(value)
        if self._watched == RAW or level is None:
            return bool(self._detector.drift_detected)
        return bool(self._detector.drift_detected) and self._detector.estimation > level

    def _prepared(self, mean: float) -> float:
        """A block mean as a residual, in standard deviations."""
        apart = self._process.residual(mean, self._last) / self._scale
        self._last = mean
        return min(max(apart, -CLIPPED), CLIPPED) - self._centre


def make_monitor(
    monitor: str | Monitor = DEFAULT, *, task: Task | None = None, seed: int = 0
) -> Monitor:
    """The monitor that a name stands for.

    Args:
        monitor: str: `"default"`, which is `"page_hinkley:residuals"`; `"adwin"`,
            `"kswin"`, `"page_hinkley"` or `"ddm"` (for right and wrong answers alone)
            on the errors as they come; the same with `":blocks"` or `":residuals"`; or
            `"inputs"`, which watches inputs. Or an object with `calibrate(errors, x)`
            and `update(error, x) -> bool`.
        task: "classification" or "regression", whose errors are watched; None if it is
            not known.
        seed: int, of monitors that draw.

    Returns:
        Monitor.

    Raises:
        InputError: If there is no such monitor, or it does not go with the task.
        LRFinderError: If river is not installed.

    Example:
    >>> monitor = make_monitor("default")
    >>> monitor.calibrate(np.abs(np.random.default_rng(0).normal(size=500)), None)
    >>> [step for step in range(200) if monitor.update(3.0, None)][:1]
    [39]
    """
    if not isinstance(monitor, str):
        if not all(hasattr(monitor, name) for name in ("calibrate", "update")):
            raise InputError(
                "Argument `monitor` must be a name, or have the methods `calibrate` "
                f"and `update`. Received: {type(monitor).__name__}."
            )
        return monitor
    check_monitor(monitor)
    if monitor == INPUTS:
        return InputMonitor(seed=seed)
    check_extra("A monitor of errors", ["river"], "drift")
    name = DEFAULT if monitor == "default" else monitor
    detector, _, watched = name.partition(":")
    watched = watched or RAW
    if detector == "ddm" and (task == "regression" or watched != RAW):
        raise InputError(
            "Argument `monitor` must be another than 'ddm' unless each error is that "
            f"of a class, right or wrong. Received: monitor={monitor!r} and a "
            f"{task or 'watched mean'}. Take 'default'."
        )
    return ErrorMonitor(detector, watched, seed=seed)


def check_monitor(monitor: str) -> None:
    """Refuse a name that no monitor has.

    Args:
        monitor: str, as of `make_monitor`.

    Raises:
        InputError: If there is none.

    Example:
    >>> check_monitor("adwin:blocks")
    """
    wrapped = [f"{name}:{what}" for name in DETECTORS for what in (BLOCKS, RESIDUALS)]
    known = ["default", INPUTS, *DETECTORS, *wrapped]
    if monitor not in known:
        near = difflib.get_close_matches(monitor, known, n=1)
        way_out = f"Did you mean {near[0]!r}?" if near else "'default' suits most."
        raise InputError(
            f"Argument `monitor` must be default, {INPUTS}, {', '.join(DETECTORS)}, or "
            f"one of the last four with ':{BLOCKS}' or ':{RESIDUALS}'. Received: "
            f"monitor={monitor!r}. {way_out}"
        )


def find_alarms(
    errors: ArrayLike, before: ArrayLike, *, monitor: str | Monitor = DEFAULT,
    seed: int = 0,
) -> np.ndarray:  # fmt: skip
    """Find the points at which a monitor of errors raises an alarm.

    After an alarm the detector starts anew, from the next error.

    Args:
        errors: array-like (time,), of a deployed model, in order of time.
        before: array-like (time,), errors of the same model before its deployment, on
            rows that it was not trained on.
        monitor: str or Monitor, as of `make_monitor`, but not `"inputs"`.
        seed: int, of KSWIN.

    Returns:
        int array, the places of the errors with an alarm.

    Raises:
        InputError: If errors before are too few, or there is no such monitor.
        LRFinderError: If river is not installed.

    Example:
    >>> rng = np.random.default_rng(0)
    >>> before, usual = np.abs(rng.normal(size=(2, 500)))
    >>> find_alarms(np.concatenate([usual, 2 * usual]), before)
    array([539])

    References:
        Page, Continuous inspection schemes, Biometrika 41, 1954; Bifet and Gavaldà,
        Learning from time-changing data with adaptive windowing, SDM 2007; Gama et
        al., Learning with drift detection, SBIA 2004; Montiel et al., River, JMLR 22,
        2021.
    """
    if monitor == INPUTS:
        raise InputError(
            "Argument `monitor` must watch errors. Received: monitor='inputs'. Give it "
            "to `simulate_deployment`, which has inputs."
        )
    watching = make_monitor(monitor, seed=seed)
    watching.calibrate(as_errors(before, "before"), None)
    values = np.asarray(errors, np.float64)
    found = [
        place for place, error in enumerate(values) if watching.update(error, None)
    ]
    return np.array(found, dtype=int)


def _least_spread(n: int, block: int) -> float:
    """Of block means of errors that were all alike: as if one more were wrong by 1."""
    return math.sqrt(1 / ((n + 1) * block))


def _detector(name: str, watched: str, seed: int) -> Any:
    """A detector of river, as it starts."""
    from river import drift

    if name == "adwin":
        return drift.ADWIN(ADWIN_DELTA)
    if name == "kswin":
        return drift.KSWIN(seed=seed)
    if name == "ddm":
        return drift.binary.DDM()
    if watched == RESIDUALS:
        return drift.PageHinkley(
            min_instances=FEWEST_BLOCKS, delta=ALLOWED, threshold=THRESHOLD, alpha=1.0,
            mode="up",
        )  # fmt: skip
    return drift.PageHinkley(mode="both" if watched == RAW else "up")
