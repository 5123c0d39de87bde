"""The looks of optimizers, and what their figures share."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from lr_finder.errors import InputError
from lr_finder.plots.comparison.optimizer_styles import (
    KNOWN,
    finish_scores,
    groups_by_optimizer,
    pick_model,
    styles_for,
)
from lr_finder.plots.style import new_figure
from lr_finder.results.comparison import Comparison

from ...conftest import make_comparison_frames


def test_known_optimizers_differ_as_greys_and_by_marker():
    greys = [np.dot(to_rgb(look.color), [0.299, 0.587, 0.114])
             for look in KNOWN.values()]  # fmt: skip
    assert np.diff(greys).min() > 0.03  # from dark to light
    assert max(greys) < 0.72  # on white
    assert len({look.marker for look in KNOWN.values()}) == len(KNOWN) == 10
    dashes = [str(look.dash) for look in KNOWN.values()]
    assert all(a != b for a, b in zip(dashes, dashes[1:], strict=False))


def test_a_known_optimizer_looks_the_same_whatever_else_is_there():
    for others in ([], ["mine"], ["sgd", "other", "adam"], list(KNOWN)):
        assert styles_for([*others, "lion"])["lion"] == KNOWN["lion"]


def test_others_take_what_is_free_and_all_differ():
    names = [*list(KNOWN)[:7], *(f"mine {i}" for i in range(25))]
    looks = styles_for(names)
    assert list(looks) == names
    assert len({(look.color, look.marker) for look in looks.values()}) == len(names)
    free = [look for name, look in KNOWN.items() if name not in names]
    assert [looks[f"mine {i}"] for i in range(3)] == free


def test_runs_are_grouped_in_the_order_of_the_comparison(comparison):
    groups = groups_by_optimizer(comparison, "rate", None)
    assert list(groups) == ["sgd", "momentum", "rmsprop", "adam"]
    assert all(set(runs["optimizer"]) == {name} for name, runs in groups.items())


def test_the_model_asked_for_is_drawn():
    parts = [make_comparison_frames(seeds=1, model=name) for name in ("cnn", "net")]
    frames = [pd.concat(each) for each in zip(*parts, strict=True)]
    comparison = Comparison(*frames)
    assert pick_model(comparison, None) == "cnn"
    groups = groups_by_optimizer(comparison, "optimizer", "net")
    assert {name for runs in groups.values() for name in runs["model"]} == {"net"}
    with pytest.raises(InputError, match="'cnn', 'net'. Received: 'vgg'"):
        pick_model(comparison, "vgg")


def test_chance_is_drawn_where_it_is_near_and_does_not_press_scores_together(
    comparison,
):
    near, far = new_figure().subplots(1, 2)
    near.plot([0.12, 0.6])
    far.plot([0.58, 0.6])
    assert finish_scores(near, comparison) == 0.1
    assert finish_scores(far, comparison) is None
    assert far.get_ylim()[0] > 0.5 and near.get_ylim()[0] <= 0.1


@pytest.mark.parametrize("values, scale", [([0.1, 2.0], "log"), ([0.5, 2.0], "linear"),
                                           ([-0.1, 2.0], "linear")])  # fmt: skip
def test_losses_over_a_decade_get_a_logarithmic_axis(comparison, values, scale):
    ax = new_figure().subplots()
    ax.plot(values)
    assert finish_scores(ax, comparison, "loss") is None
    assert ax.get_yscale() == scale
