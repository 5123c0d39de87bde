"""Forecasting a series: an application of lr_finder.

The names that need Keras or pandas load it on first use.
"""

from __future__ import annotations

import importlib
from typing import Any

from time_series.generator import (
    Components,
    generate_time_series,
    time_series_components,
)

_ON_FIRST_USE = {  # name -> module that needs Keras, pandas or scikit-learn
    "ForecastSettings": "time_series.settings",
    "Scaling": "time_series.windowing",
    "create_conv_model": "time_series.model",
    "create_lstm_model": "time_series.model",
    "create_model": "time_series.model",
    "create_windowed_dataset": "time_series.windowing",
    "prepare_forecast": "time_series.splitting",
    "read_series": "time_series.sources",
    "reference_errors": "time_series.references",
    "run_experiment": "time_series.experiment",
    "split_by_time": "time_series.windowing",
    "window_arrays": "time_series.windowing",
}

__all__ = [
    "Components",
    "ForecastSettings",
    "Scaling",
    "create_conv_model",
    "create_lstm_model",
    "create_model",
    "create_windowed_dataset",
    "generate_time_series",
    "prepare_forecast",
    "read_series",
    "reference_errors",
    "run_experiment",
    "split_by_time",
    "time_series_components",
    "window_arrays",
]


def __getattr__(name: str) -> Any:
    if name in _ON_FIRST_USE:
        return getattr(importlib.import_module(_ON_FIRST_USE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
