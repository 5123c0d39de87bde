"""`fit`: a search for the rate and the training that follows, in one call."""
