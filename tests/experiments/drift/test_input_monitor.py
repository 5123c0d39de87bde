"""Inputs that drift are seen, labels that change their meaning are not."""

import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.experiments.drift.input_monitor import InputMonitor, as_columns
from lr_finder.experiments.drift.streams import make_stream


def alarms_on(stream, seed=0):
    monitor = InputMonitor(seed=seed)
    held = stream.x[stream.n_trained : stream.n_before]
    monitor.calibrate(np.zeros(len(held)), held)
    after = range(stream.n_before, len(stream.x))
    return [row for row in after if monitor.update(0.0, stream.x[row])]


def rows(seed=0, n=6000):
    x = np.random.default_rng(seed).normal(size=(n, 4))
    return x, (x[:, 0] + x[:, 1] > 0).astype(int)


@pytest.mark.parametrize("seed", range(3))
def test_it_is_silent_when_only_labels_change_their_meaning(seed):
    stream = make_stream(*rows(seed), change="labels", seed=seed)
    unchanged = make_stream(*rows(seed), shape="none", seed=seed)
    assert (stream.x == unchanged.x).all() and (stream.y != unchanged.y).any()
    assert alarms_on(stream) == []  # however wrong the model has become


def test_it_tells_when_columns_shift():
    stream = make_stream(*rows(), change="columns", size=1.0)
    (span,) = stream.drifts
    alarms = alarms_on(stream)
    assert alarms and span.start <= alarms[0] <= span.start + 200
    assert not [row for row in alarms if row < span.start]


def test_it_tells_when_images_become_noisy():
    rng = np.random.default_rng(0)
    x = rng.random((3000, 6, 6, 1)) * 0.5
    stream = make_stream(x, rng.integers(0, 2, 3000), change="noise")
    alarms = alarms_on(stream)
    assert alarms and alarms[0] <= stream.drifts[0].start + 200


def test_false_alarms_are_as_rare_as_the_level_says():
    found = sum(len(alarms_on(make_stream(*rows(seed), shape="none")))
                for seed in range(10))  # fmt: skip
    assert found <= 3  # of 300 windows; 0.3 are expected


def test_images_become_means_and_deviations_of_channels():
    x = np.random.default_rng(1).random((5, 4, 4, 3))
    columns = as_columns(x)
    np.testing.assert_allclose(columns[:, :3], x.reshape(5, 16, 3).mean(axis=1))
    np.testing.assert_allclose(columns[:, 3:], x.reshape(5, 16, 3).std(axis=1))


def test_without_inputs_it_cannot_start():
    with pytest.raises(InputError, match="inputs from before"):
        InputMonitor().calibrate(np.zeros(10), None)
