"""The global random states that a training may advance, and the way back."""

from __future__ import annotations

import random
import sys

import keras
import numpy as np
from keras.src.random.seed_generator import global_seed_generator

from lr_finder.training.variables import host_copy


class RandomState:
    """The random states of Python, NumPy, Keras and the backend, as they are now.

    Keras draws from them for the order of batches (NumPy's under JAX, PyTorch's
    under torch, Python's for a `PyDataset`) and for layers without a seed of their
    own. Keras' global generator has no public name; its state is put back by value,
    since functions that are traced already refer to the generator itself.

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
        torch = _torch()
        if torch is not None:
            self._torch = torch.get_rng_state()
            self._cuda = torch.cuda.get_rng_state_all()
        # Last: where Keras' generator does not exist yet, asking for it creates it
        # with a draw from Python's, as the next training would.
        self._keras = global_seed_generator().state
        self._keras_value = host_copy(self._keras)

    def restore(self) -> None:
        """Put every state back as it was when this object was made."""
        random.setstate(self._python)
        np.random.set_state(self._numpy)  # noqa: NPY002
        if self._tensorflow is not None:
            self._tensorflow.setstate(self._tensorflow_state)
        torch = _torch()
        if torch is not None:
            torch.set_rng_state(self._torch)
            torch.cuda.set_rng_state_all(self._cuda)
        self._keras.assign(self._keras_value)


def _tensorflow_generator() -> random.Random | None:
    """TensorFlow's generator of operation seeds, once a global seed has been set."""
    if "tensorflow" not in sys.modules:
        return None
    from tensorflow.python.eager import context

    return getattr(context.context(), "_rng", None)


def _torch():
    """The torch module where it is Keras' backend, else None."""
    return sys.modules.get("torch") if keras.backend.backend() == "torch" else None
