"""A comparison of optimizers, drawn."""
