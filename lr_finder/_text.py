"""Numbers as people read them."""

from __future__ import annotations

import math

PLAIN_FROM, PLAIN_BELOW = 0.1, 100.0  # rates in this range need no power of ten


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
