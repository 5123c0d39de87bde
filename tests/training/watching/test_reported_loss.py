"""The running mean that a reported loss was read from."""

import math

from lr_finder.training.watching.reported_loss import metric_behind


def test_the_mean_that_was_read_is_known_by_its_value():
    means = {"accuracy": 0.5, "total_loss": 0.5, "kl_loss": 0.2}
    assert metric_behind(0.5 * (1 + 1e-7), means) == "total_loss"
    assert metric_behind(0.2, means) == "kl_loss"
    assert metric_behind(0.3, means) is None
    assert metric_behind(math.nan, {"a": 1.0, "b": math.nan}) == "b"
    assert metric_behind(0.5, {"total_loss": 0.5, "loss": 0.5}) == "loss"
