"""Optimization from scratch, to be read: surfaces to walk on. NumPy only."""

from lr_finder.reference.surfaces import (
    SURFACES,
    Surface,
    beale,
    cliff,
    get_surface,
    himmelblau,
    quadratic,
    rosenbrock,
    saddle,
)

__all__ = [
    "SURFACES",
    "Surface",
    "beale",
    "cliff",
    "get_surface",
    "himmelblau",
    "quadratic",
    "rosenbrock",
    "saddle",
]
