"""Errors over time: their correlation, their level, and what alarms are worth."""
