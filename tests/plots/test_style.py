import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lr_finder.plots import style
from lr_finder.plots.style import (
    BESIDE_HANDLE,
    DOTS_PER_INCH,
    LEGEND_CHARACTERS,
    PER_HANDLE,
    count_columns,
    label_axes,
    legend_below,
    new_figure,
    panel_width,
    save_figure,
)


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


def test_a_long_title_is_broken_into_lines_of_its_panel():
    figure = new_figure(12, 4)
    text = "a finding of several words that goes on and on, " * 3
    for ax in figure.subplots(1, 2):
        label_axes(ax, text.strip(), "batch", "loss")
    figure.draw_without_rendering()
    for ax in figure.axes:
        assert " ".join(ax.get_title().split()) == text.strip()
        title, panel = ax.title.get_window_extent(), ax.get_tightbbox()
        assert 0 <= title.x0 and title.x1 <= figure.bbox.x1
        assert title.width <= panel.width
        assert ax.title.get_fontsize() == 10.0


@pytest.mark.parametrize("panels", [1, 2, 3])
def test_a_legend_is_no_wider_than_its_panel(panels):
    figure = new_figure(12, 4)
    axes = np.atleast_1d(figure.subplots(1, panels))
    for ax in axes:
        for name in ("batches", "running median", "training, epoch", "validation, 0.5"):
            ax.plot([1, 2], label=name)
        label_axes(ax, "title", "batch", "loss")
        legend_below(ax, 4)
    figure.draw_without_rendering()
    for ax in axes:
        legend, panel = ax.get_legend().get_window_extent(), ax.get_tightbbox()
        assert legend.width <= panel.width
        assert ax.get_legend()._ncols >= (4 if panels == 1 else 1)


@pytest.mark.parametrize("handle", [2.0, 3.2])
def test_as_many_columns_as_fit(handle):
    texts = ["adam", "sgd", "a much longer name"]
    extra = BESIDE_HANDLE + PER_HANDLE * handle
    enough = sum(len(text) + extra for text in texts) / LEGEND_CHARACTERS
    assert count_columns(texts, enough + 0.01, handle=handle) == 3
    assert count_columns(texts, enough - 0.01, handle=handle) == 2
    assert count_columns(texts, enough + 0.01, 2, handle) == 2
    assert count_columns(texts, 0.1) == 1
    assert count_columns(["a"] * 40, 99.0) == 6


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 3)])
def test_the_width_of_a_panel_is_about_what_it_is_once_laid_out(shape):
    figure = new_figure(12, 6)
    axes = figure.subplots(*shape, squeeze=False).ravel()
    before = [panel_width(ax) for ax in axes]
    for ax in axes:
        label_axes(ax, "title", "batch", "loss")
    figure.draw_without_rendering()
    after = [ax.bbox.width / figure.dpi for ax in axes]
    np.testing.assert_allclose(before, after, rtol=0.15)


def test_colours_differ_in_grey():
    weights = [0.299, 0.587, 0.114]
    names = ("SMOOTH", "ACCENT", "RAW", "BAND")
    greys = [np.dot(to_rgb(getattr(style, name)), weights) for name in names]
    assert np.all(np.diff(greys) > 0.1), greys
