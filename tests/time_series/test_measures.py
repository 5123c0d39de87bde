import math
import statistics

from hypothesis import given
from hypothesis import strategies as st

from time_series.measures import epochs_to, late_variance

LOSSES = st.lists(st.floats(0, 100), max_size=30)


@given(LOSSES, st.floats(0, 100))
def test_epochs_to_is_the_first_at_or_below(losses, target):
    found = epochs_to(losses, target)
    if found is None:
        assert all(loss > target for loss in losses)
    else:
        assert losses[found - 1] <= target
        assert all(loss > target for loss in losses[: found - 1])


@given(LOSSES.filter(bool))
def test_late_variance_is_that_of_the_last_ten(losses):
    expected = statistics.pvariance(losses[-10:])
    assert math.isclose(late_variance(losses), expected, rel_tol=1e-6, abs_tol=1e-9)


def test_nothing_has_no_variance():
    assert math.isnan(late_variance([]))
