"""The command run in this process, and small files for it to read."""

import contextlib
import dataclasses
import io
import json
import types

import numpy as np
import pytest


@dataclasses.dataclass
class Run:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="session")
def command():
    """Runs `lr_finder ARGUMENTS…`."""
    from lr_finder.cli import main

    def run(*arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main([str(argument) for argument in arguments])
            except SystemExit as end:
                code = end.code or 0
        return Run(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """A folder of tables: one that can be learnt from, one that cannot."""
    folder = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(160, 3))
    y = 3 * x[:, 0] - x[:, 1] + 0.05 * rng.normal(size=160)
    write_table(folder / "prices.csv", "area,age,rooms,price", [*x.T, y])
    paths = {path.stem: path for path in folder.iterdir()}
    return types.SimpleNamespace(folder=folder, **paths)


def write_table(path, header, columns):
    """Columns of numbers as a CSV file with a header."""
    np.savetxt(
        path, np.column_stack(columns), delimiter=",", header=header, comments=""
    )
