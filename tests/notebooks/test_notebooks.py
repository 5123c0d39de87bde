"""Every notebook runs, and what is saved in it is what it shows."""

import base64
import importlib.util
import io
import re
from html import unescape
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LARGEST = 400_000  # bytes of a file
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
    numbers = [int(re.fullmatch(r"(\d\d)_[a-z0-9_]+", p.stem)[1]) for p in NOTEBOOKS]
    assert numbers == list(range(1, 10))


@every_notebook
@pytest.mark.slow  # run with the documents: `make test-documents`
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
        assert pixels.shape[0] > 200 and 400 < pixels.shape[1] < 1300
        assert 0.005 < np.mean(pixels < 200) < 0.5  # dark on white


@every_notebook
def test_its_figures_are_drawn_with_a_hundred_dots_an_inch(path):
    sources = [cell.source for cell in code_cells(nbformat.read(path, as_version=4))]
    said = re.findall(r'figure\.dpi"[:\]] (?:= )?(\d+)', "\n".join(sources))
    assert said and min(map(int, said)) >= 100


@every_notebook
def test_it_asks_before_it_shows_and_ends_with_three_exercises(path):
    cells = nbformat.read(path, as_version=4).cells
    first, last = cells[0].source, cells[-1].source
    asked = first.partition("**Predict before you run:**")[2]
    numbers = re.findall(r"^(\d)\. ", asked, re.MULTILINE)
    assert numbers == ["1", "2", "3"]
    text = "\n".join(cell.source for cell in cells[1:])
    told = re.findall(r"\*\*Predictions? (\d)(?: and (\d))?\b", text)
    assert sorted(filter(None, sum(told, ()))) == numbers  # each is answered
    exercises = last.partition("## Exercises")[2]
    assert re.findall(r"^(\d)\. ", exercises, re.MULTILINE) == ["1", "2", "3"]


def test_the_stored_table_of_methods_is_that_of_the_results():
    """To two digits, as the notebook shows it; RESULTS.md is of the same functions."""
    path = FOLDER / "02_how_good_is_a_suggestion.ipynb"
    results = (ROOT / "benchmarks/suggestion_quality/RESULTS.md").read_text()
    section = results.partition("## One sweep of 200 steps")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines()]
    rows = {row[0]: row for row in rows if len(row) > 5}
    names = {"mean": "mean regret", "good": "good", "catastrophic": "catastrophic"}
    heading, shown = rows["method"], {}
    for html in texts(nbformat.read(path, as_version=4)):
        if "<th>silent</th>" in html:
            head, body = html.split("<tbody>")
            titles = re.findall(r"<th>(?!method)([a-z]+)</th>", head)
            for row in body.split("<tr>")[1:]:
                name = unescape(re.search("<th>(.*)</th>", row)[1])
                values = map(float, re.findall("<td>(.*)</td>", row))
                shown[name] = dict(zip(titles, values, strict=True))
    ours = {name: row for name, row in shown.items() if name in rows}
    assert len(ours) == len(shown) - 2 > 10  # two are of the table without a sweep
    for name, row in ours.items():
        for column, title in names.items():
            there = float(rows[name][heading.index(title)])
            assert row[column] == pytest.approx(there, abs=0.011), (name, column)


@every_notebook
def test_it_is_thin(path):
    notebook = nbformat.read(path, as_version=4)
    lines = [cell.source.count("\n") + 1 for cell in code_cells(notebook)]
    assert len(notebook.cells) <= MOST_CELLS and max(lines) <= MOST_LINES
    assert np.median(lines) <= 10
