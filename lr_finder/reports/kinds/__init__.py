"""What each kind of result says in a report, and how it is drawn."""
