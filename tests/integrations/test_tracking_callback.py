"""The callback: true values of each batch, and a training that never waits or fails."""

import threading
import time
import warnings

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.errors import InputError  # noqa: E402
from lr_finder.integrations.logged import Series  # noqa: E402
from lr_finder.integrations.tracking import Destination  # noqa: E402
from lr_finder.integrations.tracking_callback import (  # noqa: E402
    TrackingCallback,
    tables_of,
)
from lr_finder.training.watching.trackers import BatchMetricsTracker  # noqa: E402

pytestmark = pytest.mark.training
X = np.random.default_rng(0).normal(size=(48, 3))
Y = X @ [1.0, -2.0, 0.5]


class Kept:
    """A run that keeps the points it is given."""

    place = "here"

    def __init__(self, about):
        self.about, self.points, self.ended = about, {}, None

    def describe(self, parameters, texts):
        self.parameters = parameters

    def add(self, series):
        if self.about.fails:
            raise ConnectionError("the server is gone")
        self.about.release.wait(30)
        for name, values in series.columns.items():
            kept = self.points.setdefault(f"{series.group}/{name}", [])
            kept += zip(series.steps, values, series.seconds, strict=True)

    def close(self, *, is_whole=True):
        self.ended = is_whole


class Place:
    """Where such runs are."""

    fails = False

    def __init__(self):
        self.runs, self.release = [], threading.Event()
        self.release.set()

    def __str__(self):
        return "a tracker"

    def here(self):
        return self

    def load(self):
        pass

    def start(self, name):
        self.runs.append(Kept(self))
        self.runs[-1].name = name
        return self.runs[-1]


@pytest.fixture
def place(monkeypatch):
    place = Place()
    monkeypatch.setattr(Destination, "of", lambda *_: place)
    return place


def model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)], name="m")
    is_eager = keras.backend.backend() == "tensorflow"  # to trace takes seconds
    model.compile(
        keras.optimizers.SGD(0.05), "mse", metrics=["mae"], run_eagerly=is_eager
    )
    return model


def fit(callbacks, epochs=2):
    made = model()
    history = made.fit(
        X, Y, batch_size=16, epochs=epochs, verbose=0, shuffle=False,
        validation_data=(X, Y), callbacks=callbacks,
    )  # fmt: skip
    return made, history


def test_the_true_loss_of_each_batch_arrives(place):
    callback, tracker = TrackingCallback("mlflow", seconds=0.01), BatchMetricsTracker()
    _, history = fit([callback, tracker])
    (run,) = place.runs
    assert (run.name, run.ended, callback.place) == ("m", True, "here")
    for name in ("loss", "mae", "learning_rate"):
        steps, values, moments = zip(*run.points[f"batch/{name}"], strict=True)
        assert steps == tuple(range(6))
        np.testing.assert_array_equal(values, tracker.history[name])
        assert list(moments) == sorted(moments)
    steps, values, _ = zip(*run.points["epoch/val_loss"], strict=True)
    assert steps == (1, 2)
    np.testing.assert_allclose(values, history.history["val_loss"])
    assert run.parameters["optimizer"] == "SGD"
    assert (run.parameters["epochs"], run.parameters["learning_rate"]) == (2, 0.05)


def test_a_training_is_the_same_to_the_last_bit(place):
    watched, with_it = fit([TrackingCallback("mlflow")])
    plain, without = fit([])
    assert with_it.history == without.history
    for one, other in zip(watched.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_so_many_batches(place):
    fit([TrackingCallback("mlflow", every=4)])
    steps = [step for step, _, _ in place.runs[0].points["batch/loss"]]
    assert steps == [0, 4]


def test_a_callback_serves_several_fits(place):
    callback = TrackingCallback("mlflow", name="mine")
    for _ in range(2):
        fit([callback])
    assert [run.name for run in place.runs] == ["mine", "mine"]
    assert {len(run.points["batch/loss"]) for run in place.runs} == {6}


def test_a_tracker_that_fails_is_one_warning_and_the_training_goes_on(place):
    place.fails = True
    callback = TrackingCallback("mlflow", seconds=0.01)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _, history = fit([callback], epochs=8)
    told = [str(w.message) for w in caught if "Tracking" in str(w.message)]
    assert len(told) == 1
    assert "the server is gone" in told[0]
    assert len(history.history["loss"]) == 8
    assert len(callback.history["loss"]) == 24  # nothing measured is lost


def test_the_training_does_not_wait_for_a_tracker_that_hangs(place):
    place.release.clear()
    callback = TrackingCallback("mlflow", seconds=0.01)
    made = model()
    callback_end = []

    class Hurry(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            callback._sender._patience = 0.05
            callback_end.append(epoch)

    with pytest.warns(UserWarning, match="no answer within 0.05 seconds"):
        made.fit(X, Y, epochs=3, verbose=0, callbacks=[callback, Hurry()])
    assert callback_end == [0, 1, 2]
    place.release.set()


def test_what_was_collected_is_sent_also_if_the_training_raises(place):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                raise RuntimeError("stopped")

    callback = TrackingCallback("mlflow", seconds=0.01)
    with pytest.raises(RuntimeError, match="stopped"):
        fit([callback, Stop()])
    deadline = time.monotonic() + 20
    while len(place.runs[0].points.get("batch/loss", ())) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert place.runs[0].ended is None
    fit([callback])  # ends the run that was broken off, and begins its own
    assert [run.ended for run in place.runs] == [False, True]


def test_rows_become_tables_of_the_same_names():
    rows = [
        ("batch", 0, 1.0, {"loss": 1.0}),
        ("epoch", 1, 2.0, {"val_loss": 3.0}),
        ("batch", 1, 3.0, {"loss": 2.0}),
        ("batch", 2, 4.0, {"loss": 3.0, "auc": 0.5}),
    ]
    first, second, third = tables_of(rows)
    assert isinstance(first, Series)
    assert (first.group, first.steps, first.seconds) == ("batch", [0, 1], [1.0, 3.0])
    assert first.columns == {"loss": [1.0, 2.0]}
    assert (second.group, third.columns) == ("epoch", {"loss": [3.0], "auc": [0.5]})


@pytest.mark.parametrize("given", [{"every": 0}, {"seconds": 0}, {"seconds": -1.0}])
def test_arguments_are_checked(given, place):
    with pytest.raises(InputError, match=next(iter(given))):
        TrackingCallback("mlflow", **given)
