"""Suggestions: intervals, warnings, refusals, and the plain-list entrance."""

import dataclasses
import json
import math

import numpy as np
import pytest
from scipy.stats import t as student_t

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.preparation import prepare
from lr_finder.analysis.sweep.rate_window import lag_of
from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.stopping import StopReason, find_stop
from lr_finder.analysis.sweep.suggestion import Suggestion, suggest
from lr_finder.analysis.sweep.uncertainty import (
    AT_TOP_HALF_WIDTH,
    LEAST_HALF_WIDTH,
    half_width,
    resampled_spread,
)
from lr_finder.errors import InputError, ModelError, SuggestionError
from lr_finder.results.sweep import Curve, SweepResult


def _swept(*curves):
    """What a sweep hands over: each curve up to where the stopping rule ended it."""
    cut = []
    for lrs, losses in curves:
        reason, index = find_stop(losses)
        end = index + (reason is StopReason.DIVERGED)
        cut.append(Curve(lrs[:end], losses[:end], reason or StopReason.COMPLETED))
    return SweepResult(cut)


def _kinds(suggestion):
    return {warning.split(":")[0] for warning in suggestion.warnings}


# --- the value


def test_a_suggestion_is_frozen_and_json_ready(sweep_curve):
    suggestion = suggest(_swept(sweep_curve()))
    with pytest.raises(dataclasses.FrozenInstanceError):
        suggestion.lr = 1.0
    fields = json.loads(json.dumps(suggestion.to_dict()))
    for name in ("lr", "low", "high", "method", "why", "decided_by"):
        assert fields[name] == getattr(suggestion, name)
    assert tuple(fields["warnings"]) == suggestion.warnings
    assert fields["window"]["high"] == suggestion.window.high
    assert fields["window"]["high_set_by"] == suggestion.window.high_set_by
    assert fields["usual"] is None and fields["compiled"] is None


def test_json_holds_the_usual_and_the_compiled_rate(sweep_curve):
    about = {"optimizer": "Adam", "compiled_lr": 1e-5}
    found = suggest(SweepResult([Curve(*sweep_curve())], about))
    fields = json.loads(json.dumps(found.to_dict()))
    assert fields["usual"]["rate"] == 3e-3 and "benchmark" in fields["usual"]["source"]
    assert fields["compiled"]["rate"] == 1e-5
    assert "below the interval" in fields["compiled"]["compared"]


def test_its_text_shows_rate_interval_method_and_warnings():
    text = str(Suggestion(1e-3, 3e-4, 3e-3, "drop", ("noisy: much; average",)))
    for part in ("1e-3", "3e-4", "3e-3", "drop", "noisy: much; average"):
        assert part in text


def test_text_and_repr_say_why(sweep_curve):
    found = suggest(SweepResult([Curve(*sweep_curve())], ADAM | {"compiled_lr": 9.0}))
    assert found.why in str(found) and found.why in repr(found)
    assert found.against_compiled in str(found)
    assert len(repr(found).splitlines()) == 1


@pytest.mark.parametrize("method", sorted(RULES.keys() - {DEFAULT_METHOD, "textbook"}))
def test_another_rule_is_what_decided(method, sweep_curve):
    found = suggest(_swept(sweep_curve()), method)
    assert found.decided_by == method
    assert RULES[method].description in found.why
    assert found.window == suggest(_swept(sweep_curve())).window


def test_it_is_applied_to_a_model_alone_or_to_a_group():
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    slow, fast = keras.optimizers.SGD(0.1, name="slow"), keras.optimizers.Adam(0.2)
    groups = keras.optimizers.OptimizerMap(slow, {"nothing": fast})
    found = Suggestion(0.3, 0.2, 0.4, "window")
    with pytest.raises(ModelError, match="compiled"):
        found.apply(model)
    model.compile(keras.optimizers.MultiOptimizer(groups), "mse")
    found.apply(model)
    assert float(slow.learning_rate) == pytest.approx(0.3)
    assert float(fast.learning_rate) == pytest.approx(0.6)
    found.apply(model, group="slow")
    assert float(fast.learning_rate) == pytest.approx(0.6)
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    model.compile(keras.optimizers.SGD(schedule), "mse")
    with pytest.raises(ModelError, match="Schedule"):
        found.apply(model)


# --- the rate


@pytest.mark.parametrize("method", RULES)
def test_one_repeat_gives_the_rate_of_the_rule(method, sweep_curve):
    result = _swept(sweep_curve(seed=1))
    suggestion = suggest(result, method)
    expected = result.lrs[RULES[method](result.lrs, result.losses)]
    # A rule names a point of the sweep; the default answers between two of them.
    assert abs(math.log10(suggestion.lr / expected)) < 8 / 200 / 2 + 1e-9
    assert suggestion.method == method


def test_repeats_are_averaged_in_log10(sweep_curve):
    curves = [sweep_curve(seed=seed, noise=0.3) for seed in range(4)]
    singles = [suggest(_swept(curve)).lr for curve in curves]
    assert len(set(singles)) > 1
    mean = 10 ** np.mean(np.log10(singles))
    assert suggest(_swept(*curves)).lr == pytest.approx(mean)


def test_a_clean_sweep_has_no_warnings_and_a_decade_of_interval(sweep_curve):
    suggestion = suggest(_swept(sweep_curve(noise=0.1)))
    assert suggestion.warnings == ()
    assert suggestion.low <= suggestion.lr <= suggestion.high
    width = math.log10(suggestion.high / suggestion.low)
    assert 2 * LEAST_HALF_WIDTH - 1e-9 <= width <= 1.2
    assert 1e-3 < suggestion.lr < 1e-2


def test_the_same_sweep_gives_the_same_suggestion(sweep_curve):
    result = _swept(sweep_curve(noise=0.5))
    assert suggest(result) == suggest(result)


@pytest.mark.parametrize("seed", range(5))
def test_the_suggestion_follows_the_scale_of_the_rates(seed, sweep_curve):
    lrs, losses = sweep_curve(seed=seed)
    one, other = suggest(_swept((lrs, losses))), suggest(_swept((8 * lrs, losses)))
    assert other.lr == pytest.approx(8 * one.lr)
    assert other.low == pytest.approx(8 * one.low)


def test_an_unknown_method_is_refused_with_the_choices():
    with pytest.raises(InputError, match=r"'drop', .*Received: method='best'"):
        suggest(SweepResult([Curve([1.0], [1.0])]), "best")


def test_the_default_method_is_in_the_table():
    assert DEFAULT_METHOD in RULES


# --- the interval


def test_half_width_follows_its_formula():
    picks = np.array([-3.0, -1.0, -2.0])
    variance = (4 * 0.3**2 + 2 * 1.0) / 6
    expected = student_t.ppf(0.95, 6) * math.sqrt(variance / 3)
    assert half_width(picks, within=0.3) == pytest.approx(expected)


def test_half_width_has_a_floor_and_grows_with_either_spread():
    assert half_width(np.array([-3.0]), within=0.0) == LEAST_HALF_WIDTH
    assert half_width(np.array([-3.0]), within=0.5) > 1
    assert half_width(np.array([-3.0, -1.0]), within=0.0) > 0.6


def test_the_resampled_spread_is_of_the_size_of_the_real_one(sweep_curve):
    rule, picks, spreads = RULES["steepest"], [], []
    for seed in range(30):
        lrs, losses = sweep_curve(noise=0.3, seed=seed)
        picks.append(math.log10(lrs[rule(lrs, losses)]))
        spreads.append(resampled_spread(prepare(lrs, losses), rule, 30))
    assert 0.4 < np.mean(spreads) / np.std(picks) < 2.5


def test_the_interval_stays_in_the_swept_range():
    lrs = np.logspace(-3, -1, 100)
    losses = np.exp(-np.tanh(4 * (np.log10(lrs) + 2.9)))
    suggestion = suggest(SweepResult([Curve(lrs, losses)]), "steepest")
    assert lrs[0] <= suggestion.low <= suggestion.lr <= suggestion.high <= lrs[-1]
    assert "edge" in _kinds(suggestion)


# --- warnings


def test_a_sweep_that_never_diverged_says_so(sigmoid_curve):
    suggestion = suggest(SweepResult([Curve(*sigmoid_curve(100))]))
    assert _kinds(suggestion) == {"never_diverged"}
    assert "raise `end_lr`" in suggestion.warnings[0]


@pytest.mark.parametrize("reason", [StopReason.NONFINITE, StopReason.DIVERGED])
def test_a_seen_divergence_needs_no_warning(reason, sigmoid_curve):
    lrs, losses = sigmoid_curve(100)
    suggestion = suggest(SweepResult([Curve(lrs[:80], losses[:80], reason)]))
    assert "never_diverged" not in _kinds(suggestion)


def test_a_loss_not_finite_bounds_the_rate_from_above(sigmoid_curve):
    # The descent still goes on where the sweep ends: the rate is a decade below.
    lrs, losses = sigmoid_curve(100, centre=-0.5)
    lrs, losses = lrs[:85], losses[:85]
    ended = suggest(SweepResult([Curve(lrs, losses, StopReason.NONFINITE)]), "drop")
    went_on = suggest(SweepResult([Curve(lrs, losses)]), "drop")
    assert ended.lr < 0.14 * lrs[-1] < went_on.lr


def test_a_sweep_cut_short_says_so(sweep_curve):
    lrs, losses = sweep_curve()
    suggestion = suggest(SweepResult([Curve(lrs, losses, StopReason.DATA_ENDED)]))
    assert "data_ended" in _kinds(suggestion)


def test_few_points_are_a_warning(sweep_curve):
    assert "few_points" in _kinds(suggest(_swept(sweep_curve(n=30, noise=0.02))))


@pytest.mark.parametrize(
    ("start", "end", "way_out"), [(-3.2, 1, "lower `start_lr`"), (-7, -2.8, "raise")]
)
def test_a_rate_at_the_edge_names_the_way_out(start, end, way_out, sigmoid_curve):
    lrs, losses = sigmoid_curve(100, start, end)
    losses = losses * np.exp(5 * np.maximum(0, np.log10(lrs) + 2))
    suggestion = suggest(SweepResult([Curve(lrs, losses)]), "drop")
    edges = [text for text in suggestion.warnings if text.startswith("edge")]
    assert len(edges) == 1 and way_out in edges[0]


def test_a_descent_of_a_hundredth_is_a_warning(sigmoid_curve):
    lrs, losses = sigmoid_curve(100, drop=0.01)
    suggestion = suggest(SweepResult([Curve(lrs, losses)]))
    assert "barely_descended" in _kinds(suggestion)


def test_repeats_that_disagree_are_a_warning(sigmoid_curve):
    curves = [Curve(*sigmoid_curve(100, centre=c)) for c in (-5.0, -2.0)]
    suggestion = suggest(SweepResult(curves), "drop")
    assert "unstable" in _kinds(suggestion)
    assert math.log10(suggestion.high / suggestion.low) > 2


def test_a_repeat_without_a_rate_is_left_out_and_named(sigmoid_curve):
    lrs, losses = sigmoid_curve(100)
    good, flat = Curve(lrs, losses), Curve(lrs, np.full(100, losses[0]))
    suggestion = suggest(SweepResult([good, flat]))
    assert suggestion.lr == pytest.approx(suggest(SweepResult([good])).lr)
    assert "repeats" in _kinds(suggestion)


def test_repeats_too_noisy_one_by_one_are_judged_by_their_mean(sigmoid_curve):
    lrs, losses = sigmoid_curve(100, drop=0.4)
    noise = 0.95 * np.sign(np.random.default_rng(2).normal(size=100))
    curves = [Curve(lrs, losses * (1 + noise)), Curve(lrs, losses * (1 - noise))]
    for curve in curves:
        with pytest.raises(SuggestionError):
            suggest(SweepResult([curve]))
    suggestion = suggest(SweepResult(curves))
    clean = suggest(SweepResult([Curve(lrs, losses)]))
    assert suggestion.lr == pytest.approx(clean.lr)
    assert "repeats: 2 of 2" in " ".join(suggestion.warnings)


ADAM = {"optimizer": "Adam", "momentum": None}


def test_the_default_rule_knows_the_optimizer_of_the_sweep(sweep_curve):
    curve = Curve(*sweep_curve())
    blind = suggest(SweepResult([curve]))
    rates = {
        usual: suggest(SweepResult([curve], {"optimizer": name, "momentum": m})).lr
        for name, m, usual in (("Adam", None, 3e-3), ("SGD", 0.9, 5e-3))
    }
    for usual, rate in rates.items():
        assert rate == usual
    assert blind.lr not in rates.values()


def test_the_interval_is_wider_where_the_climb_alone_decides(sweep_curve):
    curve = Curve(*sweep_curve(noise=0.02))
    widths = []
    for name in ("Adam", "SGD"):
        found = suggest(SweepResult([curve], {"optimizer": name}))
        widths.append(math.log10(found.high / found.low) / 2)
    assert widths == pytest.approx([LEAST_HALF_WIDTH, AT_TOP_HALF_WIDTH])


def test_a_flat_noisy_curve_gives_the_usual_rate_and_says_so():
    lrs = np.logspace(-7, 1, 200)
    noise = np.random.default_rng(0).normal(0, 0.2, 200)
    climb = 20 * np.maximum(0, np.log10(lrs)) ** 2
    result = SweepResult([Curve(lrs, np.exp(noise + climb))], ADAM)
    suggestion = suggest(result)
    assert suggestion.lr < 0.3 and "never_descended" in _kinds(suggestion)
    with pytest.raises(SuggestionError, match="never descended"):
        suggest(SweepResult(result.curves))


def test_a_window_without_room_is_a_warning(sweep_curve):
    wide = SweepResult([Curve(*sweep_curve(noise=0.02))], ADAM)
    narrow = SweepResult([Curve(*sweep_curve(noise=0.02, boom=-2.9))], ADAM)
    assert "narrow" not in _kinds(suggest(wide))
    assert "narrow" in _kinds(suggest(narrow))


@pytest.mark.parametrize(
    ("loss", "part"),
    [
        ("mse", "the targets"),
        (None, "the targets"),
        ("sparse_categorical_crossentropy", "the inputs"),
        ("BinaryCrossentropy", "the inputs"),
    ],
)
def test_a_large_loss_names_what_may_not_be_scaled(sweep_curve, loss, part):
    lrs, losses = sweep_curve()
    result = SweepResult([Curve(lrs, 1e3 * losses)], {"loss": loss})
    (told,) = (w for w in suggest(result).warnings if w.startswith("large_loss"))
    assert f"so {part} may not" in told and f"scale {part[4:]} if" in told


def test_a_reason_that_names_a_rate_that_was_not_swept_says_so(sweep_curve):
    """The usual rate belongs at the climb, above which the sweep began."""
    lrs, losses = sweep_curve(noise=0.01, boom=-1.5)
    late = lrs > 10**-2.2
    result = SweepResult([Curve(lrs[late], losses[late])], {"optimizer": "Adam"})
    found = suggest(result)
    assert found.lr == lrs[late][0]
    assert found.why.endswith("the nearest rate that was, is taken.")
    assert "not swept" not in suggest(SweepResult([Curve(lrs, losses)])).why


def test_a_sweep_that_ended_too_low_names_its_end():
    flat = np.where(np.arange(60) % 2, 0.99, 1.01)
    with pytest.raises(
        SuggestionError, match="ended at 1e-3.*raise `end_lr`. Or sweep"
    ):
        suggest(SweepResult([Curve(np.geomspace(1e-7, 1e-3, 60), flat)]))
    with pytest.raises(SuggestionError) as caught:
        suggest(SweepResult([Curve(np.geomspace(1e-7, 10, 60), flat)]))
    assert "end_lr" not in str(caught.value)


def test_a_large_loss_is_a_warning(sweep_curve):
    lrs, losses = sweep_curve(noise=0.02)
    assert "large_loss" not in _kinds(suggest(SweepResult([Curve(lrs, losses)])))
    large = suggest(SweepResult([Curve(lrs, 1e4 * losses)]))
    assert "large_loss" in _kinds(large)


def test_every_warning_has_a_kind_and_a_way_out(sigmoid_curve):
    lrs, losses = sigmoid_curve(30, drop=0.02)
    warnings = suggest(SweepResult([Curve(lrs, losses, "data_ended")])).warnings
    assert len(warnings) >= 3
    for warning in warnings:
        kind, text = warning.split(": ", 1)
        assert kind.replace("_", "").isalpha() and "; " in text


# --- no answer


@pytest.mark.parametrize("n", [1, 2, 9])
def test_too_few_points_are_refused(n):
    curve = Curve(np.logspace(-5, 0, n), np.linspace(2, 1, n), StopReason.DATA_ENDED)
    with pytest.raises(SuggestionError) as caught:
        suggest(SweepResult([curve]))
    assert caught.value.reason == "too_few_points"


@pytest.mark.parametrize("method", RULES)
@pytest.mark.parametrize(("n", "reason"), [(6, "too_few"), (40, "never_descended")])
def test_a_sweep_that_ended_early_is_no_curve_that_never_descended(method, n, reason):
    lrs = np.logspace(-7, 1, 200)[:n]
    losses = 2.3 + 0.1 * np.random.default_rng(0).normal(size=n)
    curve = Curve(lrs, losses, StopReason.DATA_ENDED)
    with pytest.raises(SuggestionError) as caught:
        suggest(SweepResult([curve]), method)
    assert caught.value.reason.startswith(reason)
    said = f"ended early, after {n} steps, at a learning rate of {format_rate(lrs[-1])}"
    assert said in str(caught.value) and "more epochs" in str(caught.value)
    if n == 40:
        with pytest.raises(SuggestionError, match="never descended beyond noise"):
            suggest(SweepResult([Curve(lrs, losses, StopReason.COMPLETED)]), method)


@pytest.mark.parametrize("method", RULES)
def test_a_constant_curve_is_refused_by_every_method(method):
    with pytest.raises(SuggestionError) as caught:
        suggest(SweepResult([Curve(np.logspace(-5, 0, 50), np.full(50, 2.3))]), method)
    assert caught.value.reason == "never_descended"


def test_divergence_from_the_first_steps_is_refused():
    lrs = np.logspace(0, 3, 60)
    losses = np.exp(np.linspace(0, 40, 60))
    with pytest.raises(SuggestionError, match="start_lr") as caught:
        suggest(SweepResult([Curve(lrs, losses, StopReason.DIVERGED)]))
    assert caught.value.reason == "diverged_at_start"


@pytest.mark.parametrize("boom", [False, True])
def test_noise_alone_never_gives_a_silent_rate(boom):
    n = 100
    lrs = np.logspace(-7, 1, n)
    rise = np.exp(8 * np.maximum(0, np.log10(lrs))) if boom else 1.0
    silent = 0
    for seed in range(60):
        noise = np.exp(np.random.default_rng(seed).normal(0, 0.3, n))
        try:
            silent += not suggest(_swept((lrs, 2.3 * noise * rise))).warnings
        except SuggestionError:
            pass
    assert silent < 0.05 * 60


@pytest.mark.parametrize("drift", [1e-4, 1e-3, 1e-2])
def test_a_drift_of_a_start_without_noise_is_no_climb(drift):
    """As on held-out data while BatchNorm's averages settle: up a little, then down."""
    x = np.linspace(-7, 1, 200)
    losses = 7 - 6.5 / (1 + np.exp(-4 * (x + 2))) + drift * np.clip(x + 7, 0, 2)
    losses[x > 0] *= np.exp(8 * x[x > 0])
    found = suggest(SweepResult([Curve(10**x, losses)]))
    plain = 7 - 6.5 / (1 + np.exp(-4 * (x + 2)))
    plain[x > 0] *= np.exp(8 * x[x > 0])
    expected = suggest(SweepResult([Curve(10**x, plain)]))
    assert abs(np.log10(found.lr / expected.lr)) < 0.15


def test_a_long_momentum_moves_rate_and_interval_down_by_its_lag(sweep_curve):
    """An optimizer without a usual rate takes the middle of the window."""
    curves = [Curve(*sweep_curve(200, 0.02, seed)) for seed in (1, 2)]
    metadata = {"optimizer": "RMSprop", "momentum": 0.9}
    plain = suggest(SweepResult(curves, metadata))
    long = suggest(SweepResult(curves, metadata | {"momentum": 0.99}))
    lag = lag_of(metadata | {"momentum": 0.99}, curves[0].lrs)
    assert lag > 0.3
    for name in ("lr", "low", "high"):
        moved = math.log10(getattr(plain, name) / getattr(long, name))
        assert moved == pytest.approx(lag)
    assert suggest(SweepResult(curves, metadata | {"momentum": 0.99}), "drop").lr == (
        suggest(SweepResult(curves, metadata), "drop").lr
    )
