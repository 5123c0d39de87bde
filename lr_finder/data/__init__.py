"""From a file or a built-in source to arrays that a model can be trained on."""
