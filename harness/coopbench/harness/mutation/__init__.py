"""Mutation operators: how wrong variants of C functions are made."""
