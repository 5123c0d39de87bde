"""How well monitors tell of drift, and what retraining buys."""
