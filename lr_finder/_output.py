"""The folder that a run writes to: planned early, made late, each file whole."""

from __future__ import annotations

import datetime
import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from lr_finder._files import write_atomically
from lr_finder.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

RUNS = Path("lr_finder_runs")  # where runs go that were not told where
MODEL_FILE = "model.keras"  # what was trained
PREDICTIONS_FILE = "predictions.csv"  # of that model, by `lr_finder predict`
WHOLE_RESULTS = {  # file in a folder -> the commands that write it
    "landscape.npz": ("landscape",),
    "study.json": ("stability",),
    "tuning.json": ("tune",),
    "deployment.json": ("drift",),
    "tuning.sqlite": ("tune",),
    "comparison.json": ("compare",),
    "comparison.sqlite": ("compare", "stability"),
    "models.csv": ("find",),
    "sweep.npz": ("find",),
}
REPORT_PAGES = ("report.html", "report.pdf")  # by `lr_finder report`
LONGEST_NAME = 50  # characters of a source in a folder's name: 255 bytes is the most


class OutputFolder:
    """Where a run writes; the folder is made when there is something to write.

    Args:
        path: Path, the folder; files of an earlier run in it are replaced.
        is_new: bool, whether it must not exist yet; a number is then appended to its
            name until it does not.
        kept: iterable of Path, files in use, which are never removed.

    Raises:
        InputError: If nothing can be written there.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     output = OutputFolder(Path(folder, "run"))
    ...     path = output.write_json("note.json", {"lr": 0.1})
    ...     path.name, output.files["note.json"] == str(path)
    ('note.json', True)
    """

    def __init__(self, path: Path, *, is_new: bool = False, kept: Iterable[Path] = ()):
        self.path, self.kept = path, tuple(kept)
        self._names: list[str] = []  # of what is written, in order
        self._parent: OutputFolder | None = None
        self._children: list[OutputFolder] = []
        self._is_new = is_new
        check_writable(path)

    @classmethod
    def plan(
        cls,
        out: Path | None,
        source: str,
        now: datetime.datetime,
        kept: Iterable[Path] = (),
        command: str | None = None,
    ) -> OutputFolder:
        """The folder asked for, or a new one named after the source and the time.

        Args:
            out: Path, the folder asked for, or None.
            source: str, what the run is of.
            now: datetime.
            kept: iterable of Path, files in use, which are never removed.
            command: str, the command that writes: the folder may then hold no result of
                another. None lets it.

        Returns:
            OutputFolder.

        Raises:
            InputError: If nothing can be written there, or another result is there.
        """
        if out is not None and command is not None:
            check_no_other(out, command)
        if out is not None:
            return cls(out, kept=kept)
        name = as_file_name(source)
        return cls(RUNS / f"{name}-{now:%Y%m%d-%H%M%S}", is_new=True)

    def inside(self, name: str) -> OutputFolder:
        """A folder in this one, made as late; its files are among this one's.

        Args:
            name: str, what a person called something; blanks and the like are changed.

        Returns:
            OutputFolder.
        """
        child = OutputFolder(self.path / as_file_name(name), kept=self.kept)
        child._parent = self
        self._children.append(child)
        return child

    @property
    def files(self) -> dict[str, str]:
        """Name -> path of every file written so far."""
        paths = {name: self.path / name for name in self._names}
        files = {name: str(path) for name, path in paths.items() if path.exists()}
        for child in self._children:
            files |= {f"{child.path.name}/{k}": path for k, path in child.files.items()}
        return files

    def target(self, name: str) -> Path:
        """The path of a file that somebody else is to write, its folder made."""
        self._make()
        self._names += [name] * (name not in self._names)
        return self.path / name

    def write(self, name: str, write: Callable[[BinaryIO], object]) -> Path:
        """Let `write` fill a file of the folder, atomically."""
        path = self.target(name)
        write_atomically(path, write)
        return path

    def write_json(self, name: str, document: dict[str, Any]) -> Path:
        """Write a JSON file, indented for people."""
        text = json.dumps(document, indent=2) + "\n"
        return self.write(name, lambda file: file.write(text.encode()))

    def write_table(self, name: str, frame: pd.DataFrame) -> Path:
        """Write a pandas frame as CSV, every digit kept."""
        text = frame.to_csv(index=False)
        return self.write(name, lambda file: file.write(text.encode()))

    def discard(self, names: Iterable[str]) -> None:
        """Remove files that an earlier run left in the folder, but none in use.

        Args:
            names: iterable of str, files that are this program's to remove.
        """
        for name in filter(self.will_discard, names):
            (self.path / name).unlink()

    def will_discard(self, name: str) -> bool:
        """Whether `discard` would remove a file of this name."""
        path = self.path / name
        in_use = {each.resolve() for each in self.kept}
        return not self._is_new and path.is_file() and path.resolve() not in in_use

    def _make(self) -> None:
        """Make the folder; a new one under the first name that is free."""
        if self._parent is not None:
            self._parent._make()
            self.path = self._parent.path / self.path.name
        wanted, number = self.path, 1
        while self._is_new:
            try:
                self.path.mkdir(parents=True)
                self._is_new = False
            except FileExistsError:
                number += 1
                self.path = wanted.with_name(f"{wanted.name}-{number}")
        self.path.mkdir(parents=True, exist_ok=True)


def as_file_name(name: str) -> str:
    """A name that every file system takes, from one that a person gave.

    Example:
    >>> as_file_name("house prices (2)")
    'house-prices-2'
    """
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:LONGEST_NAME] or "run"


def check_no_other(path: Path, command: str) -> None:
    """Refuse a folder that holds the result of another command.

    Args:
        path: Path, the folder; it need not exist.
        command: str, the one that is to write into it, whose own results may be there.

    Raises:
        InputError: If it does.
    """
    for name, others in WHOLE_RESULTS.items():
        if command not in others and (path / name).is_file():
            raise InputError(
                "The output folder must hold no result of another command, since a "
                f"report shows one result. Received: {path} with {name}, which "
                f"`lr_finder {others[0]}` wrote. Choose another with --out."
            )


def check_writable(path: Path, way_out: str = "Choose another with --out.") -> None:
    """Refuse a folder that could not be made or written, before any work is done.

    Args:
        path: Path, the folder.
        way_out: str, a sentence: what to do instead.

    Raises:
        InputError: If nothing can be written there.
    """
    nearest = path.absolute()
    while not os.path.lexists(nearest) and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        problem = f"{nearest} is not a folder"
    elif not os.access(nearest, os.W_OK | os.X_OK):
        problem = f"{nearest} may not be written to"
    else:
        return
    raise InputError(
        f"The output folder must be writable. Received: {path}, but {problem}. "
        f"{way_out}"
    )
