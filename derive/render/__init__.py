"""How expressions and graphs are shown: LaTeX and drawings."""
