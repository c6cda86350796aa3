"""The book, built once for all tests that look at it."""

import pytest

from derive.book.build import build_book
from derive.book.cache import default_folder
from derive.cli import parser


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    """The folder of the site, alone in a folder of its own, and the lines that were reported while it was built."""
    folder = tmp_path_factory.mktemp("a site") / "of mine" / "public site"
    lines = []
    build_book(folder, 2, lines.append, parser(), default_folder())
    return folder, lines
