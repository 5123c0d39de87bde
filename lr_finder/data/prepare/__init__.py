"""From tables and arrays to data that a model can be trained on."""
