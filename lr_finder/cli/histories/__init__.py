"""What `lr_finder history` prints, draws and asks."""
