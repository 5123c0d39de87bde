"""The step by which a model trains: its loss, its gradients, how it is built."""
