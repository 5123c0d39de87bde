"""What the commands share: options, progress, errors, output."""
