"""How good is the model that is trained? Rates, schedules and peers, on every case."""
