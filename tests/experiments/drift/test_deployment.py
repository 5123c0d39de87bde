"""Whole deployments on streams that drift at a known time."""

import dataclasses
import random

import keras
import numpy as np
import pytest

import lr_finder
from lr_finder.errors import InputError
from lr_finder.experiments.drift.deployment import simulate_deployment
from lr_finder.experiments.drift.policies import RetrainingPolicy
from lr_finder.experiments.drift.streams import make_stream

from .test_learner import line_stream, linear, values

pytest.importorskip("river")
pytestmark = pytest.mark.training


def plane(seed=0, n=2400, **how):
    x = np.random.default_rng(seed).normal(size=(n, 2))
    return make_stream(x, (x @ [1.0, -1.0] > 0).astype(int), seed=seed, **how)


def logistic():
    """The smallest network that tells the plane's halves apart."""
    layers = [keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential(layers)
    model.compile("adam", "binary_crossentropy")
    return model


TOLD = []


@pytest.fixture(scope="module")
def made():
    calendar = RetrainingPolicy("calendar", every=300, window=100)
    policies = ["never", calendar, "alarm"]
    return simulate_deployment(
        logistic, plane(change="labels"), policy=policies, learning_rate=0.5, epochs=8,
        batch_size=8, watch=TOLD.append,
    )  # fmt: skip


def test_never_fails_and_trained_again_it_recovers(made):
    rows = made.summary().set_index("policy")
    start = made.drifts[0].start
    never = made.deployments[0].errors
    assert never[:start].mean() < 0.1 and never[start:].mean() > 0.9
    assert rows.loc["never", "trainings"] == 0
    assert np.isnan(rows.loc["never", "recovery"])
    assert rows.loc["alarm", "error_after"] < 0.5 * rows.loc["never", "error_after"]
    assert rows.loc["alarm", "recovery"] <= 240
    assert rows.loc["calendar", "trainings"] == 3
    assert made.failing_since == pytest.approx(start, abs=made.block)


def test_the_alarm_comes_soon_and_alone(made):
    rows = made.summary().set_index("policy")
    assert (rows.loc[["never", "alarm"], "delay"] <= 0.1 * made.rows).all()
    assert (rows["false_alarms"] == 0).all()


def test_a_training_comes_when_the_policy_says(made):
    never, calendar, alarm = made.deployments
    assert [row["at"] for row in calendar.trainings] == [300, 600, 900]
    due = [place + 1 + 60 for place in alarm.alarms]  # a twentieth of 1,200 later
    assert [row["at"] for row in alarm.trainings] == due
    assert {row["rows"] for row in alarm.trainings} == {60}


def test_each_row_is_tested_before_anything_is_learnt_from_it(made):
    """Up to the first training all policies have the errors of the same model."""
    never, calendar, alarm = (one.errors for one in made.deployments)
    assert (never[:300] == calendar[:300]).all()
    first = made.deployments[2].trainings[0]["at"]
    assert (never[:first] == alarm[:first]).all()


def test_a_model_of_ones_own_is_not_changed():
    model, stream = linear(), line_stream(1200)
    model.fit(stream.x[:480], stream.y[:480], verbose=0)
    before, state = values(model), random.getstate()
    report = simulate_deployment(model, stream, policy=["never", "calendar=200"],
                                 epochs=1)  # fmt: skip
    for one, other in zip(before, values(model), strict=True):
        np.testing.assert_array_equal(one, other)
    assert random.getstate() == state
    np.testing.assert_allclose(
        report.deployments[0].errors,
        np.abs(model.predict(stream.x[600:], verbose=0)[:, 0] - stream.y[600:]),
        rtol=1e-4, atol=1e-6,
    )  # fmt: skip


def test_a_model_of_ones_own_is_not_changed_by_an_error():
    model, stream = linear(), line_stream(1200)
    before = values(model)

    def stop(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_deployment(model, stream, watch=stop)
    for one, other in zip(before, values(model), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_input_monitor_hears_nothing_when_labels_change():
    report = simulate_deployment(
        logistic, plane(n=3000, change="labels"), policy=["never", "alarm"],
        monitor="inputs", learning_rate=0.1, epochs=2,
    )  # fmt: skip
    assert report.failing_since is not None  # it is wrong, and nobody says so
    assert [one.alarms for one in report.deployments] == [(), ()]
    assert len(report.deployments[1].trainings) == 0


def test_the_same_seed_gives_the_same_deployment():
    given = {"policy": "calendar=400", "learning_rate": 0.1, "epochs": 1}
    one, same = (simulate_deployment(logistic, plane(), **given) for _ in range(2))
    assert (one.deployments[0].errors == same.deployments[0].errors).all()


def test_a_rate_is_found_by_a_sweep_if_none_is_given():
    report = simulate_deployment(
        logistic, plane(n=1200), epochs=1,
        policy=[RetrainingPolicy("calendar", rate="found", every=300)],
    )  # fmt: skip
    assert 1e-6 < report.about["learning_rate"] < 1
    row = report.trainings().iloc[0]
    assert row["sweep_steps"] > 0 and report.summary()["paid"][0] > 1


def test_progress_is_told(made):
    last = TOLD[-1]
    assert (last.policy, last.done, last.rows) == ("alarm", made.rows, made.rows)
    assert last.trainings == len(made.deployments[2].trainings)
    assert [one.done for one in TOLD if one.policy == "never"] == [1000, 1200]


@pytest.mark.few(10)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stream": (np.zeros(4), np.zeros(4))}, "must be a DriftStream"),
        ({"policy": "weekly"}, "never, calendar, alarm"),
        ({"monitor": "spc"}, "`monitor`"),
        ({"epochs": 0}, "epochs"),
        ({"batch_size": 0}, "batch_size"),
        ({"learning_rate": -1.0}, "learning_rate"),
        ({"seed": -1}, "seed"),
        ({"model": linear(), "loss": "mae"}, "deployed as it is"),
        ({"model": 3}, "build_model"),
        ({"stream": dataclasses.replace(line_stream(), n_before=60)}, "80 errors"),
    ],
)
def test_what_cannot_be_simulated_is_refused(change, words):
    given = {"model": linear, "stream": line_stream(1200), "epochs": 1} | change
    with pytest.raises(InputError, match=words):
        lr_finder.simulate_deployment(given.pop("model"), given.pop("stream"), **given)
