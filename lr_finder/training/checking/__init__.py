"""What is checked and noted before a model is trained."""
