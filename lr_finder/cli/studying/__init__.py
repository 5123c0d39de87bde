"""What `lr_finder stability` is told, runs and says."""
