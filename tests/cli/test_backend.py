import builtins
import os

import pytest

from lr_finder.cli.backend import load_keras
from lr_finder.cli.errors import exit_code
from lr_finder.errors import InputError, LRFinderError


def import_instead(monkeypatch, action):
    """Let `import keras` run `action`."""
    original = builtins.__import__

    def patched(name, *rest, **kwargs):
        return action() if name == "keras" else original(name, *rest, **kwargs)

    monkeypatch.setattr(builtins, "__import__", patched)


def test_what_loading_logs_is_dropped(monkeypatch, capfd):
    import_instead(monkeypatch, lambda: os.write(2, b"I0000 port.cc: oneDNN is on\n"))
    load_keras()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"]


def test_what_loading_logs_is_shown_when_it_fails(monkeypatch, capfd):
    def fail():
        os.write(2, b"no such library\n")
        raise ImportError("broken")

    import_instead(monkeypatch, fail)
    with pytest.raises(ImportError, match="broken"):
        load_keras()
    assert capfd.readouterr().err == "no such library\n"


def test_backend_that_is_not_installed_is_told_with_its_extra(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(LRFinderError) as raised:
        load_keras()
    assert exit_code(raised.value) == 1
    assert str(raised.value) == (
        "KERAS_BACKEND=torch needs PyTorch, which is not installed. Install it with: "
        'pip install "lr_finder[torch]"'
    )


def test_unknown_backend_is_told_with_the_choices(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "foo")
    with pytest.raises(InputError, match="one of tensorflow, jax, torch. Received"):
        load_keras()
