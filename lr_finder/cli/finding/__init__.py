"""What `lr_finder find` does with each model."""
