"""The REST service: suggestions at once, findings and comparisons as jobs."""
