"""What a deployment found."""
