"""Schedules: plain functions from a step to a learning rate. NumPy only."""
