"""What the cells of a column are: numbers, dates, times, text."""
