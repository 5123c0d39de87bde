"""Studies in files: their tables as JSON takes them, and again, to the last bit."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lr_finder._files import write_atomically
from lr_finder.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


Study = TypeVar("Study")
SAVED_AS = 1  # version of the file; raised when an older reader would misread it


def save_study(
    path: str | Path, name: str, about: Mapping[str, Any], **tables: pd.DataFrame
) -> Path:
    """Write the tables of a study to a JSON file, atomically.

    Args:
        path: str or Path, the file; its folder exists.
        name: str, of the data.
        about: mapping of JSON values.
        **tables: DataFrame, `runs` and `epochs`.

    Returns:
        Path, the file written.
    """
    path = Path(path)
    document = {"format": SAVED_AS, "name": name, "about": dict(about)}
    document |= {key: pack(frame) for key, frame in tables.items()}
    text = json.dumps(document) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))
    return path


def load_study(path: str | Path, texts: Collection[str], made: type[Study]) -> Study:
    """Read what `save_study` wrote.

    Args:
        path: str or Path.
        texts: collection of str, the columns that hold texts.
        made: type, called with runs, epochs, name and about.

    Returns:
        object of that type.

    Raises:
        InputError: If the file is missing or is not a saved study of that type.
    """
    try:
        document = json.loads(Path(path).read_text())
        if document["format"] > SAVED_AS:
            raise InputError(
                f"File {path} was written by a newer lr_finder (format "
                f"{document['format']}, this one reads {SAVED_AS}): upgrade."
            )
        runs, epochs = (unpack(document[name], texts) for name in ("runs", "epochs"))
        build: Callable[..., Study] = made
        return build(runs, epochs, document["name"], document["about"])
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"File {path} must be one that {made.__name__}.save wrote. Received: "
            f"{type(error).__name__}: {error}. Name another file."
        ) from error


def pack(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """A table as lists that JSON takes: null for nan, a word for infinity.

    Args:
        frame: DataFrame of numbers and texts.

    Returns:
        dict of str to list.

    Example:
    >>> import pandas as pd
    >>> pack(pd.DataFrame({"loss": [0.5, math.nan, math.inf]}))
    {'loss': [0.5, None, 'inf']}
    """
    return {
        str(name): [
            value
            if not isinstance(value, float) or math.isfinite(value)
            else (None if math.isnan(value) else str(value))
            for value in column.tolist()
        ]
        for name, column in frame.items()
    }


def unpack(columns: Mapping[str, list[Any]], texts: Collection[str]) -> pd.DataFrame:
    """The table that was packed.

    Args:
        columns: mapping of str to list.
        texts: collection of str, the columns that hold texts; the others hold numbers.

    Returns:
        DataFrame.

    Example:
    >>> unpack({"loss": [0.5, None, "inf"]}, ())["loss"].tolist()
    [0.5, nan, inf]
    """
    import pandas as pd

    return pd.DataFrame({
        name: values if name in texts else pd.Series(map(_number, values))
        for name, values in columns.items()
    })  # fmt: skip


def _number(value: Any) -> int | float:
    if isinstance(value, int):
        return value
    return math.nan if value is None else float(value)
