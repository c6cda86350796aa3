"""From formulas to pages, and from pages to a site."""
