"""The models that are trained: defaults, published networks and a person's own."""
