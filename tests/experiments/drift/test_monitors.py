"""What monitors say of errors whose drift is known, and what they cannot see."""

import importlib.util

import numpy as np
import pytest

from lr_finder.analysis.drift.error_process import autocorrelated_errors
from lr_finder.errors import InputError, LRFinderError
from lr_finder.experiments.drift.monitors import find_alarms, make_monitor

river = pytest.importorskip("river")
SEEDS = 6  # the benchmark has 20


def errors_of(coefficient, seed, factor=1.0, n=4000, before=1000):
    """Sizes of a correlated process, which rise in the middle."""
    errors = np.abs(autocorrelated_errors(before + n, coefficient, seed=50 + seed))
    errors[before + n // 2 :] *= factor
    return errors[:before], errors[before:]


@pytest.mark.parametrize("coefficient", [0.0, 0.5, 0.9])
def test_the_default_monitor_is_silent_without_drift_and_tells_of_one(coefficient):
    false = found = 0
    for seed in range(SEEDS):
        before, after = errors_of(coefficient, seed)
        false += len(find_alarms(after, before))
        before, after = errors_of(coefficient, seed, factor=2.0)
        alarms = find_alarms(after, before)
        late = alarms[alarms >= len(after) // 2] - len(after) // 2
        found += bool(len(late)) and late[0] <= 0.1 * len(after)
    assert false / SEEDS * 5000 / 4000 <= 1  # per 5,000 errors
    assert found >= 0.9 * SEEDS


def test_correlated_errors_make_false_alarms_in_raw_detectors():
    """Independent errors none, errors at .9 about ten in 5,000: COURSE.md's lesson."""
    counts = {}
    for coefficient in (0.0, 0.9):
        found = [
            len(find_alarms(after, before, monitor="adwin"))
            for before, after in (
                errors_of(coefficient, seed, n=5000) for seed in range(SEEDS)
            )
        ]
        counts[coefficient] = np.mean(found)
    assert counts[0.0] <= 0.5 and 5 <= counts[0.9] <= 20


def test_kswin_is_fooled_more_than_adwin():
    before, after = errors_of(0.9, 0, n=1500)
    by_kswin = find_alarms(after, before, monitor="kswin", seed=0)
    assert len(by_kswin) > len(find_alarms(after, before, monitor="adwin"))


@pytest.mark.parametrize("monitor", ["adwin:blocks", "adwin:residuals", "page_hinkley"])
def test_other_monitors_see_a_large_drift(monitor):
    before, after = errors_of(0.0, 1, factor=4.0)
    alarms = find_alarms(after, before, monitor=monitor)
    assert ((alarms >= 2000) & (alarms <= 2400)).any()


def test_only_a_rise_is_an_alarm_of_the_default():
    before, after = errors_of(0.5, 2, factor=0.2)
    assert len(find_alarms(after, before)) == 0
    assert len(find_alarms(after, before, monitor="adwin:blocks")) == 0


def test_errors_in_another_unit_give_the_same_alarms():
    before, after = errors_of(0.5, 3, factor=2.0)
    same = find_alarms(1e4 * after, 1e4 * before)
    assert same.tolist() == find_alarms(after, before).tolist() != []


def test_ddm_watches_right_and_wrong():
    rng = np.random.default_rng(0)
    wrong = (rng.random(2000) < np.repeat([0.1, 0.5], 1000)).astype(float)
    alarms = find_alarms(wrong, wrong[:500], monitor="ddm")
    assert len(alarms) and 1000 <= alarms[0] <= 1200


def test_errors_that_are_not_finite_count_as_large():
    before, after = errors_of(0.0, 4, n=400)
    after[200:] = np.inf
    alarms = find_alarms(after, before)
    assert len(alarms) and 200 <= alarms[0] < 300


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: make_monitor("adwin:block"), "Did you mean 'adwin:blocks'"),
        (lambda: make_monitor("spc"), "'default' suits most"),
        (lambda: make_monitor(3), "`calibrate`"),
        (lambda: make_monitor("ddm", task="regression"), "right or wrong"),
        (lambda: make_monitor("ddm:blocks"), "right or wrong"),
        (lambda: find_alarms([1.0], [1.0] * 200, monitor="inputs"), "which has inputs"),
        (lambda: find_alarms([1.0], [1.0] * 40), "at least 80 errors"),
        (lambda: find_alarms([1.0], [np.nan] * 200), "finite numbers"),
    ],
)
def test_what_watches_nothing_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_without_river_one_line_says_how_to_get_it(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec",
        lambda name, *rest: None if name == "river" else find(name, *rest),
    )  # fmt: skip
    with pytest.raises(LRFinderError, match=r'pip install "lr_finder\[drift\]"'):
        make_monitor("default")
    make_monitor("inputs")  # which needs no river


def test_a_model_that_was_never_wrong_is_watched_too():
    """One wrong answer in a block is none yet; if all are wrong, four blocks tell."""
    before, after = np.zeros(120), np.zeros(400)
    assert len(find_alarms(after, before)) == 0
    after[205] = 1.0
    assert len(find_alarms(after, before)) == 0
    after[300:] = 1.0
    assert find_alarms(after, before)[0] < 345
