"""What touches a Keras model: the sweep, its callbacks, and the way back."""
