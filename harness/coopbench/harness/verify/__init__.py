"""Verification: is the candidate the same program as the reference?"""
