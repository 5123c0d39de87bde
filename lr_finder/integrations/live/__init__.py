"""A training shown while it goes on: in a terminal, in a notebook, or in lines."""
