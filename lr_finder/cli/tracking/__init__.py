"""Logging what a command found to a tracker."""
