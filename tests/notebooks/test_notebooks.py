"""Every notebook runs, and what is saved in it is what it shows."""

import base64
import importlib.util
import io
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LARGEST = 300_000  # bytes of a file
MOST_CELLS, MOST_LINES = 25, 22  # a notebook is thin

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def execute(path):
    """By the function that saves them."""
    spec = importlib.util.spec_from_file_location("execute", FOLDER / "execute.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.execute(path)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def kinds(cell):
    """What a cell shows: the name of each stream, the formats of each other output."""
    return [
        output.get("name") or sorted(output.get("data", {"error": output}))
        for output in cell.outputs
    ]


def figures(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                png = base64.b64decode(output["data"]["image/png"])
                yield np.asarray(Image.open(io.BytesIO(png)).convert("L"))


def texts(notebook):
    """All that is saved in outputs but for figures."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            yield output.get("text", "")
            for kind, value in output.get("data", {}).items():
                yield "" if kind == "image/png" else str(value)


def test_they_are_numbered_and_named():
    assert len(NOTEBOOKS) >= 2
    numbers = [int(re.fullmatch(r"(\d\d)_[a-z0-9_]+", p.stem)[1]) for p in NOTEBOOKS]
    assert numbers == list(range(1, len(NOTEBOOKS) + 1))


@every_notebook
def test_it_runs_in_small_size_and_shows_what_is_saved(path, monkeypatch):
    """The same kinds of output from every cell: nothing fails, nothing is left out."""
    monkeypatch.setenv("LR_FINDER_SMALL", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # where the package is not installed
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    before = {each: each.read_bytes() for each in FOLDER.iterdir() if each.is_file()}
    notebook = execute(path)  # raises where a cell does
    after = {each: each.read_bytes() for each in FOLDER.iterdir() if each.is_file()}
    assert after == before
    saved = nbformat.read(path, as_version=4)
    for cell, as_saved in zip(code_cells(notebook), code_cells(saved), strict=True):
        assert kinds(cell) == kinds(as_saved), cell.source
        assert ("stdout" in kinds(cell)) == ("print(" in cell.source), cell.source


@every_notebook
def test_it_was_executed_from_top_to_bottom(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    assert notebook.metadata.kernelspec.name == "python3"
    assert "version" not in notebook.metadata.language_info
    assert not any(cell.metadata for cell in notebook.cells)  # no times


@every_notebook
def test_its_outputs_are_small_and_hold_neither_errors_nor_traces_of_a_machine(path):
    assert path.stat().st_size < LARGEST
    notebook = nbformat.read(path, as_version=4)
    shown = [kind for cell in code_cells(notebook) for kind in kinds(cell)]
    assert "stderr" not in shown and ["error"] not in shown
    for text in texts(notebook):
        assert not re.search(r"(?<![\w.])/\w+/\w+|[A-Z]:\\|0x[0-9a-f]{6}", text), text
        assert "Warning" not in text and "Traceback" not in text, text


@every_notebook
def test_its_figures_are_there_and_not_empty(path):
    drawn = list(figures(nbformat.read(path, as_version=4)))
    assert len(drawn) >= 2
    for pixels in drawn:
        assert pixels.shape[0] > 200 and 400 < pixels.shape[1] < 1200
        assert 0.005 < np.mean(pixels < 200) < 0.5  # dark on white


@every_notebook
def test_it_is_thin(path):
    notebook = nbformat.read(path, as_version=4)
    lines = [cell.source.count("\n") + 1 for cell in code_cells(notebook)]
    assert len(notebook.cells) <= MOST_CELLS and max(lines) <= MOST_LINES
    assert np.median(lines) <= 10
