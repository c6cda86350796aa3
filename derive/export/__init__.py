"""Formulas as files: what an author takes into a paper."""
