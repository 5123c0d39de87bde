"""The overview: which panels there are, and one legend for all."""

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from lr_finder.plots.comparison.overview import plot_comparison
from lr_finder.results.comparison import Comparison

from ...conftest import make_comparison_frames


def test_everything_that_was_varied_has_a_panel(comparison):
    figure = comparison.plot()
    assert [ax.get_xlabel() for ax in figure.axes] == [
        "test accuracy (%)",
        "epoch",
        "epoch",
        "seconds, of training and of finding the rate",
        "learning rate (log scale)",
        "batch size",
        "initializer",
        "test accuracy, found minus fixed rate (points)",
    ]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "sgd", "momentum", "rmsprop", "adam", "found rate",
        "no score: diverged or failed",
    ]  # fmt: skip
    assert figure.get_suptitle() == (
        "constructed: adam is better than all others (120 runs of cnn)"
    )
    assert plt.get_fignums() == []


def test_no_panel_covers_another_nor_the_legend():
    names = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw",
             "nadam", "lion", "muon")  # fmt: skip
    frames = make_comparison_frames(names, ("0.01", "found"), seeds=1)
    figure = plot_comparison(Comparison(*frames))
    figure.draw_without_rendering()
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    boxes.append(figure.legends[0].get_window_extent())
    for i, box in enumerate(boxes):
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1
        assert not any(box.shrunk(0.98, 0.98).overlaps(each) for each in boxes[:i])


@pytest.mark.parametrize("seeds", [1, 2])
def test_titles_are_of_one_size_and_count_the_seeds(seeds):
    figure = plot_comparison(Comparison(*make_comparison_frames(seeds=seeds)))
    assert len({ax.title.get_fontsize() for ax in figure.axes}) == 1
    titles = [" ".join(ax.get_title().split()) for ax in figure.axes]
    assert {title.endswith("one seed") for title in titles} == {seeds == 1}
    words = " ".join(titles)
    assert seeds > 1 or not re.search("mean|range|interval", words)
    assert len(re.findall("a 95 % interval needs 3", words)) == (2 if seeds > 1 else 0)


@pytest.mark.parametrize("rates", [("0.01", "0.001"), ("0.01", "found"), ("found",)])
def test_a_ring_in_a_panel_has_its_word_in_the_legend(rates):
    frames = make_comparison_frames(("sgd", "adam"), rates, seeds=1, diverged=())
    figure = plot_comparison(Comparison(*frames))
    rings = [line for ax in figure.axes for line in ax.lines
             if line.get_marker() == "o" and line.get_markersize() > 12]  # fmt: skip
    told = [text.get_text() for text in figure.legends[0].get_texts()]
    assert ("found rate" in told) == bool(rings) == (rates == ("0.01", "found"))


def test_every_label_of_rates_has_ticks_beside_it(comparison):
    figure = plot_comparison(comparison)
    figure.draw_without_rendering()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            numbers = [text.get_text() for which in (False, True)
                       for text in axis.get_ticklabels(minor=which)]  # fmt: skip
            assert not axis.get_label_text() or any(numbers)


def test_a_factor_of_one_value_and_an_accuracy_that_is_none_have_no_panel():
    frames = make_comparison_frames(
        ("sgd", "adam"), ("0.01", "0.001"), 2, is_regression=True, diverged=()
    )
    figure = plot_comparison(Comparison(*frames, metric="loss"))
    assert [ax.get_xlabel() for ax in figure.axes] == [
        "test loss",
        "epoch",
        "seconds, of training and of finding the rate",
        "learning rate (log scale)",
    ]


def test_a_comparison_just_begun_is_drawn(comparison_frames):
    runs, epochs = comparison_frames
    figure = plot_comparison(Comparison(runs[:1], epochs))
    assert len(figure.axes) == 4
    assert figure.get_suptitle() == "1 run of cnn"


def test_of_several_models_the_one_asked_for_is_drawn():
    parts = [
        make_comparison_frames(names, seeds=2, model=model, diverged=())
        for model, names in (("cnn", ("sgd", "adam")), ("net", ("adam", "lion")))
    ]
    frames = [pd.concat(each) for each in zip(*parts, strict=True)]
    figure = plot_comparison(Comparison(*frames), model="net")
    assert figure.get_suptitle() == "adam scores best (24 runs of net)"
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["adam", "lion", "found rate"]
