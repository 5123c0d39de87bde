import builtins
import os
import subprocess
import sys
import types

import pytest

from lr_finder.cli.shared import backend
from lr_finder.cli.shared.backend import load_keras, stderr_held_back
from lr_finder.cli.shared.exit_codes import exit_code
from lr_finder.errors import InputError, LRFinderError


def import_instead(monkeypatch, action):
    """Let `import keras` run `action`."""
    original = builtins.__import__

    def patched(name, *rest, **kwargs):
        return action() if name == "keras" else original(name, *rest, **kwargs)

    monkeypatch.setattr(builtins, "__import__", patched)


@pytest.fixture(autouse=True)
def _without_a_trace(monkeypatch):
    """Variables that loading sets are taken back, whether they were there or not."""
    for name in ("TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND", *backend.MODEST):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


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


class FakeTensorFlow(types.ModuleType):
    """Two GPUs, the second of them in use already."""

    def __init__(self):
        super().__init__("tensorflow")
        self.grown = []
        self.config = types.SimpleNamespace(
            list_physical_devices=lambda kind: [f"{kind}:0", f"{kind}:1"],
            experimental=types.SimpleNamespace(set_memory_growth=self.grow),
        )

    def grow(self, device, is_on):
        if device.endswith("1"):
            raise RuntimeError("cannot be changed after initialisation")
        self.grown.append((device, is_on))


def test_memory_of_a_gpu_is_taken_as_it_is_needed(monkeypatch):
    tensorflow = FakeTensorFlow()
    monkeypatch.setitem(sys.modules, "tensorflow", tensorflow)
    import_instead(monkeypatch, lambda: types.ModuleType("keras"))
    load_keras()
    assert tensorflow.grown == [("GPU:0", True)]
    assert os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"


def test_what_a_person_set_of_the_gpu_is_kept(monkeypatch):
    tensorflow = FakeTensorFlow()
    monkeypatch.setitem(sys.modules, "tensorflow", tensorflow)
    import_instead(monkeypatch, lambda: types.ModuleType("keras"))
    monkeypatch.setenv("TF_FORCE_GPU_ALLOW_GROWTH", "false")
    monkeypatch.setenv("XLA_PYTHON_CLIENT_PREALLOCATE", "true")
    load_keras()
    assert tensorflow.grown == []
    assert os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] == "true"


def test_unknown_backend_is_told_with_the_choices(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "foo")
    with pytest.raises(InputError, match="one of tensorflow, jax, torch. Received"):
        load_keras()


def test_what_is_written_to_the_descriptor_is_dropped(capfd):
    with stderr_held_back():
        os.write(2, b"news of no interest\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_where_loading_fails_it_is_shown(capfd):
    with pytest.raises(ImportError), stderr_held_back():
        os.write(2, b"no such library\n")
        raise ImportError
    assert capfd.readouterr().err == "no such library\n"


@pytest.mark.slow
@pytest.mark.training
def test_tensorflow_loads_without_a_word():
    code = "from lr_finder.cli.shared.backend import load_keras; load_keras()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
