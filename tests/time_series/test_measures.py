import math
import statistics

from hypothesis import given
from hypothesis import strategies as st

from time_series.measures import epochs_to, gains, late_variance

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


@given(st.tuples(*[st.floats(0.01, 100)] * 3))
def test_what_two_parts_gain_multiplies_to_what_both_gain(errors):
    names = ("baseline", "stopping_plateau", "optimized")
    found = gains(dict(zip(names, errors, strict=True)))
    left = (1 - found["stopping"]) * (1 - found["rate"])
    assert math.isclose(left, 1 - found["both"], rel_tol=1e-6)
    assert math.isclose(errors[0] * left, errors[2], rel_tol=1e-6)


def test_nothing_is_gained_over_no_error():
    errors = {"baseline": 0.0, "stopping_plateau": 0.0, "optimized": 1.0}
    assert gains(errors) == {"stopping": None, "rate": None, "both": None}


def test_nothing_has_no_variance():
    assert math.isnan(late_variance([]))
