"""Entrants that need no model: null entrants, compilers, the autotuner."""
