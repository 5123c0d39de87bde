"""Small files for the command to read."""

import types

import numpy as np
import pytest


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
