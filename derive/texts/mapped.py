"""A piece of a text that knows where each of its characters stands in the file, through all that is cut out of it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from derive.errors import Source


@dataclass(frozen=True)
class Mapped:
    """A text, and for each of its characters and for its end the offset in the file."""

    text: str
    offsets: Sequence[int]

    def __post_init__(self) -> None:
        if len(self.offsets) != len(self.text) + 1:
            raise ValueError("a place for each character of a text, and one for its end")

    @classmethod
    def whole(cls, source: Source) -> Mapped:
        """A file as it is."""
        return cls(source.text, range(len(source.text) + 1))

    def cut(self, start: int, end: int) -> Mapped:
        """The characters from `start` to `end`."""
        return Mapped(self.text[start:end], self.offsets[start : end + 1])

    def stripped(self) -> Mapped:
        r"""Without the space around it, but for the space of a last `\ `."""
        end = len(self.text.rstrip())
        backslashes = end - len(self.text[:end].rstrip("\\"))
        end = min(end + backslashes % 2, len(self.text))
        return self.cut(min(len(self.text) - len(self.text.lstrip()), end), end)

    def edited(self, edits: Iterable[tuple[int, int, str]]) -> Mapped:
        """With each range (start, end), in order, replaced by a text whose characters stand where the range begins."""
        pieces: list[str] = []
        offsets = array("q")
        at = 0
        for start, end, new in edits:
            pieces += self.text[at:start], new
            offsets.extend(self.offsets[at:start])
            offsets.extend([self.offsets[start]] * len(new))
            at = end
        pieces.append(self.text[at:])
        offsets.extend(self.offsets[at:])
        return Mapped("".join(pieces), offsets)
