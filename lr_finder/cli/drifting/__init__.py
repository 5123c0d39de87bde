"""The parts of `lr_finder drift`."""
