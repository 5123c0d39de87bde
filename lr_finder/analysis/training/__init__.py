"""What the record of a training says: its curves, patterns and distributions."""
