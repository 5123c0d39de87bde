"""Deployments, drawn."""
