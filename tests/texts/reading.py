"""What a text holds, in a form that a table of cases can state."""

from derive.errors import Source
from derive.texts.document import Document
from derive.texts.read import read_document


def read(text: str, kind: str | None = None, name: str = "notes") -> Document:
    return read_document(Source(name, text), kind)


def found(text: str, kind: str) -> list[tuple[str, int, int]]:
    """For each formula its LaTeX, and the line and column at which it begins."""
    document = read(text, kind)
    return [(one.latex, *document.source.position(one.offsets[0])) for one in document.passages]


def formulas(text: str, kind: str) -> list[str]:
    return [one.latex for one in read(text, kind).passages]
