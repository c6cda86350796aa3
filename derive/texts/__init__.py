"""Texts from outside: where the mathematics stands in a Markdown, LaTeX or notebook file. They are data, never run."""
