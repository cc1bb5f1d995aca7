"""The measuring machine: what it is, what disturbs measuring on it, and what helps."""
