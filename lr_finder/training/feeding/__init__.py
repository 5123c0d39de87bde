"""The batches that a training is given: sources, order, replay."""
