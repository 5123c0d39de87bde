"""Runs as TensorBoard reads them: event files in a folder, a folder for each run.

The events are written by TensorBoard's own record writer, which needs no TensorFlow.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lr_finder._output import OutputFolder, as_file_name, check_writable
from lr_finder.integrations.logged import Names, Series

MODULES = ("tensorboard",)
USUAL_FOLDER = "runs"
EVENT_FILE = "events.out.tfevents.{:.6f}.{}.{}"  # the name that TensorBoard looks for
VERSION = "brain.Event:2"
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")  # all that a tag does not take


def check(where: str | None) -> str:
    """The folder of the runs, which can be made or written.

    Args:
        where: str, the folder; None for `runs`.

    Returns:
        str.

    Raises:
        InputError: If it cannot be written.

    Example:
    >>> check(None)
    'runs'
    """
    folder = where or USUAL_FOLDER
    check_writable(Path(folder), "Name another: tensorboard:FOLDER.")
    return folder


def active_run(where: str) -> None:
    """There is no run of another's that this one is nested in."""


def start(where: str, name: str, active: None = None) -> TensorBoardRun:
    """Begin a run in a new folder.

    Args:
        where: str, the folder of the runs.
        name: str, of the run; a number is appended if there is one of that name.
        active: None.

    Returns:
        TensorBoardRun.
    """
    return TensorBoardRun(OutputFolder(Path(where, as_file_name(name)), is_new=True))


class TensorBoardRun:
    """A folder with an event file, in which nested runs are folders.

    Args:
        output: OutputFolder, of the run.
    """

    def __init__(self, output: OutputFolder):
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.summary.writer.record_writer import RecordWriter

        self._event, self._summary = event_pb2.Event, summary_pb2.Summary
        self._protos, self._known = _protos(), set[str]()
        now, host = time.time(), socket.gethostname()
        path = output.target(EVENT_FILE.format(now, host, os.getpid()))
        self._output, self.place = output, str(output.path)
        self._file = path.open("wb")
        self._writer = RecordWriter(self._file)
        self._names = Names(CONTROL)
        self._write(self._event(wall_time=now, file_version=VERSION))

    def describe(self, parameters: Mapping[str, Any], texts: Mapping[str, str]) -> None:
        """Write parameters (the page HPARAMS, and a table) and texts."""
        rows = [f"| {_cell(name)} | {_cell(v)} |" for name, v in parameters.items()]
        table = "\n".join(["| parameter | value |", "| --- | --- |", *rows])
        for name, text in {"parameters": table, **texts}.items():
            self._add_text(name, text)
        self._add_hparams(parameters)
        self._flush()

    def add(self, series: Series) -> None:
        """Write curves: a point of each is an event."""
        times = series.seconds
        for tag, steps, values in series.tags():
            for i, (step, value) in enumerate(zip(steps, values, strict=True)):
                moment = time.time() if times is None else times[i]
                self._add_number(tag, value, int(step), moment)
        self._flush()

    def finish(self, metrics: Mapping[str, float]) -> None:
        """Write what was found, each number as a curve of one point."""
        for name, value in metrics.items():
            self._add_number(name, value)
        self._flush()

    def keep(self, folder: Path) -> None:
        """Show pictures on the page IMAGES; copy all files into the run's folder."""
        from PIL import Image

        for path in sorted(folder.iterdir()):
            if path.suffix == ".png":
                with Image.open(path) as picture:
                    size = [str(length).encode() for length in picture.size]
                png = path.read_bytes()
                self._add_strings(f"figures/{path.stem}", [*size, png], "images")
            shutil.copyfile(path, self._output.target(path.name))
        self._flush()

    def child(self, name: str) -> TensorBoardRun:
        """Begin a run in a folder inside; TensorBoard calls it `run/name`."""
        return TensorBoardRun(
            OutputFolder(self._output.path / as_file_name(name), is_new=True)
        )

    def close(self, *, is_whole: bool = True) -> None:
        """Close the file."""
        if not is_whole:
            self._add_text("status", "broken off")
        self._file.close()

    def _add_text(self, name: str, text: str) -> None:
        self._add_strings(f"{name}/text", [text.encode()], "text")

    def _add_number(
        self, tag: str, value: float, step: int = 0, moment: float | None = None
    ) -> None:
        tensor = self._protos.TensorProto(
            dtype=self._protos.DT_FLOAT, float_val=[float(value)],
            tensor_shape=self._protos.TensorShapeProto(),
        )  # fmt: skip
        self._add_tensor(tag, tensor, "scalars", step, moment)

    def _add_strings(self, tag: str, strings: list[bytes], plugin: str) -> None:
        dim = self._protos.TensorShapeProto.Dim(size=len(strings))
        tensor = self._protos.TensorProto(
            dtype=self._protos.DT_STRING, string_val=strings,
            tensor_shape=self._protos.TensorShapeProto(dim=[dim]),
        )  # fmt: skip
        self._add_tensor(tag, tensor, plugin)

    def _add_tensor(
        self,
        tag: str,
        tensor: Any,
        plugin: str,
        step: int = 0,
        moment: float | None = None,
    ) -> None:
        """A value in the form of TensorFlow 2; the first of a tag names its page."""
        name = self._names[tag]
        about = None
        if name not in self._known:
            about = self._protos.SummaryMetadata(plugin_data={"plugin_name": plugin})
            self._known.add(name)
        self._add(
            self._summary.Value(tag=name, tensor=tensor, metadata=about), step, moment
        )

    def _add_hparams(self, parameters: Mapping[str, Any]) -> None:
        """The parameters as the page HPARAMS compares them among runs."""
        from tensorboard.plugins.hparams import metadata, plugin_data_pb2

        begun = plugin_data_pb2.SessionStartInfo(start_time_secs=time.time())
        for name, value in parameters.items():
            if isinstance(value, bool):
                begun.hparams[name].bool_value = value
            elif isinstance(value, int | float):
                begun.hparams[name].number_value = float(value)
            else:
                begun.hparams[name].string_value = str(value)
        data = plugin_data_pb2.HParamsPluginData(session_start_info=begun)
        about = metadata.create_summary_metadata(data)
        tag = metadata.SESSION_START_INFO_TAG
        self._add(self._summary.Value(tag=tag, metadata=about))

    def _add(self, value: Any, step: int = 0, moment: float | None = None) -> None:
        moment = time.time() if moment is None else moment
        summary = self._summary(value=[value])
        self._write(self._event(wall_time=moment, step=step, summary=summary))

    def _write(self, event: Any) -> None:
        self._writer.write(event.SerializeToString())

    def _flush(self) -> None:
        self._file.flush()


def _protos() -> types.SimpleNamespace:
    """The messages that a value is made of."""
    from tensorboard.compat.proto import (
        summary_pb2,
        tensor_pb2,
        tensor_shape_pb2,
        types_pb2,
    )

    return types.SimpleNamespace(
        TensorProto=tensor_pb2.TensorProto,
        TensorShapeProto=tensor_shape_pb2.TensorShapeProto,
        SummaryMetadata=summary_pb2.SummaryMetadata,
        DT_FLOAT=types_pb2.DT_FLOAT,
        DT_STRING=types_pb2.DT_STRING,
    )


def _cell(value: Any) -> str:
    """A value in a table of Markdown."""
    shown = f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)
    return shown.replace("|", r"\|").replace("\n", " ")
