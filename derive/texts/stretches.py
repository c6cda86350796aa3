r"""Where mathematics stands in a text: between dollars, `\(` and `\)`, `\[` and `\]`, and in environments.

One pass from left to right. An opening mark asks only for the next of what could close it, so that no text, however
broken, is searched twice.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

from derive.limits import Limits
from derive.texts.macros import DEFINERS, Braces, Macro, definition
from derive.texts.outline import Ahead, Outline, Stretch

ENVIRONMENTS = frozenset(
    name + star
    for name in (
        "equation align aligned alignat alignedat flalign gather gathered split multline eqnarray displaymath math "
        "IEEEeqnarray dmath cases dcases array matrix pmatrix bmatrix"
    ).split()
    for star in ("", "*")
)
_MARK = re.compile(
    r"(?=[\\$])(?:(?P<dollars>\$+)"
    r"|\\begin\s*+\{(?P<environment>[A-Za-z]+\*?)\}"
    r"|(?P<doubled>\\\\[(\[])"
    r"|(?P<bracket>\\[(\[])"
    r"|(?P<word>\\[A-Za-z]+)"
    r"|\\[\s\S])"
)
_EVEN = r"(?<!\\)(?:\\\\)*+"  # a mark after an odd number of backslashes is escaped
_CLOSING = {
    r"\(": rf"{_EVEN}(\\\))",
    r"\[": rf"{_EVEN}(\\\])",
    r"\\(": r"(?<!\\)(\\\\\))",
    r"\\[": r"(?<!\\)(\\\\\])",
    "$$": rf"{_EVEN}(\$\$)",
}
_DISPLAY_AGAIN = {r"\[": rf"{_EVEN}\\\[", r"\\[": r"(?<!\\)\\\\\[", "$$": rf"{_EVEN}\$"}
_NO_BLANK = r"\n(?![ \t>]*+\r?\n)"
_WORDS = rf"\\(?:text[a-z]*|mbox|hbox)\s*+\{{(?>[^{{}}\n]|{_NO_BLANK}|\{{[^{{}}\n]*+\}})*+\}}"
_INLINE = re.compile(rf"(?:[^\\$\n]++|{_WORDS}|\\[^\n]|\\(?=\n)|{_NO_BLANK})*+\$")
_PAIR = re.compile(rf"{_EVEN}\\(begin|end)\s*+\{{([A-Za-z]+\*?)\}}")
_BODY_BEGINS = re.compile(r"\s*\\begin\s*\{([A-Za-z]+\*?)\}")
_SIGN = re.compile(r"\\[A-Za-z]|[_^=]")
_MARGIN = re.compile(r"[\ufeff \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)?[ \t>]*+")
_WIDEST_MARGIN = 200
_REST = re.compile(r"[ \t]*+[.,;:。，；：]?[ \t]*+(?=\r?\n|\Z)")


class Definition(NamedTuple):
    """A macro that the text defines outside of its mathematics, from `start` to `end`."""

    start: int
    end: int
    macro: Macro


def stretches(outline: Outline, *, markdown: bool) -> list[Stretch | Definition]:
    """The mathematics and the definitions of a text, in order; in Markdown a dollar may be a price.

    Of a text with more than `Limits.FORMULAS` of them one more than that, at least: whoever asks may refuse it.
    """
    found = _Scanner(outline.text, markdown).run()
    return sorted([*found, *outline.blocks], key=lambda one: one.start)


class _Scanner:
    """Each method reads what begins with one kind of mark, and gives where to go on."""

    def __init__(self, text: str, markdown: bool) -> None:
        self.text, self.markdown = text, markdown
        self.ahead = Ahead(text)
        self.found: list[Stretch | Definition] = []
        self.aliases: dict[str, Macro] = {}  # `\be` for `\begin{equation}`
        self.no_inline = 0  # before this place no dollar begins inline mathematics

    def run(self) -> list[Stretch | Definition]:
        at = 0
        while len(self.found) <= Limits.FORMULAS and (mark := _MARK.search(self.text, at)):
            at = self._read(mark)
        return self.found

    def _read(self, mark: re.Match[str]) -> int:
        if mark["dollars"]:
            length = len(mark["dollars"])
            return self._inline(mark.start()) if length == 1 else self._delimited(mark) if length == 2 else mark.end()
        if mark["environment"]:
            return self._environment(mark)
        if mark["doubled"] and not self.markdown:  # a new line, then a bracket
            return mark.end() - 1
        if mark["doubled"] or mark["bracket"]:
            return self._delimited(mark)
        return self._word(mark) if mark["word"] else mark.end()

    def _add(self, start: int, end: int, first: int, last: int, *, display: bool, doubled: bool = False) -> int:
        self.found.append(Stretch(start, end, first, last, display, doubled))
        return end

    # ---- dollars

    def _inline(self, start: int) -> int:
        if start < self.no_inline:
            return start + 1
        closed = _INLINE.match(self.text, start + 1)
        if closed is None:  # nor do the dollars that stand in words, \text{…}, before the end of the paragraph
            self.no_inline = self.ahead.paragraph(start)
            return start + 1
        if not self._inline_mathematics(start + 1, closed.end() - 1):
            return start + 1
        return self._add(start, closed.end(), start + 1, closed.end() - 1, display=False)

    def _inline_mathematics(self, first: int, last: int) -> bool:
        """In Markdown `$5 and $10` are prices; `$ x_t $`, space within but a sign too, is none.

        It stands in one line, or begins with a command, as no prompt of a shell and no price does.
        """
        text = self.text
        if first == last:
            return False
        if not self.markdown:
            return True
        after = text[last + 1 : last + 2]
        if after.isdecimal():
            return False
        if not text[first].isspace() and not text[last - 1].isspace():
            return True
        if after.isascii() and after.isalnum():
            return False
        one_piece = text[first] == "\\" or text.find("\n", first, last) < 0
        return one_piece and _SIGN.search(text, first, last) is not None

    # ---- the other delimiters

    def _delimited(self, mark: re.Match[str]) -> int:
        opening, start, first = mark.group(), mark.start(), mark.end()
        inline = opening.endswith("(")
        closed = self.ahead.find(_CLOSING[opening], first)
        end = self.ahead.paragraph(first)
        if closed and closed.start() > end and (inline or not self._blank_lines_within(opening, start, closed)):
            closed = None
        if closed:
            display = not inline and not (opening == "$$" and self._in_prose(start, closed.end()))
            doubled = mark["doubled"] is not None
            return self._add(start, closed.end(), first, closed.start(1), display=display, doubled=doubled)
        if inline or mark["doubled"] or not self._begins_line(start):
            return first
        again = self.ahead.find(_DISPLAY_AGAIN[opening], first)
        if again and again.start() < end:
            return first
        return self._add(start, end, first, end, display=True) if _SIGN.search(self.text, first, end) else first

    def _blank_lines_within(self, opening: str, start: int, closed: re.Match[str]) -> bool:
        """Whether a display may have blank lines in it: no other begins in it, and its dollars stand on their own."""
        again = self.ahead.find(_DISPLAY_AGAIN[opening], start + len(opening))
        if again and again.start() < closed.start():
            return False
        return opening != "$$" or (self._begins_line(start) and _REST.match(self.text, closed.end()) is not None)

    def _begins_line(self, start: int) -> bool:
        line = self.ahead.line(start)
        return start - line <= _WIDEST_MARGIN and _MARGIN.fullmatch(self.text, line, start) is not None

    def _in_prose(self, start: int, end: int) -> bool:
        """Whether text stands before it and behind it in its lines: so Jekyll writes inline mathematics."""
        return self.markdown and not self._begins_line(start) and _REST.match(self.text, end) is None

    # ---- environments and words

    @cached_property
    def ends(self) -> dict[int, int]:
        r"""For each `\begin` its own `\end`: of those with the same name, the last that is open."""
        opened: dict[str, list[int]] = {}
        ends = {}
        for pair in _PAIR.finditer(self.text):
            name = pair[2]
            if pair[1] == "begin":
                opened.setdefault(name, []).append(pair.start(1) - 1)
            elif opened.get(name):
                ends[opened[name].pop()] = pair.end()
        return ends

    def _environment(self, mark: re.Match[str]) -> int:
        name, start = mark["environment"], mark.start()
        if name not in ENVIRONMENTS:
            return mark.end()
        end = self.ends.get(start) or self.ahead.paragraph(mark.end())
        return self._add(start, end, start, end, display=name != "math")

    def _word(self, mark: re.Match[str]) -> int:
        if mark["word"] in DEFINERS:
            return self._definition(mark)
        macro = self.aliases.get(mark["word"])
        begins = _BODY_BEGINS.match(macro.body) if macro else None
        if begins is None or begins[1] not in ENVIRONMENTS:
            return mark.end()
        ending = rf"\end{{{begins[1]}}}"
        names = [ending, *(name for name, macro in self.aliases.items() if ending in macro.body)]
        closed = self.ahead.find("|".join(rf"{re.escape(name)}(?![A-Za-z])" for name in names), mark.end())
        end = closed.end() if closed else self.ahead.paragraph(mark.end())
        return self._add(mark.start(), end, mark.start(), end, display=True)

    @cached_property
    def braces(self) -> Braces:
        return Braces(self.text)

    def _definition(self, mark: re.Match[str]) -> int:
        found = definition(self.text, mark.start(), self.braces)
        if found is None:
            return mark.end()
        macro, end = found
        self.found.append(Definition(mark.start(), end, macro))
        if macro.arity == 0 and (r"\begin{" in macro.body or r"\end{" in macro.body):
            self.aliases[macro.name] = macro
        else:
            self.aliases.pop(macro.name, None)
        return end
