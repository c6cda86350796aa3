"""Differentiation as a handful of laws (`laws`), their application to one equation (`pullback`), and tidying (`rewrite`)."""
