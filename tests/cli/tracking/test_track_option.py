"""`--track`: checked before any work, and what fails is a line, never the command."""

import contextlib
import importlib.util
import io
import types
import warnings

import numpy as np
import pytest

from lr_finder.cli.tracking.track_option import checked_trackers, log_each, tracked
from lr_finder.errors import InputError, LRFinderError


class Result:
    """A result that notes where it is logged, or fails to be."""

    def __init__(self, warning=None):
        self.logged, self._warning = [], warning

    def log_to(self, tracker, where, *, name):
        self.logged.append((tracker, where, name))
        if self._warning is None:
            return "here"
        warnings.warn(self._warning, stacklevel=2)
        return None


TRACKERS = [types.SimpleNamespace(tracker=n, where="x") for n in ("mlflow", "wandb")]


def told(call):
    err = io.StringIO()
    with contextlib.redirect_stderr(err):
        call()
    return err.getvalue().splitlines()


def test_each_tracker_gets_the_result_and_says_where_it_is():
    result = Result()
    lines = told(lambda: log_each(result, TRACKERS, "prices"))
    assert result.logged == [("mlflow", "x", "prices"), ("wandb", "x", "prices")]
    assert lines == ["Logged to: mlflow, here", "Logged to: wandb, here"]
    assert told(lambda: log_each(result, TRACKERS, "a", is_told=False)) == []


def test_a_tracker_that_fails_is_a_line_also_if_nothing_else_is_told():
    result = Result("Tracking: nothing more is logged to mlflow:x, …")
    lines = told(lambda: log_each(result, TRACKERS[:1], "a", is_told=False))
    assert lines == ["Warning: Tracking: nothing more is logged to mlflow:x, …"]


@pytest.mark.parametrize("error", [LRFinderError("x"), KeyboardInterrupt()])
def test_what_was_found_before_an_error_is_logged(error):
    error.finding = Result()

    def find():
        raise error

    with pytest.raises(type(error)) as caught:
        tracked(find, TRACKERS[:1], "a", is_told=False)
    assert caught.value is error
    assert error.finding.logged == [("mlflow", "x", "a")]


def test_nothing_found_is_nothing_logged():
    def find():
        raise LRFinderError("x")

    with pytest.raises(LRFinderError):
        tracked(find, TRACKERS, "a")


def test_no_option_is_no_tracker():
    assert checked_trackers(None) == []
    with pytest.raises(InputError, match="Option --track: a tracker must be one of"):
        checked_trackers(["nothing"])


@pytest.mark.parametrize("name", ["find", "compare"])
def test_a_wrong_tracker_ends_the_command_before_any_work(command, name, tmp_path):
    run = command(name, "--track", "tensorbord", "--out", tmp_path / "out")
    assert run.code == 2
    assert run.err.splitlines() == [
        "Error: Option --track: a tracker must be one of tensorboard, mlflow, wandb. "
        "Received: tensorbord. Did you mean tensorboard?"
    ]
    assert not (tmp_path / "out").exists()


def test_a_missing_library_ends_it_too(command, monkeypatch, tmp_path):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n: None if n == "wandb" else found(n)
    )
    run = command("find", "--track", "wandb", "--out", tmp_path / "out")
    assert run.code == 1
    assert run.err.splitlines() == [
        "Error: Tracking by W&B needs wandb, which is not installed. Install it with: "
        'pip install "lr_finder[track]"'
    ]


def test_a_folder_that_cannot_be_written_ends_it_too(command, tmp_path):
    pytest.importorskip("tensorboard")
    (tmp_path / "file").write_text("")
    run = command("find", "--track", f"tensorboard:{tmp_path / 'file'}")
    assert run.code == 2
    assert "is not a folder. Name another: tensorboard:FOLDER." in run.err


def scalars(path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util

    events = EventAccumulator(str(path), size_guidance={"tensors": 0})
    events.Reload()
    return lambda tag: [
        float(tensor_util.make_ndarray(each.tensor_proto))
        for each in events.Tensors(tag)
    ]


@pytest.mark.training
def test_find_logs_what_it_prints(command, files, tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    monkeypatch.chdir(tmp_path)
    run = command(
        "find", files.prices, "--steps", 40, "--json", "--track", "tensorboard:runs",
        "--out", "out/prices",
    )  # fmt: skip
    assert run.code == 0
    assert "Logged to: tensorboard, runs/prices" in run.err
    column = scalars("runs/prices")
    assert column("suggestion/lr") == [np.float32(run.json["suggestion"]["lr"])]
    assert len(column("sweep/loss")) == run.json["points"]


@pytest.mark.slow
@pytest.mark.training
def test_compare_logs_each_run(command, files, tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    monkeypatch.chdir(tmp_path)
    run = command(
        "compare", files.prices, "--optimizers", "adam", "--lr", "0.01,0.001",
        "--seeds", 2, "--epochs", 1, "--track", "tensorboard:runs", "--out", "out/two",
    )  # fmt: skip
    assert run.code == 0, run.err
    nested = sorted(path for path in (tmp_path / "runs/two").iterdir() if path.is_dir())
    assert len(nested) == 4
    assert all(len(scalars(path)("epoch/val_loss")) == 1 for path in nested)


@pytest.mark.slow
@pytest.mark.training
def test_several_models_are_logged_each(command, files, tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(
        "import keras\n"
        "def build(input_shape):\n"
        "    layers = [keras.Input(input_shape), keras.layers.Dense(1)]\n"
        "    model = keras.Sequential(layers)\n"
        "    model.compile('sgd', 'mse')\n"
        "    return model\n"
    )
    run = command(
        "find", files.prices, "--steps", 40, "--model", "default", "--model",
        "mine.py:build", "--track", "tensorboard:runs", "--out", "out/two",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert len(list((tmp_path / "runs").iterdir())) == 2
