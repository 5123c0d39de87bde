"""How stable trainings are: what `lr_finder.run_stability` measured, as tables."""
