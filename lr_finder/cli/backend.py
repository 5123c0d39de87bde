"""Keras loaded without the lines that its backend logs while it loads."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

ERRORS_ONLY = "3"  # for TensorFlow's C++ log


def load_keras() -> None:
    """Import Keras and its backend, quietly; what they print is shown if they fail."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", ERRORS_ONLY)
    with _stderr_held_back():
        import keras  # noqa: F401


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
