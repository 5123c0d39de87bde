"""Pictures of the history of this machine."""
