"""What a fit is worth on other rows, drawn."""
