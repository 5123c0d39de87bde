"""From a file or a built-in source to arrays that a model can be trained on.

What needs pandas and scikit-learn loads them on first use, so that windows over a
series need NumPy alone.
"""

from __future__ import annotations

import importlib
from typing import Any

from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import ThreeParts, load_three_parts, split_off_test
from lr_finder.data.series.windows import make_windows

_ON_FIRST_USE = {  # name -> module that needs pandas and scikit-learn
    "counts_rows": "lr_finder.data.features.row_counters",
    "find_times": "lr_finder.data.cells.times",
    "is_date": "lr_finder.data.cells.columns",
    "load_data": "lr_finder.data.loading",
    "load_table": "lr_finder.data.prepare.table",
    "notes_on_steps": "lr_finder.data.series.series_notes",
    "read_table": "lr_finder.data.readers.csv_files",
    "read_times": "lr_finder.data.cells.times",
    "three_parts_of": "lr_finder.data.prepare.array_parts",
}

__all__ = [
    "Dataset",
    "ThreeParts",
    "counts_rows",
    "find_times",
    "is_date",
    "load_data",
    "load_table",
    "load_three_parts",
    "make_windows",
    "notes_on_steps",
    "read_table",
    "read_times",
    "split_off_test",
    "three_parts_of",
]


def __getattr__(name: str) -> Any:
    if name in _ON_FIRST_USE:
        return getattr(importlib.import_module(_ON_FIRST_USE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
