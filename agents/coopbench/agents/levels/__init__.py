"""What is particular to each level of abstraction: what a model sees of it, and may answer."""
