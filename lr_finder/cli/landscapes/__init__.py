"""What `lr_finder landscape` does: its options, the measurement, what it prints."""
