"""What trainings say of rows that they were not trained on."""
