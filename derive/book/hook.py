"""What MkDocs calls while it builds: a guard against half a site, and a search that finds words and works from disk.

MkDocs loads this file by its path (`hooks` in mkdocs.yml), so it imports nothing from the package.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import event_priority

MATH = 'class="arithmatex"'


def on_config(config: MkDocsConfig) -> None:
    """Stop unless the generated pages are there: `site/` alone holds only what was written by hand."""
    if not Path(config.docs_dir, "index.md").is_file():
        raise Abort("the pages of this site are generated: run `derive build`, or `derive serve` for a preview")


def on_page_content(html: str, **_: Any) -> str:
    """Mark every formula so that the search index leaves it out; a reader searches for words, not for backslashes.

    The theme takes the attribute away again when it has read it, and only if it has a value.
    """
    return html.replace(MATH, f'{MATH} data-search-exclude="formula"')


@event_priority(-100)  # after the search plugin, which writes the index
def on_post_build(config: MkDocsConfig) -> None:
    """Write the search index as a script, too: that is how the theme reads it when a page was opened from disk."""
    index = Path(config.site_dir, "search", "search_index.json")
    index.with_suffix(".js").write_text(f"var __index = {index.read_text(encoding='utf-8')}", encoding="utf-8")
