"""Numbers, names and errors as people read them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable

PLAIN_FROM, PLAIN_BELOW = 0.1, 100.0  # rates in this range need no power of ten
DOUBT = "warning: "  # how a note on data begins that is more than one
MAX_LENGTH = 160  # characters of an error
UNDRAWN = "\N{REPLACEMENT CHARACTER}"  # stands for what a font lacks
LONGEST_WORD = 60  # characters; what is longer is cut inside
MOST_TOLD = 20  # characters that are told by name


def format_rate(rate: float, digits: int = 2) -> str:
    """A learning rate as a person reads it, and as Python reads it back.

    Args:
        rate: float, usually > 0.
        digits: int >= 1, significant digits at most.

    Returns:
        str, without zeros that say nothing.

    Example:
    >>> [format_rate(rate) for rate in (0.003, 0.00291, 1e-7, 0.25, 10.0, 400.0)]
    ['3e-3', '2.9e-3', '1e-7', '0.25', '10', '4e2']
    """
    if not math.isfinite(rate) or rate == 0:
        return f"{rate:g}"
    mantissa, exponent = f"{rate:.{digits - 1}e}".split("e")
    rounded = float(f"{mantissa}e{exponent}")
    if PLAIN_FROM <= abs(rounded) < PLAIN_BELOW:
        return f"{rounded:g}"
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def place_of_rate(rate: float, low: float, high: float) -> str:
    """Where a rate lies to an interval; what reads as an end of it lies at that end.

    Args:
        rate: float > 0.
        low: float > 0, the lower end.
        high: float > 0, the upper end.

    Returns:
        str, "below", "above", "inside", "at the lower end of" or "at the upper end of".

    Example:
    >>> [place_of_rate(rate, 1.001e-3, 1e-2) for rate in (1e-3, 9e-4, 2e-3)]
    ['at the lower end of', 'below', 'inside']
    """
    for end, name in ((low, "lower"), (high, "upper")):
        if format_rate(rate) == format_rate(end):
            return f"at the {name} end of"
    return "below" if rate < low else "above" if rate > high else "inside"


def short_reason(error: BaseException) -> str:
    r"""The first line of an error, cut between words and without marks of control.

    Args:
        error: exception.

    Returns:
        str, never empty, without a full stop at its end.

    Example:
    >>> short_reason(OSError("cannot read.\nsecond line")), short_reason(EOFError())
    ('cannot read', 'EOFError')
    """
    lines = str(error).strip().splitlines() or [""]
    shown = "".join(c if c.isprintable() else "?" for c in lines[0])
    if len(shown) > MAX_LENGTH:
        kept, _, rest = shown[:MAX_LENGTH].rpartition(" ")
        is_cut_far = len(rest) > LONGEST_WORD  # no word: an address, a dump
        shown = (shown[: MAX_LENGTH - 1] if is_cut_far else kept) + "…"
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


def name_characters(characters: Iterable[str]) -> str:
    """Characters by their codes and names: what nobody can draw can still be told.

    Args:
        characters: iterable of str, a character each.

    Returns:
        str; of many the first twenty, and how many others there are.

    Example:
    >>> name_characters("\u4fa1")
    'U+4FA1 (cjk unified ideograph-4fa1)'
    """
    told = []
    for character in characters:
        name = unicodedata.name(character, "").lower()
        told.append(f"U+{ord(character):04X}" + (f" ({name})" if name else ""))
    others = len(told) - MOST_TOLD
    return ", ".join(told[:MOST_TOLD]) + (f" and {others} others" if others > 0 else "")


def counted(n: int, thing: str) -> str:
    """A number of things, in the singular if it is one.

    Args:
        n: int.
        thing: str, what one of them is called; its plural ends in s, or in es after a
            hiss.

    Returns:
        str.

    Example:
    >>> counted(1, "row"), counted(2_000, "row")
    ('1 row', '2,000 rows')
    >>> counted(1, "batch"), counted(0, "loss"), counted(2, "epoch")
    ('1 batch', '0 losses', '2 epochs')
    """
    ending = "es" if thing.endswith(("ss", "x", "tch", "sh")) else "s"
    return f"{n:,} {thing}{'' if n == 1 else ending}"
