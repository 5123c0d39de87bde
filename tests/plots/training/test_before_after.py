import dataclasses

import numpy as np
import pytest

from lr_finder.plots.training.before_after import plot_before_after

from ..conftest import assert_legend_is_outside, labels, make_record


def test_both_trainings_are_drawn_with_their_validation_and_ends():
    before = make_record(np.linspace(2, 1.9, 60))
    after = make_record(np.linspace(2, 0.5, 60))
    ax = plot_before_after(before, after, names=("lr 1e-5", "lr 1e-2"))
    for place, record in ((0, before), (2, after)):
        np.testing.assert_allclose(
            ax.lines[place].get_ydata(), record.losses, atol=0.06
        )
        validation = ax.lines[place + 1]
        assert list(validation.get_ydata()) == record.epochs["val_loss"]
        assert list(validation.get_xdata()) == [20, 40, 60]
    assert labels(ax)[1] == "lr 1e-5, validation, ends at 0.5"
    assert labels(ax)[2].startswith("lr 1e-2, ends at 0.5")
    assert_legend_is_outside(ax)


@pytest.mark.parametrize(
    ("ends", "title"),
    [
        ((0.5, 1.8), "old ends lower than new: validation loss 0.5, not 1.8"),
        ((1.8, 0.5), "new ends lower than old: validation loss 0.5, not 1.8"),
        ((0.5, 0.5), "Both end at a validation loss of 0.5"),
        ((np.nan, 0.5), "old ends with a validation loss that is no finite number"),
        ((None, 0.5), "new ends lower than old: loss 1, not 1.5"),
    ],
)
def test_the_title_says_which_ends_lower(ends, title):
    records = [
        dataclasses.replace(
            make_record(np.append(np.linspace(2, last, 50), np.full(10, last))),
            epochs={} if end is None else {"val_loss": [2.0, 1.0, end]},
        )
        for end, last in zip(ends, (1.5, 1.0), strict=True)
    ]
    assert plot_before_after(*records, names=("old", "new")).get_title() == title


def test_a_training_that_was_never_finite_is_named():
    ax = plot_before_after(make_record([np.nan] * 60), make_record())
    assert "nothing finite" in labels(ax)[0]
