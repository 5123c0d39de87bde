"""Figures in files: the same bytes, within their room, no chance names."""

import io
import re

import numpy as np

from lr_finder.reports import pictures as module
from lr_finder.reports.pictures import PNG, SVG, pictures


def line(ax):
    ax.plot([1, 2, 3], [3, 1, 2], marker="o")
    ax.set_title("losses")


def cloud(ax):
    ax.plot(*np.random.default_rng(0).normal(size=(2, 4000)), ".")


def test_a_figure_is_the_same_bytes_each_time_and_has_no_date():
    first, second = (pictures({"a": line})["a"] for _ in range(2))
    assert first == second and first.media_type == SVG
    text = first.content.decode()
    assert "dc:date" not in text and "<text" not in text  # letters are paths
    assert set(re.findall(r'href="(.)', text)) == {"#"}


def test_many_points_become_dots():
    from PIL import Image

    drawn = pictures({"a": cloud})["a"]
    assert drawn.media_type == PNG
    image = Image.open(io.BytesIO(drawn.content))
    assert image.size == (module.WIDTH * 150, module.HEIGHT * 150)


def test_for_paper_all_are_dots():
    assert pictures({"a": line}, is_printed=True)["a"].media_type == PNG


def test_what_has_no_room_is_left_out(monkeypatch):
    size = len(pictures({"a": line})["a"].content)
    monkeypatch.setattr(module, "ROOM", 1.5 * size)
    assert list(pictures({"a": line, "b": line, "c": line}))[:1] == ["a"]
    drawn = pictures({"a": line, "b": line, "c": line})
    assert sum(len(each.content) for each in drawn.values()) <= 1.5 * size
