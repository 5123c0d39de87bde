"""Questions asked of many trainings: one file for each, tidy rows out."""
