"""Findings and trainings shown live, and handed to TensorBoard, MLflow and W&B."""
