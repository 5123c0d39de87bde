"""Runs as Weights & Biases keeps them: on its server, or in files to be sent later."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from lr_finder._output import as_file_name
from lr_finder.integrations.logged import Names, Series

MODULES = ("wandb",)
PROJECT = "lr_finder"
STEP = "step"
REFUSED = re.compile(r"^_+|[^\w\-. /]+")  # a leading `_` is W&B's own
LONGEST_RUN_NAME = 128  # characters


def check(where: str | None) -> str:
    """The project of the runs.

    Args:
        where: str, a project, or `entity/project`; None for that of the variable
            WANDB_PROJECT, else `lr_finder`.

    Returns:
        str.

    Example:
    >>> check("my-project")
    'my-project'
    """
    return where or os.environ.get("WANDB_PROJECT") or PROJECT


def active_run(where: str) -> None:
    """There is no run of another's that this one is nested in."""


def start(where: str, name: str, active: None = None) -> WandbRun:
    """Begin a run; without a key of W&B it is kept in files, as if offline.

    Args:
        where: str, the project.
        name: str, of the run.
        active: None.

    Returns:
        WandbRun.
    """
    return WandbRun(where, name)


def _mode() -> Literal["offline"] | None:
    """`"offline"` if nobody has logged in, and nothing else is asked for."""
    import wandb

    if os.environ.get("WANDB_MODE"):
        return None  # W&B reads it
    return None if wandb.login(prompt=False) else "offline"


class WandbRun:
    """A run beside any other of the process.

    Args:
        where: str, the project.
        name: str, of the run.
        group: str, that holds a run and those nested in it; None to make one.
        kind: str, what W&B calls the type of job.
    """

    def __init__(
        self, where: str, name: str, group: str | None = None, kind: str = "lr_finder"
    ):
        import wandb

        self._where, self._group = where, group or name
        entity, _, project = where.rpartition("/")
        quiet = wandb.Settings(silent=True, console="off")
        self._run = wandb.init(
            entity=entity or None, project=project, name=name[:LONGEST_RUN_NAME],
            group=self._group[:LONGEST_RUN_NAME], job_type=kind, mode=_mode(),
            reinit="create_new", settings=quiet,
        )  # fmt: skip
        self._names = Names(REFUSED)
        self._defined: set[str] = set()
        folder = f"folder {Path(self._run.dir).parent}"
        self.place = folder if self._run.offline else self._run.url or folder

    def describe(self, parameters: Mapping[str, Any], texts: Mapping[str, str]) -> None:
        """Write parameters as the config, texts as the notes and in the summary."""
        self._run.config.update(dict(parameters), allow_val_change=True)
        if texts:
            self._run.notes = "\n\n".join(texts.values())
        for name, text in texts.items():
            self._run.summary[f"text/{name}"] = text

    def add(self, series: Series) -> None:
        """Write curves; their horizontal axis is the rate, if they have one."""
        group = self._names[series.group]
        step = f"{group}/{STEP}"
        if group not in self._defined:
            axis = f"{group}/{series.over}" if series.over else step
            self._run.define_metric(axis)
            self._run.define_metric(f"{group}/*", step_metric=axis)
            self._defined.add(group)
        names = [self._names[f"{group}/{name}"] for name in series.columns]
        rows = zip(*(map(float, each) for each in series.columns.values()), strict=True)
        for place, values in zip(series.steps, rows, strict=True):
            row = dict(zip(names, values, strict=True))
            self._run.log({step: int(place)} | row)

    def finish(self, metrics: Mapping[str, float]) -> None:
        """Write what was found into the summary."""
        self._run.summary.update({self._names[k]: v for k, v in metrics.items()})

    def keep(self, folder: Path) -> None:
        """Show pictures, and keep all files as an artifact."""
        import wandb

        pictures = {
            f"figures/{path.stem}": wandb.Image(str(path))
            for path in sorted(folder.glob("*.png"))
        }
        if pictures:
            self._run.log(pictures)
        name = as_file_name(self._run.name or PROJECT)
        artifact = wandb.Artifact(f"{name}-{self._run.id}", type=PROJECT)
        for path in sorted(folder.iterdir()):  # `add_dir` prints
            artifact.add_file(str(path))
        self._run.log_artifact(artifact)

    def child(self, name: str) -> WandbRun:
        """Begin a run of the same group."""
        return WandbRun(self._where, name, self._group, kind="nested")

    def close(self, *, is_whole: bool = True) -> None:
        """End the run."""
        self._run.finish(exit_code=0 if is_whole else 1)
