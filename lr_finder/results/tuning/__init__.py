"""What a tuning found: the value, and what it says."""
