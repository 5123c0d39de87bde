"""What a curve says: smoothing, stopping, rules, suggestions. NumPy and SciPy only."""
