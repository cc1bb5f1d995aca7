"""Ways to reach a model, all behind one interface."""
