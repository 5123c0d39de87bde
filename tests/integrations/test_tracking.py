"""A result, logged: what is refused, and trackers that fail or do not answer."""

import importlib.util
import os
import threading
import time
import warnings

import pytest

from lr_finder.errors import InputError, LRFinderError
from lr_finder.integrations import tracking
from lr_finder.integrations.tracking import (
    Destination,
    TrackerFailedError,
    steps_of,
    within,
)


class Recorder:
    """A tracker that keeps what it is given, and fails if told to."""

    place = "here"

    def __init__(self, name="run", fails_at=None):
        self.name, self.calls, self.children = name, [], []
        self._fails_at = fails_at

    def __getattr__(self, called):
        def note(*given, **options):
            self.calls.append(called)
            if called == self._fails_at:
                raise OSError("the disk is full")

        return note

    def child(self, name):
        self.children.append(Recorder(name))
        return self.children[-1]


class Recording(Destination):
    """The place of such a tracker; `load` and `start` need no library."""

    fails_at = None

    def load(self):
        pass

    def start(self, name):
        type(self).run = Recorder(name, self.fails_at)
        return self.run


@pytest.fixture
def recording(monkeypatch):
    monkeypatch.setattr(
        tracking.Destination, "of", lambda *_: Recording("tensorboard", "x")
    )
    monkeypatch.setattr(Recording, "fails_at", None)
    return Recording


def test_a_run_holds_all_and_ends_after_those_nested_in_it(finding, recording):
    assert finding.log_to("tensorboard") == "here"
    calls, children = recording.run.calls, recording.run.children
    assert calls == ["describe", "add", "add", "add", "finish", "keep", "close"]
    assert [child.name for child in children] == [
        "candidate 1e-3", "candidate 3e-3", "training at the compiled rate 1e-3",
    ]  # fmt: skip
    assert all(child.calls[-1] == "close" for child in children)


@pytest.mark.parametrize("call", ["describe", "add", "finish", "keep"])
def test_a_tracker_that_fails_is_one_warning(finding, recording, monkeypatch, call):
    monkeypatch.setattr(recording, "fails_at", call)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert finding.log_to("tensorboard") is None
    (warning,) = caught
    assert "the disk is full" in str(warning.message)
    assert warning.filename.endswith("finding.py")  # of the caller's call, or ours
    assert recording.run.calls[-1] == "close"  # nothing is left open


def test_a_tracker_that_does_not_answer_is_given_up(finding, recording, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(tracking, "PATIENCE", 0.05)

    def start(self, name):
        released.wait(30)
        return Recorder()

    monkeypatch.setattr(recording, "start", start)
    begin = time.monotonic()
    with pytest.warns(UserWarning, match="no answer within 0.05 seconds"):
        assert finding.log_to("mlflow") is None
    released.set()
    assert time.monotonic() - begin < 20


def test_steps_are_done_in_order_and_an_exit_is_a_failure():
    done = []

    def steps():
        for i in range(3):
            done.append(i)
            yield str(i)

    assert within(30.0, steps) == "2"
    assert done == [0, 1, 2]

    def leaves():
        yield "a"
        raise SystemExit("no key")

    with pytest.raises(TrackerFailedError, match="no key"):
        within(30.0, leaves)


def test_what_was_given_up_goes_no_further():
    released, done = threading.Event(), []

    def steps():
        released.wait(30)
        yield "late"
        done.append("further")
        yield "later"

    with pytest.raises(TrackerFailedError):
        within(0.05, steps)
    released.set()
    time.sleep(0.2)
    assert done == []


def test_a_destination_in_one_text_or_two(tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    folder = str(tmp_path / "runs")
    one, two = (
        Destination.of(f"tensorboard:{folder}"),
        Destination.of("tensorboard", tmp_path / "runs"),
    )
    assert one == two == Destination("tensorboard", folder)
    assert str(one) == f"tensorboard:{folder}"
    with pytest.raises(InputError, match="given once"):
        Destination.of("tensorboard:a", "b")


@pytest.mark.parametrize(
    ("given", "told"),
    [("tensorbord", "Did you mean tensorboard"), ("", "tensorboard, mlflow, wandb"),
     ("comet:x", "Received: comet")],
)  # fmt: skip
def test_an_unknown_tracker_is_refused(given, told, sweep):
    with pytest.raises(InputError, match=told):
        sweep.log_to(given)


@pytest.mark.parametrize("name", ["tensorboard", "mlflow", "wandb"])
def test_a_missing_library_is_one_line_that_says_how_to_install_it(
    name, sweep, monkeypatch
):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(LRFinderError) as caught:
        sweep.log_to(name)
    assert 'pip install "lr_finder[track]"' in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("tracker", ["tensorboard:{}", "mlflow:sqlite:///{}/runs.db"])
def test_a_place_that_cannot_be_written_is_refused(tracker, tmp_path, monkeypatch):
    monkeypatch.setattr(tracking, "check_extra", lambda *_: None)
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InputError, match="is not a folder. Name another: "):
        Destination.of(tracker.format(file))
    if os.geteuid():
        tmp_path.chmod(0o500)
        with pytest.raises(InputError, match="may not be written to"):
            Destination.of(tracker.format(tmp_path / "new"))


def test_a_run_of_steps_says_where_it_is(sweep):
    from lr_finder.integrations.logged_results import logged_result

    places = list(steps_of(Recording("tensorboard", "x"), logged_result(sweep)))
    assert places[0] is None
    assert set(places[1:]) == {"here"}
