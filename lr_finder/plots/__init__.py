"""Figures: each function takes a result and, optionally, axes, and returns Axes."""
