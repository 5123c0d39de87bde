"""Curves of known pattern: each is recognised, and nothing else is seen in it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lr_finder.analysis.training.pattern_definitions import DEFINITIONS
from lr_finder.analysis.training.patterns import recognize_patterns
from lr_finder.errors import InputError

SEEDS = range(25)
TRUTH = {  # curve -> what it shows
    "exponential": {"converging"},
    "square root": {"converging"},
    "levelled": {"plateau"},
    "linear": {"rate too low"},
    "climb": {"diverging", "rate too high"},
    "explosion": {"diverging", "rate too high"},
    "half lost": {"rate too high"},
    "swing of 3.3": {"oscillating", "rate too high"},
    "swing of 2": {"oscillating", "rate too high"},
    "never learnt": {"rate too low"},
    "hardly learnt": {"rate too low"},
    "little learnt": {"plateau", "under-fitting"},
}


def curves(n, seed, noise):
    """Formulas of `TRUTH` over n steps, with white noise."""
    rng = np.random.default_rng([seed, n])
    t, i = np.linspace(0, 1, n), np.arange(n)
    after = np.clip(t - 0.5, 0, None)
    exact = {
        "exponential": 0.2 + 2 * np.exp(-4 * t),
        "square root": 2 / np.sqrt(1 + 60 * t),
        "levelled": 0.2 + 2 * np.exp(-25 * t),
        "linear": 2.2 - 0.6 * t,
        "climb": 0.4 + 1.8 * np.exp(-10 * t) + 24 * after**2,
        "explosion": 0.4 + 1.8 * np.exp(-10 * t) + np.exp(20 * after) - 1,
        "half lost": 0.4 + 1.8 * np.exp(-10 * t) + 1.4 * after,
        "swing of 3.3": 0.5 + 1.7 * np.exp(-8 * t) + 0.4 * np.sin(2 * np.pi * i / 3.3),
        "swing of 2": 0.5 + 1.7 * np.exp(-8 * t) + 0.4 * (-1.0) ** i,
        "never learnt": 2.2 + 0 * t,
        "hardly learnt": 2.2 - 0.06 * t,
        "little learnt": 1.6 + 0.6 * np.exp(-12 * t),
    }
    return {name: curve + noise * rng.normal(size=n) for name, curve in exact.items()}


def names(*losses, **options):
    return {pattern.name for pattern in recognize_patterns(*losses, **options)}


@pytest.mark.parametrize("n", [100, 1000, 10_000])
@pytest.mark.parametrize("curve", TRUTH)
def test_without_noise_each_curve_shows_its_patterns_and_no_others(curve, n):
    assert names(curves(n, 0, 0.0)[curve]) == TRUTH[curve]


@pytest.mark.parametrize(
    ("n", "noise"), [(100, 0.01), (200, 0.02), (1000, 0.04), (10_000, 0.1)]
)
def test_confusion_table(n, noise):
    """Rows: curves; columns: patterns. Off the truth, at most 1 in 12."""
    table = {curve: dict.fromkeys(DEFINITIONS, 0) for curve in TRUTH}
    for seed in SEEDS:
        for curve, losses in curves(n, seed, noise).items():
            for name in names(losses):
                table[curve][name] += 1
    for curve, row in table.items():
        for name, count in row.items():
            right = count if name in TRUTH[curve] else len(SEEDS) - count
            assert right >= len(SEEDS) * 11 // 12, (curve, name, row)


def test_of_noise_alone_a_period_or_a_climb_is_hardly_ever_seen():
    alarms = [
        names(2 + 0.5 * np.random.default_rng(seed).normal(size=300))
        & {"oscillating", "diverging", "rate too high", "over-fitting"}
        for seed in range(200)
    ]
    assert sum(map(bool, alarms)) <= 6  # 3 %


def test_too_noisy_a_curve_is_not_called_a_plateau():
    """The fall could be there or not: silence is the answer."""
    fall = np.linspace(2.2, 2.0, 30)
    found = [
        names(fall + 0.6 * np.random.default_rng(s).normal(size=30)) for s in SEEDS
    ]
    assert sum("plateau" in each for each in found) <= 2


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_no_number_is_a_divergence_with_its_place(value):
    losses = curves(100, 0, 0.01)["exponential"]
    losses[80] = value
    found = {p.name: p for p in recognize_patterns(losses)}
    assert found["diverging"].evidence == {"nonfinite_at": 80}
    assert "plateau" not in found and "converging" not in found
    losses[3] = value  # too few before it to be judged further
    assert names(losses) == {"diverging", "rate too high"}


@pytest.mark.parametrize("epochs", [20, 50, 200])
def test_over_fitting(epochs):
    """The validation loss climbs from its lowest at 0.4 while the training goes on."""
    t = np.linspace(0, 1, epochs)
    training = 0.1 + 2 * np.exp(-4 * t)
    validation = 0.5 + 1.7 * np.exp(-8 * t) + 0.8 * np.clip(t - 0.4, 0, None)
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        noise = 0.01 * rng.normal(size=(2, epochs))
        found = {
            p.name: p
            for p in recognize_patterns(training + noise[0], validation + noise[1])
        }
        evidence = found["over-fitting"].evidence
        assert 0.3 < evidence["lowest_at"] < 0.6
        assert evidence["generalisation_loss"] == pytest.approx(0.65, abs=0.12)
        flat = 0.5 + 1.7 * np.exp(-8 * t) + noise[1]
        assert "over-fitting" not in names(training + noise[0], flat)


def test_both_losses_climbing_is_divergence_and_not_over_fitting():
    losses = curves(100, 0, 0.01)["climb"]
    assert names(losses, losses + 0.1) == {"diverging", "rate too high"}


def test_under_fitting_goes_by_the_loss_of_a_constant_guess():
    losses = curves(200, 0, 0.01)["little learnt"]  # ends at 1.6
    assert "under-fitting" in names(losses, baseline=3.0)
    assert "under-fitting" not in names(losses, baseline=3.5)
    assert "under-fitting" in names(curves(200, 0, 0.01)["levelled"], baseline=0.3)


def test_period_and_swing_are_measured():
    steps = np.arange(999)
    losses = 0.5 + 1.7 * np.exp(-steps / 100) + 0.4 * np.sin(2 * np.pi * steps / 5)
    found = {p.name: p for p in recognize_patterns(losses)}
    evidence = found["oscillating"].evidence
    assert evidence["period"] == pytest.approx(5)
    assert evidence["swing"] == pytest.approx(0.4 / np.sqrt(2), rel=0.01)
    assert evidence["share"] > 0.99


@given(
    factor=st.floats(1e-6, 1e6),
    curve=st.sampled_from(sorted(TRUTH)),
    seed=st.integers(0, 99),
    n=st.integers(60, 400),
)
@settings(max_examples=60, deadline=None)
def test_the_unit_of_the_loss_changes_nothing(factor, curve, seed, n):
    losses = curves(n, seed, 0.02)[curve]
    assert names(losses * factor) == names(losses)


@given(st.lists(st.floats(), min_size=12, max_size=40))
@settings(max_examples=200, deadline=None)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_any_losses_are_judged_and_the_courses_exclude_each_other(losses):
    found = names(losses, losses)
    assert found and found <= set(DEFINITIONS)
    assert len(found & {"converging", "plateau", "rate too low", "diverging"}) <= 1


def jumps(n, seed):
    """Curves of one batch before the first steps threw the loss far off, and after."""
    rng = np.random.default_rng([seed, n])
    t, noise = np.linspace(0, 1, n), np.exp(0.2 * rng.normal(size=n))
    after = {
        "stays": 200 + 0 * t,
        "stays at 12 times": 28 + 0 * t,
        "falls by half": 1000 * np.exp(-0.7 * t),
        "falls back": 2.3 + 1000 * np.exp(-12 * t),
        "falls below": 0.5 + 100 * np.exp(-10 * t),
    }
    for name, curve in after.items():
        yield name, np.append(2.3, (curve * noise)[1:])


@pytest.mark.parametrize("n", [40, 200, 3000])
def test_a_jump_at_the_start_is_a_rate_too_high(n):
    """Diverging besides where the loss stays up there."""
    for seed in SEEDS:
        for name, losses in jumps(n, seed):
            expected = {"rate too high"}
            if name not in ("falls back", "falls below"):
                expected.add("diverging")
            found = {p.name: p for p in recognize_patterns(losses)}
            assert set(found) == expected, (name, seed)
            assert found["rate too high"].evidence["first"] == 2.3
            assert "warm-up" in found["rate too high"].recommendation


@pytest.mark.parametrize("shift", [0.0, -5.0])
def test_a_jump_is_seen_of_losses_below_zero_too(shift):
    for seed in SEEDS:
        noise = np.random.default_rng(seed).normal(size=100)
        losses = np.append(2.3, 40 + noise[1:]) + shift
        assert names(losses) == {"diverging", "rate too high"}


@pytest.mark.parametrize("freedom", [4, 32])
@pytest.mark.parametrize("n", [30, 400])
def test_a_first_loss_that_is_low_by_chance_is_no_jump(n, freedom):
    """Means of few squared errors spread over factors, as chi-squared does."""
    course = 0.2 + np.exp(-5 * np.linspace(0, 1, n))
    alarms = 0
    for seed in range(200):
        draws = np.random.default_rng([seed, n]).chisquare(freedom, n) / freedom
        alarms += "rate too high" in names(course * draws)
    assert alarms <= 6  # 3 %


@pytest.mark.parametrize("n", [40, 100, 1000])
def test_a_late_explosion_is_seen_however_noisy(n):
    """The noise up there is no reason to doubt the climb."""
    t = np.linspace(0, 1, n)
    course = np.where(t < 0.6, 0.3 + 2 * np.exp(-6 * t), 1000)
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        spread = np.where(t < 0.6, 0.1, 1.0)
        losses = course * np.exp(spread * rng.normal(size=n))
        assert names(losses) == {"diverging", "rate too high"}


@pytest.mark.parametrize("n", [40, 300, 5000])
def test_a_loss_that_never_falls_asks_for_a_higher_rate_or_other_data(n):
    others = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        losses = 2.3 - 0.02 * np.linspace(0, 1, n) + 0.05 * rng.normal(size=n)
        if names(losses) != {"rate too low"}:  # it has levelled off, by chance
            others += 1
            continue
        (found,) = recognize_patterns(losses)
        assert found.evidence["total_fall"] == pytest.approx(0.02, abs=0.15)
        for word in ("10 times", "sweep", "nothing to learn", "trained already"):
            assert word in found.recommendation
        assert "Lower" not in found.recommendation
    assert others <= 1


def test_what_fell_in_the_very_first_steps_has_not_stood_still():
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        losses = 0.3 + 2 * np.exp(-np.arange(400) / 2) + 0.01 * rng.normal(size=400)
        assert names(losses) == {"plateau"}


def test_a_low_loss_that_stands_still_is_a_training_that_is_done():
    losses = 0.1 + 0.001 * np.random.default_rng(0).normal(size=200)
    assert names(losses) == {"rate too low"}
    assert names(losses, baseline=2.3) == {"plateau"}


def test_batches_in_the_same_order_each_epoch_do_not_oscillate():
    """Their losses repeat, and one frequency of the repeated stretch may stand out."""
    apart = 0
    for seed in range(100):
        epoch = np.random.default_rng(seed).normal(size=16)
        losses = 2.0 - 0.002 * np.arange(128) + 0.4 * np.tile(epoch, 8)
        apart += bool(names(losses) & {"oscillating", "rate too high"})
    assert apart <= 3
    wave = np.tile(np.sin(np.arange(16) * np.pi / 2), 8)  # of a pure tone it is one
    assert "oscillating" in names(2.0 - 0.002 * np.arange(128) + 0.4 * wave)


def test_of_few_losses_under_fitting_needs_a_baseline():
    """The first of 20 epochs has learnt much: its loss is no constant guess's."""
    losses = 0.4 + 0.2 * np.exp(-np.arange(20.0))
    assert names(losses) == {"plateau"}
    assert names(losses, baseline=2.3) == {"plateau"}
    assert names(losses, baseline=0.7) == {"plateau", "under-fitting"}


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize(("time_constants", "name"), [
    (0.3, "rate too low"), (2.0, "converging"), (15.0, "plateau"),
])  # fmt: skip
def test_twenty_epochs_of_an_ordinary_training_have_a_pattern(
    time_constants, name, factor
):
    """A loss from 0.75 to 0.42, as an exponential; epochs differ by a hundredth."""
    course = np.exp(-time_constants * np.linspace(0, 1, 20))
    course = 0.42 + 0.33 * (course - course[-1]) / (1 - course[-1])
    right = 0
    for seed in SEEDS:
        noise = 0.005 * np.random.default_rng(seed).normal(size=20)
        right += recognize_patterns(factor * (course + noise))[0].name == name
    assert right >= len(SEEDS) * 11 // 12


def test_the_most_telling_pattern_comes_first():
    """Over-fitting before converging: the order is that of the definitions."""
    t = np.linspace(0, 1, 100)
    falling, climbing = 0.1 + 2 * np.exp(-3 * t), 1 - t + 2 * t**2
    found = [p.name for p in recognize_patterns(falling, climbing)]
    assert found == ["over-fitting", "converging"]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_no_finite_loss_at_all_is_a_divergence_that_asks_to_look_at_the_data(value):
    first, second = recognize_patterns([value] * 20)
    assert (first.name, second.name) == ("diverging", "rate too high")
    assert first.evidence == {"none_finite": 20}
    assert "values in the data" in first.recommendation


def test_epochs_are_judged_by_their_means():
    """The noise is that of the samples, which every epoch holds again."""
    right = {"means": 0, "losses alone": 0}
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        samples = rng.normal(size=30)
        samples -= samples.mean()
        batches = np.concatenate([
            0.4 + 0.4 * np.exp(-epoch / 8) + rng.permutation(samples)
            for epoch in range(20)
        ])  # fmt: skip
        validation = 0.5 + 0.4 * np.exp(-np.arange(20) / 8)
        right["means"] += names(batches, validation) == {"converging"}
        right["losses alone"] += names(batches) == {"converging"}
    assert right["means"] == len(SEEDS) > 2 * right["losses alone"]


@pytest.mark.parametrize(("end", "name"), [(0.6, "rate too low"), (0.3, "converging")])
def test_a_straight_fall_below_half_the_loss_is_on_its_way(end, name):
    assert names(np.linspace(1, end, 60)) == {name}


@pytest.mark.parametrize(("fall", "name"), [(0.025, "plateau"), (0.04, "converging")])
def test_a_curve_has_levelled_off_if_its_last_third_falls_by_less_than_3_percent(
    fall, name
):
    t = np.linspace(0, 1, 60)
    losses = np.interp(t, [0, 1 / 3, 2 / 3, 1], [3, 1 + fall, 1 + fall, 1])
    assert names(losses) == {name}


@pytest.mark.parametrize("peak", [1.9, 2.2, 50.0])
def test_a_first_peak_is_a_rate_too_high_and_then_a_standstill_no_low_rate(peak):
    """A single loss of the first tenth above twice the first loss, and all noise."""
    for seed in SEEDS:
        losses = 2.3 + 0.01 * np.random.default_rng(seed).normal(size=200)
        losses[4] = 2.3 * peak
        found = {p.name: p for p in recognize_patterns(losses)}
        if peak < 2:
            assert set(found) == {"rate too low"}
            continue
        assert set(found) == {"rate too high", "under-fitting"}
        assert found["rate too high"].evidence["jumped_to"] == 2.3 * peak
        assert "warm-up" in found["rate too high"].recommendation


def test_a_peak_within_the_noise_is_none():
    losses = 2.3 * np.exp(0.4 * np.random.default_rng(0).normal(size=200))
    losses[0], losses[4] = 2.3, 2.3 * np.exp(6 * 0.4 * 0.9)
    assert "rate too high" not in names(losses)
    losses[4] *= np.exp(6 * 0.4 * 0.3)
    assert "rate too high" in names(losses)


@pytest.mark.parametrize("factor", [9.0, 11.0])
def test_a_first_epoch_ten_times_all_others_was_thrown_off(factor):
    losses = np.append(factor, np.ones(19))
    assert ("rate too high" in names(losses)) == (factor > 10)
    assert "plateau" in names(losses)


@pytest.mark.parametrize(("shake", "name"), [
    (0.0, "rate too low"), (0.002, "rate too low"), (0.005, "under-fitting"),
])  # fmt: skip
def test_weights_that_move_and_learn_nothing_do_not_ask_for_a_higher_rate(shake, name):
    """A zigzag by 2 a goes back and forth by a from epoch to epoch."""
    validation = 2.3 * (1 + shake * (-1.0) ** np.arange(21))
    for seed in SEEDS:
        losses = 2.3 + 0.05 * np.random.default_rng(seed).normal(size=420)
        (found,) = recognize_patterns(losses, validation)
        assert found.name == name
        assert ("Raise the rate" in found.recommendation) == (name == "rate too low")


def test_a_fall_by_less_than_a_fifth_is_under_fitting_and_no_plateau():
    t = np.linspace(0, 1, 200)
    assert names(0.7 + 0.3 * np.exp(-40 * t)) == {"plateau", "under-fitting"}
    assert names(0.85 + 0.15 * np.exp(-40 * t), baseline=1.0) == {"under-fitting"}


def test_over_fitting_comes_before_waves_of_the_training_loss():
    t = np.linspace(0, 1, 100)
    falling = 2 * np.exp(-4 * t) * (1 + 0.3 * np.sin(2 * np.pi * 20 * t))
    found = [p.name for p in recognize_patterns(falling, 1 - t + 2 * t**2)]
    assert found[:3] == ["over-fitting", "oscillating", "rate too high"]


def test_too_few_losses_are_refused():
    with pytest.raises(
        InputError, match="at least 12 losses. Received: shape \\(3,\\)"
    ):
        recognize_patterns([1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="`validation_losses`"):
        recognize_patterns(np.ones(20), [1.0])


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        ("abc", "vector of numbers. Received: 'abc'"),
        (["a"] * 20, "vector of numbers"),
        ([[1.0], [1.0, 2.0]], "vector of numbers"),
        (None, "shape \\(\\)"),
        ([], "shape \\(0,\\)"),
        (np.ones((20, 2)), "shape \\(20, 2\\)"),
    ],
)
def test_what_are_no_losses_is_refused(losses, message):
    with pytest.raises(InputError, match=f"`losses` must .*{message}"):
        recognize_patterns(losses)


@pytest.mark.parametrize("losses", ["abc", [], np.ones((20, 2))])
def test_what_are_no_validation_losses_is_refused(losses):
    with pytest.raises(InputError, match="`validation_losses` must"):
        recognize_patterns(np.ones(20), losses)


@pytest.mark.parametrize("baseline", ["much", np.nan, [1, 2]])
def test_what_is_no_baseline_is_refused(baseline):
    with pytest.raises(InputError, match="`baseline` must be a finite number"):
        recognize_patterns(np.ones(20), baseline=baseline)


def test_validation_losses_that_are_lost_say_nothing():
    losses = curves(100, 0, 0.01)["exponential"]
    assert names(losses, [np.nan] * 5) == {"converging"}


@pytest.mark.parametrize(
    ("validation", "says"),
    [
        (np.r_[np.linspace(2, 0.5, 10), np.full(20, 0.5)], "Stop here"),
        (np.r_[np.linspace(2, 0.5, 20), np.linspace(0.5, 0.52, 10)], "Stop here"),
        (0.2 + 2 * np.exp(-np.arange(30) / 10), "Go on"),
        ((2.0, 1.0, 1.0), "Go on"),  # too few to tell
    ],
)
def test_a_validation_loss_that_stands_still_is_no_reason_to_go_on(validation, says):
    losses = 0.05 + 2 * np.exp(-np.arange(300) / 100)
    (pattern,) = [
        each
        for each in recognize_patterns(losses, validation)
        if each.name == "converging"
    ]
    assert pattern.recommendation.startswith(says)
