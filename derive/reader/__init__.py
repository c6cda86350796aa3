"""LaTeX into a surface tree with positions, and that tree into expressions by what the document's names are."""
