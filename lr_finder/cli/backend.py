"""Keras loaded without the lines that its backend logs while it loads."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator

from lr_finder.errors import InputError, LRFinderError

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
ERRORS_ONLY = "3"  # for TensorFlow's C++ log


def load_keras() -> None:
    """Import Keras and its backend, quietly; what they print is shown if they fail.

    Raises:
        InputError: If `KERAS_BACKEND` names no backend that trains.
        LRFinderError: If the backend that it names is not installed.
    """
    _check_backend()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", ERRORS_ONLY)
    with _stderr_held_back():
        import keras  # noqa: F401

        is_other = os.environ.get("KERAS_BACKEND") in ("jax", "torch")
        if is_other and _is_installed("tensorflow"):
            import tensorflow  # noqa: F401 - Keras would load it later, and loudly


def _check_backend() -> None:
    """Look for the backend asked for, without loading it."""
    name = os.environ.get("KERAS_BACKEND")
    if not name:  # Keras takes TensorFlow, or what its own file of settings names
        return
    if name not in BACKENDS:
        raise InputError(
            f"Variable KERAS_BACKEND must be one of {', '.join(BACKENDS)}. Received: "
            f"KERAS_BACKEND={name}. Change or unset it."
        )
    if not _is_installed(name):
        raise LRFinderError(
            f"KERAS_BACKEND={name} needs {BACKENDS[name]}, which is not installed. "
            f'Install it with: pip install "lr_finder[{name}]"'
        )


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


@contextlib.contextmanager
def _stderr_held_back() -> Iterator[None]:
    """Keep what C++ code writes to stderr, which Python cannot; drop it on success."""
    sys.stderr.flush()
    original = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(original, held.read())
            raise
        finally:
            os.dup2(original, 2)
            os.close(original)
