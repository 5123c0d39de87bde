"""A series over time: its points in order, and windows over them."""
