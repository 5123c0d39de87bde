"""Instruments: what is measured at a step, beside the training."""
