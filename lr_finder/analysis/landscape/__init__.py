"""What losses along directions in the space of weights say. NumPy only."""
