"""What a fit is worth on other rows: the stored studies of notebook 09 and the docs."""
