"""Which line of a person's own code an exception came from."""

from __future__ import annotations

import os
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

# The standard library, installed packages, and this one: nobody's own code.
_OTHERS = tuple(
    os.path.join(os.path.realpath(place), "")
    for place in {
        *map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib")),
        str(Path(__file__).parent),
    }
)
_GENERATED = "__autograph_generated_file"  # how TensorFlow calls what it traces
_LINE_IN_TEXT = re.compile(r'File "([^"\n]+)", line (\d+)')


def own_line(error: BaseException) -> str:
    r"""The deepest line of a person's own code that an exception passed through.

    That of a syntax error is the line that does not parse. Where TensorFlow has traced
    the code, the lines lie in the text of its message.

    Args:
        error: an exception, raised and caught.

    Returns:
        str, `"file:line"`, the file as the working folder reaches it; empty if the
        exception passed through no such line.

    Example:
    >>> import pathlib, runpy, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "own.py")
    ...     _ = path.write_text("width = 3\nwidth / 0")
    ...     try:
    ...         _ = runpy.run_path(str(path))
    ...     except ZeroDivisionError as error:
    ...         print(pathlib.Path(own_line(error)).name)
    own.py:2
    """
    lines = [each for each in _lines(error) if _is_own(each[0])]
    return f"{_shown(lines[-1][0])}:{lines[-1][1]}" if lines else ""


def _lines(error: BaseException) -> Iterator[tuple[str, int]]:
    """Files and lines that an exception passed through, the deepest last."""
    for text in _LINE_IN_TEXT.finditer(str(error)):
        yield text[1], int(text[2])
    place = error.__traceback__
    while place is not None:
        yield place.tb_frame.f_code.co_filename, place.tb_lineno
        place = place.tb_next
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        yield error.filename, error.lineno


def _is_own(file: str) -> bool:
    """Whether a file is there, and neither Python's, nor a package's, nor generated."""
    path = os.path.realpath(file)
    return (
        os.path.isfile(path)
        and not path.startswith(_OTHERS)
        and _GENERATED not in path
        and "site-packages" not in Path(path).parts
    )


def _shown(file: str) -> str:
    """A path as the working folder reaches it, if it lies inside."""
    path = Path(file).resolve()
    folder = Path.cwd()
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)
