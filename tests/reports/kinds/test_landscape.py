"""A landscape in a report: its numbers are those of the result."""

import json
from html import unescape

import numpy as np
import pytest

from lr_finder.reports.document import plain
from lr_finder.reports.kinds.landscape import draw, summarize
from lr_finder.reports.notebook import as_html
from lr_finder.reports.report import report
from lr_finder.results.landscape import KINDS, LossLandscape

from ..conftest import HOSTILE

AXIS = np.linspace(-1, 1, 5)
BOWL = 0.5 + 2 * AXIS**2 + AXIS[:, None] ** 2
ABOUT = {"model": HOSTILE, "parameters": 7, "optimizer": "SGD", "loss": "mse",
         "source": HOSTILE, "samples": 100, "evaluations": 25, "seed": 3,
         "kind": "tabular", "keras": "3.15.1", "backend": "jax",
         "command": f"lr_finder landscape '{HOSTILE}'"}  # fmt: skip


def made(kind):
    if kind == "between":
        t = np.linspace(0, 1, 5)
        return LossLandscape(
            kind, (t,), 1 + np.sin(3 * t), 1.0, end_loss=1.14, metadata=ABOUT
        )
    more = {}
    if kind == "principal":
        path = np.array([[-1.0, 0.5], [0.5, 1 / 3], [0.0, 0.0]])
        more = {"path": path, "steps": [0, 1, 2], "shares": [0.8, 0.1]}
    return LossLandscape(kind, (AXIS, AXIS), BOWL, 0.5, metadata=ABOUT, **more)


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_the_result_says(kind, tmp_path):
    found = made(kind)
    summary = summarize(found)
    told = found.to_dict()
    assert (plain(summary.answer), *summary.also) == tuple(told["says"])
    assert set(summary.pictures()) == set(draw(found))
    page = report(found, tmp_path / "page.html").read_text("utf-8")
    assert f'value="{told["loss"]}"' in page
    assert HOSTILE not in page and "<script" not in page
    assert page.count("<figure>") == (1 if kind in ("between", "principal") else 2)
    assert found.report(tmp_path / "again.html").read_text("utf-8") == page


def test_the_numbers_lie_in_it():
    files = summarize(made("principal")).section("data").blocks[1].files
    names = [file.name for file in files]
    assert names == ["report.json", "landscape.csv", "path.csv"]
    assert json.loads(files[0].content)["shares"] == [0.8, 0.1]
    assert files[1].content.decode().count("\n") == 26


def test_a_barrier_without_a_height_is_said_so():
    t = np.linspace(0, 1, 3)
    found = LossLandscape("between", (t,), [1.0, np.inf, 2.0], 1.0, end_loss=2.0)
    rows = dict(summarize(found).section("landscape").blocks[1].rows)
    assert plain(rows["Barrier"]) == "the loss is not finite at 0.5"


@pytest.mark.parametrize("kind", KINDS)
def test_a_notebook_shows_it_small(kind):
    found = made(kind)
    html = as_html(found)
    assert html == found._repr_html_()
    assert len(html) < 20_000 and "<img" in html
    assert str(found).splitlines()[0].split("(")[0] in unescape(html)
