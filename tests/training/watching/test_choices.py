"""A callback that is chosen: none, the usual, a changed one, one's own."""

import keras
import pytest

from lr_finder.errors import InputError
from lr_finder.training.watching.choices import chosen_callbacks

pytestmark = pytest.mark.training
STOPPING = keras.callbacks.EarlyStopping


def chosen(choice):
    return chosen_callbacks("early_stopping", STOPPING, choice, patience=7, mode="min")


def test_each_choice():
    own = STOPPING()
    assert chosen(None) == chosen(False) == []
    assert chosen(own) == [own]
    assert [(one.patience, one.mode) for one in chosen(True)] == [(7, "min")]
    assert [one.patience for one in chosen({"patience": 2})] == [2]
    assert [one.patience for one in chosen({})] == [7]


@pytest.mark.parametrize(
    "choice, said",
    [
        ("yes", "`early_stopping` must be True, False.*EarlyStopping.*'yes'"),
        ({"patients": 2}, "must hold arguments of EarlyStopping.*patients"),
    ],
)
def test_what_is_no_choice_is_refused(choice, said):
    with pytest.raises(InputError, match=said):
        chosen(choice)
