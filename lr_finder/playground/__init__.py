"""The playground: an interactive page, built to one HTML file that needs no server."""
