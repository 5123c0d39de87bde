"""What is drawn of a verification, read back from the artists."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lr_finder.analysis.race import Row
from lr_finder.analysis.suggestion import Suggestion
from lr_finder.plots.figures import new_figure
from lr_finder.plots.verification import plot_verification
from lr_finder.verified import VerifiedSuggestion

FALLING = np.geomspace(5.0, 1.0, 60)


def verified(**curves):
    """Rates 0.1, 0.2, … with these curves, named by their ends."""
    losses = {0.1 * (i + 1): curve for i, curve in enumerate(curves.values())}
    rows = tuple(
        Row(lr, 1, len(curve), None, None, end.rstrip("_"))
        for (lr, curve), end in zip(losses.items(), curves, strict=True)
    )
    lr = next(row.lr for row in rows if row.status == "winner")
    suggestion = Suggestion(lr, lr / 2, lr * 2, "window, verified")
    return VerifiedSuggestion(suggestion, rows, losses, None, 1)


@pytest.fixture
def drawn():
    explosion = np.array([5.0, 50.0, 1e9, np.inf])
    return plot_verification(
        verified(dropped=FALLING[:20], winner=FALLING, kept=FALLING[:40] + 1,
                 diverged=explosion)
    )  # fmt: skip


def test_each_curve_is_drawn_over_its_steps_and_named(drawn):
    lengths = [len(line.get_xdata()) for line in drawn.lines]
    assert lengths == [20, 60, 40, 3]
    assert [text.get_text() for text in drawn.get_legend().get_texts()] == [
        "1.0e-01  dropped after 20 steps",
        "2.0e-01  best after 60 steps",
        "3.0e-01  dropped after 40 steps",
        "4.0e-01  diverged after 3 steps",
    ]


def test_curves_are_running_medians(drawn):
    drawn_losses = drawn.lines[1].get_ydata()
    # The median of what falls is its middle, but at the end, which is reflected.
    np.testing.assert_allclose(drawn_losses[:58], FALLING[:58])
    assert drawn_losses[59] == FALLING[58]


def test_the_title_names_the_answer(drawn):
    assert "2.0e-01 (1.0e-01 to 4.0e-01)" in drawn.get_title()


def test_curves_differ_without_color(drawn):
    looks = [(line.get_linestyle(), line.get_marker()) for line in drawn.lines]
    assert len(set(looks)) == len(looks)
    greys = [
        np.dot(to_rgb(line.get_color()), [0.3, 0.59, 0.11]) for line in drawn.lines
    ]
    assert np.min(np.diff(sorted(greys))) > 0.03
    widths = [line.get_linewidth() for line in drawn.lines]
    assert np.argmax(widths) == 1


def test_seven_curves_differ_as_well():
    ends = {"dropped" + "_" * i: FALLING for i in range(6)}
    lines = plot_verification(verified(winner=FALLING, **ends)).lines
    looks = {(str(line.get_linestyle()), str(line._dash_pattern), line.get_color())
             for line in lines}  # fmt: skip
    assert len(looks) == 7


def test_an_explosion_leaves_the_axes_and_the_others_fill_them(drawn):
    low, high = drawn.get_ylim()
    assert low < 1.0 and 5.0 < high < 20


def test_losses_over_decades_get_a_logarithmic_axis():
    ax = plot_verification(verified(winner=np.geomspace(1e3, 1.0, 30)))
    assert ax.get_yscale() == "log"
    ax = plot_verification(verified(winner=np.linspace(5, -5, 30)))
    assert ax.get_yscale() == "linear"


def test_draws_where_it_is_told_and_opens_no_window():
    ax = new_figure().subplots()
    assert plot_verification(verified(winner=FALLING), ax=ax) is ax
    assert verified(winner=np.ones(1)).plot().get_xlabel() == "step"
    assert plt.get_fignums() == []
