"""The rates that two options name."""

import pytest

from lr_finder.cli.studying.options_of_stability import rates_of
from lr_finder.errors import InputError


def test_both_ends_are_among_the_rates():
    assert rates_of("0.01, 1", 1) == "0.01,0.1,1.0"
    assert rates_of("0.5,1", 1) == "0.5,1.0"
    assert len(rates_of("0.001,10", 2).split(",")) == 9


@pytest.mark.parametrize("given", ["1,1", "2,1", "-1,1", "0,1", "nan,1", "1,inf", "1"])
def test_what_is_no_range_is_refused(given):
    with pytest.raises(InputError, match="--lr-range"):
        rates_of(given, 2)
