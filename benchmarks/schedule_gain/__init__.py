"""When does a schedule beat a constant rate? Trainings, and what they gain."""
