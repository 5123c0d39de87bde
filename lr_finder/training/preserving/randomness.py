"""The global random states that a training may advance, and the way back."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator

import keras
import numpy as np
from keras.src.backend.common.global_state import (
    get_global_attribute,
    set_global_attribute,
)
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR

from lr_finder.training.preserving.variables import host_copy

SEEDS = 2**32  # as many as NumPy's global state has


class RandomState:
    """The random states of Python, NumPy, Keras and the backend, as they are now.

    Keras draws from them for the order of batches (NumPy's under JAX, PyTorch's
    under torch, Python's for a `PyDataset`) and for layers without a seed of their
    own; a DataLoader draws from PyTorch's under any backend. Under TensorFlow the
    seeds of operations still to be made are put back; the position of an eager
    `tf.random` operation within its own stream is not known.

    Example:
    >>> state = RandomState()
    >>> first = np.random.random()
    >>> state.restore()
    >>> np.random.random() == first
    True
    """

    def __init__(self):
        self._python = random.getstate()
        self._numpy = np.random.get_state()  # noqa: NPY002 - Keras draws from it
        self._tensorflow = _tensorflow_generator()
        if self._tensorflow is not None:
            self._tensorflow_state = self._tensorflow.getstate()
        self._torch = sys.modules.get("torch")
        if self._torch is not None:
            self._torch_state = self._torch.get_rng_state()
            # Only where CUDA is in use: to ask would start it, and take its memory.
            self._cuda = self._torch.cuda.is_initialized() and (
                self._torch.cuda.get_rng_state_all()
            )
        self._keras = _keras_generator()
        if self._keras is not None:
            self._keras_value = host_copy(self._keras.state)

    def restore(self) -> None:
        """Put every state back as it was when this object was made."""
        self._restore_keras()
        random.setstate(self._python)
        np.random.set_state(self._numpy)  # noqa: NPY002
        if self._tensorflow is not None:
            self._tensorflow.setstate(self._tensorflow_state)
        if self._torch is not None:
            self._torch.set_rng_state(self._torch_state)
            if self._cuda:
                self._torch.cuda.set_rng_state_all(self._cuda)

    def _restore_keras(self) -> None:
        """Put Keras' generator back, or away if it has only been made since.

        It is made at its first use, from Python's generator. Functions traced
        meanwhile go on referring to it: it starts again from the same draw.
        """
        if self._keras is not None:
            self._keras.state.assign(self._keras_value)
            return
        made_since = _keras_generator()
        if made_since is not None:
            random.setstate(self._python)
            made_since.state.assign(keras.random.SeedGenerator().state)
            set_global_attribute(GLOBAL_SEED_GENERATOR, None)


@contextlib.contextmanager
def preserved_randomness() -> Iterator[None]:
    """Put the global random states back at the end, whatever happens inside.

    Example:
    >>> with preserved_randomness():
    ...     first = np.random.random()
    >>> np.random.random() == first
    True
    """
    state = RandomState()
    try:
        yield
    finally:
        state.restore()


def seed_globals(seed: int) -> None:
    """Let Python's, NumPy's and PyTorch's global states start from here.

    Layers and data that have no seed of their own draw from them. Keras' own seed,
    which cannot be put back, is left alone.

    Args:
        seed: int >= 0.

    Example:
    >>> with preserved_randomness():
    ...     seed_globals(1)
    ...     first = np.random.random()
    ...     seed_globals(1)
    ...     np.random.random() == first
    True
    """
    seed %= SEEDS
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def _keras_generator() -> keras.random.SeedGenerator | None:
    """Keras' global generator, which has no public name; None before its first use."""
    return get_global_attribute(GLOBAL_SEED_GENERATOR)


def _tensorflow_generator() -> random.Random | None:
    """TensorFlow's generator of operation seeds, once a global seed has been set."""
    if "tensorflow" not in sys.modules:
        return None
    from tensorflow.python.eager import context

    return getattr(context.context(), "_rng", None)
