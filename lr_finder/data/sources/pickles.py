"""Published pickles of arrays and lists, read without running what they may hold.

A pickle is a program: it can call any function. Here it can make lists, dicts, text
and numbers, and arrays of plain numbers or of such things; whatever else it names is
refused. Arrays are built from checked parts, not by NumPy's own unpickling: given one
damaged byte, such as a flag of a dtype, that one ends the whole process.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np

from lr_finder._text import short_reason

MAX_ELEMENTS = 2**31  # of an array, before its bytes are counted
ARRAY_MAKERS = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
}


class Refused(Exception):
    """A pickle asks for more than arrays and lists."""


def read_pickle(content: bytes) -> Any:
    """What a pickle holds, made of arrays, lists, dicts, text, bytes and numbers.

    Args:
        content: bytes of a pickle, of Python 2 or 3.

    Returns:
        The object; text of Python 2 is bytes.

    Raises:
        Refused: If it names anything else, or is damaged.

    Example:
    >>> read_pickle(pickle.dumps({"data": np.arange(3), "labels": [6, 9]}))
    {'data': array([0, 1, 2]), 'labels': [6, 9]}
    >>> read_pickle(pickle.dumps(print))
    Traceback (most recent call last):
    ...
    lr_finder.data.sources.pickles.Refused: it asks for builtins.print, which is no \
array
    """
    try:
        return _resolved(_Unpickler(io.BytesIO(content), encoding="bytes").load())
    except Refused:
        raise
    except Exception as error:  # damaged pickles fail in any way
        reason = short_reason(error)
        raise Refused(f"it is damaged ({reason})") from None


# The unpickler in Python: that in C takes as much memory as a damaged pickle asks for.
class _Unpickler(pickle._Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in ARRAY_MAKERS:
            return _Maker(_Array.make)
        if (module, name) == ("numpy", "ndarray"):
            return "numpy.ndarray"
        if (module, name) == ("numpy", "dtype"):
            return _Maker(_Dtype.make)
        if (module, name) == ("_codecs", "encode"):
            return _Maker(_encode)
        if (module, name) == ("__builtin__", "bytes"):
            return _Maker(_no_bytes)
        raise Refused(f"it asks for {module}.{name}, which is no array")

    def persistent_load(self, pid: Any) -> Any:
        raise Refused("it asks for a persistent object, which is no array")


class _Maker:
    """A function that a pickle may call, and cannot change."""

    __slots__ = ("_make",)

    def __init__(self, make):
        object.__setattr__(self, "_make", make)

    def __call__(self, *arguments):
        return self._make(*arguments)

    def __setstate__(self, state):
        raise Refused("it changes a function")


class _Dtype:
    """The dtype that a pickle describes."""

    __slots__ = ("code", "order")
    code: str
    order: str

    @classmethod
    def make(cls, code: str | bytes, *_: object) -> _Dtype:
        dtype = cls()
        dtype.code = code.decode("ascii") if isinstance(code, bytes) else code
        dtype.order = "="
        return dtype

    def __setstate__(self, state):
        order = state[1]
        self.order = order.decode("ascii") if isinstance(order, bytes) else order

    def dtype(self) -> np.dtype:
        dtype = np.dtype(self.code)
        if dtype.fields or dtype.kind not in "biufSUO":
            raise Refused(f"it holds an array of {self.code!r}")
        ordered = {"<": dtype.newbyteorder("<"), ">": dtype.newbyteorder(">")}
        return ordered.get(self.order, dtype)


class _Array:
    """The array that a pickle describes."""

    __slots__ = ("state",)

    @classmethod
    def make(cls, *_):
        array = cls()
        array.state = None
        return array

    def __setstate__(self, state):
        self.state = state

    def array(self) -> np.ndarray:
        _, shape, dtype, is_fortran, raw = self.state
        dtype = dtype.dtype()
        shape = tuple(int(length) for length in shape)
        n = 1
        for length in shape:
            n *= length
        if min(shape, default=0) < 0 or n > MAX_ELEMENTS:
            raise Refused(f"it holds an array of shape {shape}")
        if dtype.hasobject:
            if not isinstance(raw, list) or len(raw) != n:
                raise Refused("it holds an array with another number of objects")
            flat = np.empty(n, dtype=object)
            flat[:] = [_resolved(item) for item in raw]
        else:
            raw = raw.encode("latin1") if isinstance(raw, str) else raw
            if not isinstance(raw, bytes) or len(raw) != n * dtype.itemsize:
                raise Refused("it holds an array with another number of bytes")
            flat = np.frombuffer(raw, dtype=dtype).astype(dtype.newbyteorder("="))
        return flat.reshape(shape, order="F" if is_fortran else "C")


def _encode(text: str, encoding: Any) -> bytes:
    if encoding not in ("latin1", b"latin1"):
        raise Refused("it encodes text")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """What Python 3 calls by name in pickles for Python 2, to give no bytes."""
    return b""


def _resolved(value: Any) -> Any:
    """Arrays in the place of their descriptions; lists of plain things as they are."""
    if isinstance(value, _Array):
        return value.array()
    if isinstance(value, dict):
        return {key: _resolved(item) for key, item in value.items()}
    if isinstance(value, (_Dtype, _Maker)):
        raise Refused("it holds something that is no array")
    return value
