"""The loss of a model at other weights than its own, and the way of a training."""
