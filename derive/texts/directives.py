"""What a text says to this program in a comment: `derive: model=lstm`."""

from __future__ import annotations

import re

_OPENING = re.compile(r"\s*derive:")
_BETWEEN = re.compile(r"[\s,]+")


def directives(comment: str) -> tuple[tuple[str, str], ...]:
    """The pairs `key=value` of a comment that begins with `derive:`; other words in it are for people."""
    opening = _OPENING.match(comment)
    if opening is None:
        return ()
    pairs = (word.partition("=") for word in _BETWEEN.split(comment[opening.end() :]))
    return tuple((key, value.strip("\"'")) for key, equals, value in pairs if key and equals)
