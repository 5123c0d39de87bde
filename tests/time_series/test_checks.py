import numpy as np
import pytest

from lr_finder.errors import InputError
from time_series.checks import check_fraction, check_whole


@pytest.mark.parametrize("value", [1, 20, np.int64(3)])
def test_whole_numbers_pass(value):
    check_whole("points", value)


@pytest.mark.parametrize("value", [0, -1, 1.0, True, "3", None, np.nan])
def test_others_are_refused_by_name(value):
    with pytest.raises(InputError, match="`points` must be a whole number >= 1.*Rec"):
        check_whole("points", value)


@pytest.mark.parametrize("value", [0, 1, -0.2, 1.5, np.nan, "0.2", None])
def test_a_fraction_lies_between_its_ends(value):
    check_fraction("share", 0.5, usual=0.2)
    with pytest.raises(InputError, match="`share` must lie between 0 and 1.*0.2"):
        check_fraction("share", value, usual=0.2)
