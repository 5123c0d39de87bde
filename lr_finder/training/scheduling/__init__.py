"""Schedules on a model: as a table in its optimizer, or by a callback."""
