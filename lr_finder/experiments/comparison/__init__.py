"""Optimizers, rates, batch sizes and initializers compared over seeds."""
