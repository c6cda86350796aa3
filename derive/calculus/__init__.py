"""Differentiation: a handful of laws (`laws`), their application to one equation (`pullback`), tidying (`rewrite`)."""
