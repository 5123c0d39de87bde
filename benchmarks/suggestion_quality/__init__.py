"""How good is a suggested learning rate? Tasks, their truth, and the scores."""
