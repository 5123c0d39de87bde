"""How a model's loss bends: its second derivatives, by products with vectors."""
