"""What `find` is asked for: bounds, and names of arguments."""

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
