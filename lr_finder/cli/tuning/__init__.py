"""The parts of `lr_finder tune`."""
