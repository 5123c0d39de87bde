"""What a sweep says: smoothing, stopping, rules, the suggestion and its reason."""
