"""Jobs: their table, their folders, their processes, and what was sent for them."""
