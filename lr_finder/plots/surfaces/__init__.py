"""A loss over one or two directions, drawn, with the paths that lead through it."""
