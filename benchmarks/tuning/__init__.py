"""How a tuning budget is best spent: replayed on stored truth, and live."""
