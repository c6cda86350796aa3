"""Markdown: what is code, comment or front matter in it, and the fences that hold mathematics."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from derive.texts.directives import directives
from derive.texts.outline import DEAD, Ahead, Outline, Stretch, put_out

_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(?=#|[\w\"'-]+:)[\s\S]*?\n(?:---|\.\.\.)[ \t]*(?=\r?\n|\Z)")
_FENCE = r"[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?P<fence>`{3,}(?=[^`\n]*+(?:\n|\Z))|~{3,})(?P<info>[^\n]*+)"
_FIRST_LINE = re.compile(rf"\ufeff?{_FENCE}")
_MATH = re.compile(r"[ \t]*(?:math\b|\{math\})", re.IGNORECASE)
_OPTIONS = re.compile(r"(?:\s*:[\w-]+:[^\n]*\n)*")  # `:label: name` under ```{math}
_DEAD = re.compile(
    rf"(?=[\n<$`])(?:\n{_FENCE}"
    r"|(?P<comment><!--)"
    r"|<(?P<element>pre|code|script|style|textarea)\b[^<>]*+>"
    r"|\$`(?P<dollars>[^`\n]++)`\$"
    r"|(?<!\\)(?P<ticks>`++))",
    re.IGNORECASE,
)
_LONGEST_TICKS = 8
"""Of a span of code; a longer run of backticks is text, or each length would be searched for on its own."""


def outline(text: str) -> Outline:
    """The outline of a text in Markdown."""
    return _Outliner(text).run()


@dataclass
class _Outliner:
    """One pass over the text; each of the methods reads one kind of dead text, and gives where it ends."""

    text: str
    dead: list[tuple[int, int, str]] = field(default_factory=list)
    blocks: list[Stretch] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)

    def run(self) -> Outline:
        self.ahead = Ahead(self.text)
        front = _FRONT_MATTER.match(self.text)
        at = self._put_out(0, front.end(), "\n") if front else 0
        first = _FIRST_LINE.match(self.text)
        at = self._fence(first) if first else at
        while found := _DEAD.search(self.text, at):
            at = self._read(found)
        return Outline(put_out(self.text, self.dead), tuple(self.blocks), tuple(self.said))

    def _read(self, found: re.Match[str]) -> int:
        if found["fence"]:
            return self._fence(found)
        if found["comment"]:
            return self._comment(found)
        if found["element"]:
            return self._element(found)
        if found["dollars"]:
            self.blocks.append(Stretch(found.start(), found.end(), *found.span("dollars"), display=False))
            return self._put_out(*found.span(), DEAD)
        return self._code(found)

    def _put_out(self, start: int, end: int, character: str) -> int:
        self.dead.append((start, end, character))
        return end

    def _fence(self, found: re.Match[str]) -> int:
        """A fence runs to its like, or to the end of the text; one of mathematics without an end, to a blank line."""
        fence = found["fence"]
        closing = re.compile(rf"\n[ \t>]*+{fence[0]}{{{len(fence)},}}[ \t]*(?=\r?\n|\Z)")
        closed = closing.search(self.text, found.end())
        last, end = closed.span() if closed else (len(self.text), len(self.text))
        if _MATH.match(found["info"]):
            last, end = (last, end) if closed else 2 * (self.ahead.paragraph(found.end()),)
            options = _OPTIONS.match(self.text, found.end(), last)
            first = options.end() if options else found.end()
            self.blocks.append(Stretch(found.start("fence"), end, first, last, display=True))
        return self._put_out(found.start("fence"), end, "\n")

    def _comment(self, found: re.Match[str]) -> int:
        closed = self.ahead.find("-->", found.end())
        if closed is None:
            return found.end()
        self.said += directives(self.text[found.end() : closed.start()])
        return self._put_out(found.start(), closed.end(), DEAD)

    def _element(self, found: re.Match[str]) -> int:
        name = found["element"].lower()
        closed = self.ahead.find(rf"(?i)</{name}\s*+>", found.end())
        return self._put_out(found.start(), closed.end(), DEAD if name == "code" else "\n") if closed else found.end()

    def _code(self, found: re.Match[str]) -> int:
        """A span of code ends at a run of as many backticks, in the same paragraph."""
        ticks = len(found["ticks"])
        if ticks > _LONGEST_TICKS:
            return found.end()
        closed = self.ahead.find(rf"(?<!`)`{{{ticks}}}(?!`)", found.end())
        if closed is None or self.ahead.paragraph(found.end()) < closed.start():
            return found.end()
        return self._put_out(found.start(), closed.end(), DEAD)
