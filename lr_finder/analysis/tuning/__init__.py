"""What a tuning paid, and what it had found by then."""
