"""Keras loaded without the lines that its backend logs while it loads."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import sys
import tempfile
from collections.abc import Iterator

from lr_finder.errors import InputError, LRFinderError

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
ERRORS_ONLY = "3"  # for TensorFlow's C++ log
MODEST = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}  # JAX takes 75 % of a GPU otherwise


def load_keras() -> None:
    """Import Keras and its backend, quietly; what they print is shown if they fail.

    A GPU may be shared: of its memory is taken what is needed, not all. The variables
    `TF_FORCE_GPU_ALLOW_GROWTH` and `XLA_PYTHON_CLIENT_PREALLOCATE` overrule that.

    Raises:
        InputError: If `KERAS_BACKEND` names no backend that trains.
        LRFinderError: If the backend that it names is not installed.
    """
    _check_backend()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", ERRORS_ONLY)
    for name, value in MODEST.items():
        os.environ.setdefault(name, value)
    with stderr_held_back():
        import keras  # noqa: F401

        is_other = os.environ.get("KERAS_BACKEND") in ("jax", "torch")
        if is_other and _is_installed("tensorflow"):
            import tensorflow  # noqa: F401 - Keras would load it later, and loudly
        if (
            "tensorflow" in sys.modules
            and "TF_FORCE_GPU_ALLOW_GROWTH" not in os.environ
        ):
            _let_memory_grow()
    if "tensorflow" in sys.modules:
        # It counts functions traced anew as a fault: several models are none.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)


@contextlib.contextmanager
def stderr_held_back() -> Iterator[None]:
    """Keep what C++ code writes to stderr, which Python cannot; drop it on success.

    Example:
    >>> with stderr_held_back():
    ...     _ = os.write(2, b"news of no interest")
    """
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


def _let_memory_grow() -> None:
    """Let TensorFlow take of each GPU what it needs; too late where it is in use."""
    import tensorflow as tf

    for gpu in tf.config.list_physical_devices("GPU"):
        with contextlib.suppress(RuntimeError, ValueError):
            tf.config.experimental.set_memory_growth(gpu, True)


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
