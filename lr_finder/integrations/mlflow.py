"""Runs as MLflow keeps them: in a database or on a server, by its client."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from lr_finder._output import check_writable
from lr_finder.errors import InputError
from lr_finder.integrations.logged import Names, Series

MODULES = ("mlflow", "sqlalchemy", "alembic")
USUAL_STORE = "sqlite:///mlflow.db"
EXPERIMENT = "lr_finder"
MOST_METRICS, MOST_PARAMETERS = 1000, 100  # that MLflow takes in one call
LONGEST_VALUE, LONGEST_TEXT = 6000, 8000  # characters of a parameter, of a tag
LONGEST_NAME = 250  # of a run
REFUSED = re.compile(r"[^\w\-. /]+")  # in names of metrics and parameters
SQLITE = "sqlite:///"
DATABASES = ("sqlite", "postgresql", "mysql", "mssql")  # also with +DRIVER
SERVERS = ("http", "https", "databricks", "databricks-uc", "uc")


def check(where: str | None) -> str:
    """The address of a store: of a database that can be written, or of a server.

    Args:
        where: str, a tracking URI; None for that of the variable MLFLOW_TRACKING_URI,
            else `sqlite:///mlflow.db`.

    Returns:
        str.

    Raises:
        InputError: If it is no address, or its folder cannot be written.

    Example:
    >>> check("sqlite:///runs.db")
    'sqlite:///runs.db'
    >>> check("runs")
    Traceback (most recent call last):
    lr_finder.errors.InputError: The tracker mlflow must have the address of a \
database or a server. Received: mlflow:runs. Give mlflow:sqlite:///runs.db or \
mlflow:http://HOST:PORT.
    """
    address = where or os.environ.get("MLFLOW_TRACKING_URI") or USUAL_STORE
    if not _is_known(address):
        raise InputError(
            "The tracker mlflow must have the address of a database or a server. "
            f"Received: mlflow:{address}. Give mlflow:sqlite:///runs.db or "
            "mlflow:http://HOST:PORT."
        )
    if address.startswith(SQLITE):
        folder = Path(address.removeprefix(SQLITE)).parent
        check_writable(folder, "Name another: mlflow:sqlite:///FOLDER/runs.db.")
    return address


def _is_known(address: str) -> bool:
    """Whether MLflow, or an addition to it, has a store for such an address."""
    if address == "databricks":
        return True
    scheme, mark, place = address.partition("://")
    if not mark or not place or scheme == "file":
        return False
    scheme = scheme.lower()
    if scheme in SERVERS or scheme.partition("+")[0] in DATABASES:
        return True
    return scheme in entry_points(group="mlflow.tracking_store").names


def active_run(where: str) -> tuple[str, str] | None:
    """The run of MLflow that is active in this thread, and its experiment.

    Args:
        where: str, the address of the store.

    Returns:
        `(experiment, run)`, the identifiers; None if none is, or in another store.
    """
    mlflow = sys.modules.get("mlflow")
    if mlflow is None:  # if nobody loaded it, nobody began a run
        return None
    active = mlflow.active_run()
    if active is None or mlflow.get_tracking_uri() != where:
        return None
    return active.info.experiment_id, active.info.run_id


def start(where: str, name: str, active: tuple[str, str] | None = None) -> MLflowRun:
    """Begin a run in the experiment that MLFLOW_EXPERIMENT_NAME names, or lr_finder.

    Args:
        where: str, the address of the store.
        name: str, of the run.
        active: what `active_run` tells: the run that this one is nested in; or None.

    Returns:
        MLflowRun.
    """
    import mlflow

    if where.startswith(SQLITE):
        folder = Path(where.removeprefix(SQLITE)).parent
        folder.mkdir(parents=True, exist_ok=True)
    with _quiet("alembic", "mlflow.store.db.utils"):  # they tell of each table made
        client = mlflow.MlflowClient(where)
        if active is not None:
            experiment, parent = active
            return MLflowRun(client, experiment, name, where, parent)
        experiment = _experiment(client, where)
    return MLflowRun(client, experiment, name, where)


@contextlib.contextmanager
def _quiet(*names: str) -> Iterator[None]:
    """Let loggers tell warnings only."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _experiment(client: Any, where: str) -> str:
    """The identifier of the experiment; it is made if it is not there."""
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
    known = client.get_experiment_by_name(name)
    if known is not None:
        return known.experiment_id
    place = None
    if where.startswith(SQLITE):  # else files would go to the working directory
        database = Path(where.removeprefix(SQLITE)).absolute()
        place = database.with_name(f"{database.stem}_files").as_uri()
    return client.create_experiment(name, artifact_location=place)


class MLflowRun:
    """A run, written by calls that take up to 1,000 numbers each.

    Args:
        client: mlflow.MlflowClient.
        experiment: str, its identifier.
        name: str, of the run.
        where: str, the address of the store.
        parent: str, the identifier of the run that this one is nested in, or None.
    """

    def __init__(
        self,
        client: Any,
        experiment: str,
        name: str,
        where: str,
        parent: str | None = None,
    ):
        self._client, self._experiment, self._where = client, experiment, where
        tags = {} if parent is None else {"mlflow.parentRunId": parent}
        run = client.create_run(experiment, run_name=name[:LONGEST_NAME], tags=tags)
        self._id = run.info.run_id
        self.place = f"run {name} of {where}"
        self._names = Names(REFUSED)

    def describe(self, parameters: Mapping[str, Any], texts: Mapping[str, str]) -> None:
        """Write parameters; texts as tags, and all of them as the run's description."""
        from mlflow.entities import Param, RunTag

        told = [
            Param(self._names[f"{name}"], str(value)[:LONGEST_VALUE])
            for name, value in parameters.items()
        ]
        tags = [RunTag(name, text[:LONGEST_TEXT]) for name, text in texts.items()]
        if texts:
            description = "\n\n".join(texts.values())[:LONGEST_TEXT]
            tags.append(RunTag("mlflow.note.content", description))
        for part in parts(told, MOST_PARAMETERS):
            self._client.log_batch(self._id, params=part)
        self._client.log_batch(self._id, tags=tags)

    def add(self, series: Series) -> None:
        """Write curves, up to 1,000 points in a call."""
        from mlflow.entities import Metric

        now = time.time()
        points = [
            Metric(
                self._names[tag], float(value),
                round(1000 * (now if series.seconds is None else series.seconds[i])),
                int(step),
            )
            for tag, steps, values in series.tags()
            for i, (step, value) in enumerate(zip(steps, values, strict=True))
        ]  # fmt: skip
        for part in parts(points, MOST_METRICS):
            self._client.log_batch(self._id, metrics=part)

    def finish(self, metrics: Mapping[str, float]) -> None:
        """Write what was found."""
        from mlflow.entities import Metric

        now = round(1000 * time.time())
        found = [Metric(self._names[k], value, now, 0) for k, value in metrics.items()]
        for part in parts(found, MOST_METRICS):
            self._client.log_batch(self._id, metrics=part)

    def keep(self, folder: Path) -> None:
        """Keep the files as artifacts."""
        self._client.log_artifacts(self._id, str(folder))

    def child(self, name: str) -> MLflowRun:
        """Begin a run nested in this one."""
        return MLflowRun(self._client, self._experiment, name, self._where, self._id)

    def close(self, *, is_whole: bool = True) -> None:
        """End the run."""
        status = "FINISHED" if is_whole else "KILLED"
        self._client.set_terminated(self._id, status=status)


def parts(values: list[Any], most: int) -> Iterator[list[Any]]:
    """A list in pieces of at most so many.

    Example:
    >>> list(parts([1, 2, 3], 2))
    [[1, 2], [3]]
    """
    for first in range(0, len(values), most):
        yield values[first : first + most]
