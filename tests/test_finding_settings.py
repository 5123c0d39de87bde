"""What `find` is asked for: bounds, and names of arguments."""

from pathlib import Path

import numpy as np
import pytest

import lr_finder
from lr_finder.cli.shared import option_checks
from lr_finder.errors import InputError
from lr_finder.finding_settings import FEWEST_SWEPT, FindSettings

pytestmark = pytest.mark.training


def test_call_and_command_have_one_least_number_of_steps():
    assert FEWEST_SWEPT == option_checks.FEWEST_SWEPT
    assert f"steps: int >= {FEWEST_SWEPT}," in lr_finder.find.__doc__
    for steps in (5, FEWEST_SWEPT - 1):
        with pytest.raises(InputError, match=f"`steps` .*at least {FEWEST_SWEPT}"):
            lr_finder.find("plain.csv", steps=steps)
    with pytest.raises(InputError, match="plain.csv, which does not exist"):
        lr_finder.find("plain.csv", steps=FEWEST_SWEPT)


@pytest.mark.parametrize(
    ("name", "near"),
    [("targt", "target"), ("batchsize", "batch_size"), ("time_colum", "time_column")],
)
def test_an_unknown_argument_is_named_with_the_closest(name, near):
    message = rf"find\(\) has no argument `{name}`. Did you mean `{near}`\?"
    with pytest.raises(TypeError, match=message):
        lr_finder.find("plain.csv", **{name: "price"})


def test_what_goes_together_is_asked_for_together():
    with pytest.raises(InputError, match="`against_default` must come with `train`"):
        FindSettings(against_default=True)


def test_a_schedule_is_one_and_comes_with_a_training():
    assert FindSettings(train=3, schedule="cosine").schedule == "cosine"
    assert FindSettings().schedule == "default"
    with pytest.raises(InputError, match="`schedule` must come with `train`.*'cosine'"):
        FindSettings(schedule="cosine")
    with pytest.raises(
        InputError, match="`schedule` must be one of 'default'.*'cosin'"
    ):
        FindSettings(train=3, schedule="cosin")


def test_a_call_is_written_without_its_defaults_and_can_be_read_again():
    from lr_finder.finding_settings import written_call

    def find(source, *, model=None, steps=200, verify=False, out=None, **reading): ...

    given = {
        "source": (np.zeros(3), np.zeros(3)), "model": object(), "steps": 200,
        "verify": True, "out": Path("a b"), "reading": {"limit": 9},
    }  # fmt: skip
    written = written_call(find, given)
    assert written == (
        "lr_finder.find((x, y), model=model, verify=True, out='a b', limit=9)"
    )
    compile(written, "call", "eval")
    # A value that is no default though it equals one: True is not 1.
    assert "steps=True" in written_call(lambda steps=1: None, {"steps": True})
