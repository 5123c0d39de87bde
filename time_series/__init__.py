"""Forecasting a synthetic series: an application of lr_finder.

The names that need Keras load it on first use.
"""

from __future__ import annotations

import importlib
from typing import Any

from time_series.generator import (
    Components,
    generate_time_series,
    time_series_components,
)

_ON_FIRST_USE = {"create_model": "time_series.model"}  # name -> module that needs Keras

__all__ = [
    "Components",
    "create_model",
    "generate_time_series",
    "time_series_components",
]


def __getattr__(name: str) -> Any:
    if name in _ON_FIRST_USE:
        return getattr(importlib.import_module(_ON_FIRST_USE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
