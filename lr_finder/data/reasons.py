"""What other libraries raise about a file, in a few words of one line."""

from __future__ import annotations

from collections.abc import Iterable

MAX_LENGTH = 160  # characters


def short_reason(error: BaseException) -> str:
    r"""The first line of an error, cut to its length and without marks of control.

    Args:
        error: exception.

    Returns:
        str, never empty, without a full stop at its end.

    Example:
    >>> short_reason(OSError("cannot read.\nsecond line")), short_reason(EOFError())
    ('cannot read', 'EOFError')
    """
    lines = str(error).strip().splitlines() or [""]
    shown = "".join(c if c.isprintable() else "?" for c in lines[0])[:MAX_LENGTH]
    return shown.strip().rstrip(".") or type(error).__name__


def listed(names: Iterable[object], most: int = 5) -> str:
    """Names as a message shows them: the first few, and "…" for the others.

    Args:
        names: iterable of str.
        most: int, how many are shown.

    Returns:
        str.

    Example:
    >>> listed(["a", "b", "c"], most=2)
    "'a', 'b', …"
    """
    names = list(names)
    return ", ".join(map(repr, names[:most])) + ", …" * (len(names) > most)


def counted(n: int, thing: str) -> str:
    """A number of things, in the singular where it is one.

    Args:
        n: int.
        thing: str, what one of them is called.

    Returns:
        str.

    Example:
    >>> counted(1, "row"), counted(2_000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{n:,} {thing}{'s' * (n != 1)}"
