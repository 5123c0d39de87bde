import builtins
import os

import pytest

from lr_finder.cli.backend import load_keras


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
