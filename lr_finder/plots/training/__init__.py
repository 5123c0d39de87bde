"""One training or several, drawn."""
