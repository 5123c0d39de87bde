"""What `lr_finder compare` does beside the runs."""
