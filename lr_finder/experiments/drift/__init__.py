"""A model after its deployment: streams that drift, monitors, retraining."""
