"""The stopping rule: noise never stops a sweep, divergence always does."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.analysis.sweep.smoothing import ema
from lr_finder.analysis.sweep.stopping import StoppingRule, StopReason, find_stop
from lr_finder.errors import InputError


def _descent_then_explosion(seed, noise=0.1, n=200):
    x = np.linspace(-7, 1, n)
    losses = 1.3 - np.tanh(2 * (x + 3)) + np.exp(8 * np.maximum(x, -3)) - math.exp(-24)
    return losses * np.exp(np.random.default_rng(seed).normal(0, noise, n))


# --- reasons


def test_reasons_are_their_text():
    assert [str(reason) for reason in StopReason] == [
        "completed", "diverged", "nonfinite", "data_ended", "unknown",
    ]  # fmt: skip
    assert StopReason.DIVERGED == "diverged"


@pytest.mark.parametrize("reason", list(StopReason))
def test_each_reason_has_its_own_sentence(reason):
    assert reason.message.endswith(".") and reason.message[0].isupper()
    assert sum(other.message == reason.message for other in StopReason) == 1


# --- loss not finite


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("step", [0, 3, 60])
def test_a_loss_not_finite_stops_at_once(bad, step):
    losses = np.ones(100)
    losses[step] = bad
    assert find_stop(losses) == (StopReason.NONFINITE, step)


def test_a_loss_not_finite_does_not_poison_what_follows():
    losses = _descent_then_explosion(0)
    rule, plain = StoppingRule(), []
    for loss in losses:
        assert rule.update(math.nan) is StopReason.NONFINITE
        plain.append(rule.update(loss))
    assert plain.index(StopReason.DIVERGED) == find_stop(losses)[1]


# --- noise


@pytest.mark.parametrize("seed", range(20))
def test_noise_on_a_flat_curve_never_stops_it(seed):
    rng = np.random.default_rng(seed)
    for noise in (
        rng.normal(0, 0.5, 2000),
        rng.standard_t(3, 2000),
        np.exp(rng.normal(0, 1, 2000)),
    ):
        assert find_stop(noise) == (None, 2000)


def test_the_raw_rule_of_others_does_stop_on_noise():
    losses = np.exp(np.random.default_rng(0).normal(0, 1, 200))
    assert np.any(losses > 4 * np.minimum.accumulate(losses))


def test_single_spikes_do_not_stop_a_sweep():
    losses = 1 + 0.1 * np.random.default_rng(1).normal(size=300)
    losses[50::40] = 1e6
    assert find_stop(losses) == (None, 300)


@pytest.mark.parametrize("level", [0.0, 1.0, -3.0, 1e8])
def test_a_constant_with_rounding_noise_goes_on(level):
    jitter = 1e-7 * np.random.default_rng(2).normal(size=500)
    assert find_stop(level + level * jitter) == (None, 500)


# --- losses that are 0 for most batches


def _sparse(seed, share, n=500):
    """0 for most batches, as of a hinge or triplet loss of a good model."""
    rng = np.random.default_rng(seed)
    values = rng.choice(
        [np.ones(n), rng.exponential(size=n), np.exp(rng.normal(size=n))]
    )
    return np.where(rng.random(n) < share, values, 0.0)


@pytest.mark.parametrize("share", [0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7])
@pytest.mark.few(3)
def test_a_loss_that_is_mostly_0_does_not_stop_a_sweep(share):
    stopped = [find_stop(_sparse(seed, share))[0] for seed in range(50)]
    assert sum(reason is not None for reason in stopped) <= 1


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("seed", range(5))
def test_its_divergence_is_seen_all_the_same(share, seed):
    losses = _sparse(seed, share, 200)
    losses[120:] += np.exp(0.2 * np.arange(80)) - 1
    reason, index = find_stop(losses)
    assert reason is StopReason.DIVERGED and 120 < index < 170


@given(st.integers(0, 50), st.floats(-100, 100), st.floats(1e-3, 1e3))
def test_its_shift_and_scale_change_nothing(seed, shift, scale):
    losses = _sparse(seed, 0.2, 200) + 0.05 * np.maximum(0, np.arange(200) - 120) ** 2
    # Rounding of a shifted 0 is none: the same number comes out each time.
    assert find_stop(scale * (losses + shift)) == find_stop(losses)


# --- divergence


@pytest.mark.parametrize("seed", range(10))
def test_divergence_is_seen_and_not_too_early(seed):
    losses = _descent_then_explosion(seed)
    reason, index = find_stop(losses)
    assert reason is StopReason.DIVERGED
    assert losses[index] > losses[:10].mean()  # all that was gained is lost again
    assert index > np.argmin(losses)


@pytest.mark.parametrize("seed", range(10))
def test_an_explosion_without_a_descent_is_seen(seed):
    losses = 2.3 + np.random.default_rng(seed).normal(0, 0.1, 200)
    losses[120:] += np.exp(0.2 * np.arange(80)) - 1
    reason, index = find_stop(losses)
    assert reason is StopReason.DIVERGED and 120 < index < 160


def test_a_step_is_judged_by_the_ema_that_is_written_down():
    losses = np.concatenate([np.full(20, 2.0), np.full(40, 1.0), np.full(60, 4.0)])
    # The median of 3 delays a step by one loss.
    smoothed = ema(np.concatenate([[2.0], losses[:-1]]), 0.9)
    rise = smoothed - np.minimum.accumulate(smoothed)
    lost = rise - (2.0 - np.minimum.accumulate(smoothed))
    expected = np.argmax(lost > 1e-9)  # more than rounding
    assert find_stop(losses) == (StopReason.DIVERGED, expected)


@given(
    st.integers(0, 50),
    st.floats(-100, 100),
    st.floats(1e-3, 1e3),
)
def test_shift_and_scale_change_nothing(seed, shift, scale):
    losses = _descent_then_explosion(seed)
    assert find_stop(scale * (losses + shift)) == find_stop(losses)


def test_losses_that_cross_zero_stop_where_they_should():
    losses = _descent_then_explosion(3) - 1.0
    reason, index = find_stop(losses)
    assert losses.min() < 0 and reason is StopReason.DIVERGED
    assert losses[index] > losses[:10].mean()


# --- the object


def test_reset_makes_a_rule_as_new():
    # A second sweep of ktrain and keras_lr_finder starts from the first one's best.
    rule = StoppingRule()
    first = [rule.update(loss) for loss in _descent_then_explosion(4)]
    rule.reset()
    assert [rule.update(loss) for loss in _descent_then_explosion(4)] == first


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_few_losses_do_not_stop(n):
    assert find_stop(np.arange(float(n))) == (None, n)


@pytest.mark.parametrize(
    "options", [{"smoothing": 1.0}, {"smoothing": -0.1}, {"warm_up": 0}, {"rise": 0.0}]
)
def test_bad_options_are_refused_by_name(options):
    with pytest.raises(InputError, match=f"`{next(iter(options))}`.*Received"):
        StoppingRule(**options)


def test_a_larger_rise_stops_later():
    losses = _descent_then_explosion(5)
    assert find_stop(losses, rise=5.0)[1] > find_stop(losses)[1]
