"""Hyperparameters searched for within a budget of trainings."""
