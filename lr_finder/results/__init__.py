"""What was measured, as frozen values: they are saved, read, drawn and passed along."""
