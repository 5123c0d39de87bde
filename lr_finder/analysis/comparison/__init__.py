"""Whether one setting beats another over seeds: tests, ranking, the same in words."""
