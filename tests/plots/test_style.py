import base64
import html
import re

import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pytest

from lr_finder.plots.style import (
    DOTS_PER_INCH,
    label_axes,
    legend_below,
    new_figure,
    save_figure,
)
from lr_finder.results.sweep import Curve, SweepResult


def test_new_figure_has_the_size_asked_for_and_no_window():
    figure = new_figure(4, 3)
    assert list(figure.get_size_inches()) == [4, 3]
    assert plt.get_fignums() == []


def test_saves_what_was_drawn(tmp_path):
    path = save_figure(new_figure(4, 3), tmp_path / "figure.png")
    image = matplotlib.image.imread(path)
    assert image.shape[:2] == (3 * DOTS_PER_INCH, 4 * DOTS_PER_INCH)
    assert [each.name for each in tmp_path.iterdir()] == ["figure.png"]


@pytest.mark.parametrize(("suffix", "start"), [("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_suffix_is_the_format(tmp_path, suffix, start):
    path = save_figure(new_figure(), tmp_path / f"figure.{suffix}")
    assert path.read_bytes().startswith(start)


def test_failed_save_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "figure.png"
    path.write_text("old")
    figure = new_figure()
    figure.savefig = lambda file, **_: (file.write(b"half"), 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_figure(figure, path)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["figure.png"]


def test_labels_say_which_axes_are_logarithmic():
    ax = new_figure().subplots()
    ax.set_xscale("log")
    label_axes(ax, "title", "rate", "loss")
    assert ax.get_title() == "title"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("rate (log scale)", "loss")


@pytest.mark.parametrize("columns", [1, 3])
def test_a_legend_below_covers_neither_data_nor_labels(columns):
    ax = new_figure(4, 3).subplots()
    for name in "abc":
        ax.plot([1, 2], label=name)
    label_axes(ax, "title", "batch", "loss")
    legend_below(ax, columns)
    ax.figure.draw_without_rendering()
    legend = ax.get_legend().get_window_extent()
    assert 0 <= legend.y0 < legend.y1 < ax.xaxis.label.get_window_extent().y0


def test_results_show_themselves_in_a_notebook():
    lrs = np.geomspace(1e-6, 1, 80)
    result = SweepResult([Curve(lrs, 1 / (1 + lrs / 1e-3))], {"optimizer": "<Adam>"})
    page = result._repr_html_()
    assert html.escape(result.suggest().why) in page and "<Adam>" not in page
    image = base64.b64decode(re.search(r"base64,([^\"]+)\"", page)[1])
    assert image.startswith(b"\x89PNG") and len(image) < 100_000
    flat = SweepResult([Curve(lrs, np.ones(80))])
    assert "No suggestion." in flat._repr_html_()
