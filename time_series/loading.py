"""Keras loaded without the lines that TensorFlow logs while it loads."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator


def load_keras() -> None:
    """Import Keras and TensorFlow quietly; what they print is shown if they fail.

    `TF_CPP_MIN_LOG_LEVEL` alone does not silence the lines that come before
    TensorFlow has read it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with stderr_held_back():
        import keras  # noqa: F401
        import tensorflow  # noqa: F401 - windows are a tf.data.Dataset on any backend


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
