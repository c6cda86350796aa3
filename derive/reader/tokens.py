r"""LaTeX text to tokens: everything about the way a formula is written down that its grammar need not know.

The scanner looks each spelling up in `symbols.py`, drops spaces and size commands, and takes `\frac12`
apart as TeX does. `delimiters.py` handles brackets, `layout.py` decides what a line break means.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import NoReturn

from derive.errors import Source, Span
from derive.limits import Limits
from derive.reader.delimiters import SYMBOL, Delimited
from derive.reader.layout import Token
from derive.reader.symbols import (
    ARROWS,
    CELL_ENVIRONMENTS,
    COLUMNED_ENVIRONMENTS,
    DEFINITION,
    ENVIRONMENTS,
    INSTEAD,
    SKIPPED,
    SYMBOLS,
)

_SPELLING = re.compile(r"(?:\s|%[^\n]*)+|\\(?:[A-Za-z]+|[\s\S])|\d+(?:\.\d+)?|\.\.\.|:=|=:|\$\$|[\s\S]")
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_NAME = re.compile(r"\s*\{\s*([A-Za-z](?:[A-Za-z0-9]|\\_|-)+)\s*\}")
_ENVIRONMENT = re.compile(r"\s*\{([A-Za-z]+\*?)\}")
_ENVIRONMENT_OPTION = re.compile(r"\s*\[[a-z]\]")
_ROW_OPTION = re.compile(r"\*?(?:[ \t]*\[\s*-?[\d.]+\s*(?:pt|ex|em|mm|cm|in|mu)\s*\])?")
_BRACED_SYMBOL = re.compile(r"\s*(?:\{\s*(\\[A-Za-z]+|:=|[^\\\s])\s*\}|(\\[A-Za-z]+|:=|[^\\\s{]))")
_SPACING = re.compile(r"\\[,;:! ]|~")
_BRACE = re.compile(r"\\[\s\S]|[{}]")

MOST_DIGITS = Limits.DIGITS


def tokenize(source: Source, span: Span, *, lines: bool = False) -> list[Token]:
    r"""The tokens of `source.text` within `span`; with `lines`, a new line may end a statement.

    Error: DeriveError for an unknown command or character, and for brackets that do not match.
    """
    return _Scanner(source, span, lines).run()


class _Scanner(Delimited):
    """One pass over the text; each of the methods `read_…` handles one kind of spelling."""

    def __init__(self, source: Source, span: Span, lines: bool) -> None:
        super().__init__(source, span)
        self.lines = lines

    def run(self) -> list[Token]:
        match, text, end = _SPELLING.match, self.text, self.end
        sized: int | None = None
        while self.at < end:
            start = self.at
            found = match(text, start, end)
            assert found is not None  # the last alternative takes any character
            spelling = found.group()
            self.at = found.end()
            kind, name = SYMBOLS.get(spelling) or self._unlisted(spelling)
            if kind == "size":  # belongs to the bracket that follows
                sized = start if sized is None else sized
                continue
            if kind != "space" and sized is not None:
                start, sized = sized if kind != "angle" else start, None
            if kind.isupper():
                self.emit(kind, name, start)
            elif kind != "space":
                read: Callable[[str, int], None] = getattr(self, f"read_{kind}")
                read(name, start)
        if self.frame:
            opener = self.frame.token
            opened = self.shown(opener.start_pos, opener.end_pos)
            self.fail(f"{opened} is never closed", *opener[2:], expected=self.frame.closing)
        self.drop_remark()
        self.trim()
        return self.tokens

    # ---- spellings that no table lists

    def _unlisted(self, spelling: str) -> tuple[str, str]:
        first = spelling[0]
        if first.isspace() or first == "%":
            if self.lines and "\n" in spelling and not self.frames:
                self.pend("BREAK", "end" if _BLANK_LINE.search(spelling) else "line", self.at - len(spelling))
            return "space", spelling
        if not (first.isdecimal() and first.isascii()):
            self._unknown(spelling)
        if len(spelling) > MOST_DIGITS:
            self.fail(f"a number of {len(spelling)} digits", self.at - len(spelling), expected=f"at most {MOST_DIGITS}")
        if self.needs:  # TeX takes one digit as an argument
            self.at += 1 - len(spelling)
            return "NUMBER", first
        return "NUMBER", spelling

    def _unknown(self, spelling: str) -> NoReturn:
        start = self.at - len(spelling)
        if spelling in INSTEAD:
            self.fail(f"unknown command {spelling}", start, hint=INSTEAD[spelling])
        if len(spelling) > 1:
            near = get_close_matches(spelling, SYMBOLS, n=3, cutoff=0.7)
            near += [rf"\operatorname{{{spelling[1:]}}}"] if 3 < len(spelling) < 20 else []
            self.fail(f"unknown command {self.shown(start, self.at)}", start, hint=" or ".join(near) or None)
        code = f"U+{ord(spelling):04X}"
        shown = f"{spelling} ({code})" if spelling.isprintable() else code
        self.fail(f"unknown character {shown}", start, expected="mathematics in LaTeX; words stand in \\text{…}")

    # ---- rows and environments

    def read_begin(self, _name: str, start: int) -> None:
        name = self._environment(start)
        if name in COLUMNED_ENVIRONMENTS:
            self._argument(start)
        option = _ENVIRONMENT_OPTION.match(self.text, self.at, self.end)
        self.at = option.end() if option else self.at
        kind = "cells" if name in CELL_ENVIRONMENTS else "statements"
        self.push(kind, "BEGIN", name, start)
        self.related = self.operand = False

    def read_end(self, _name: str, start: int) -> None:
        name = self._environment(start)
        self.top("cells" if name in CELL_ENVIRONMENTS else "statements", start, name)
        self.pending = None
        self.drop_remark()
        self.trim()
        if self.tokens[-1].type == "NEWROW":
            self.tokens.pop()
        self.pop("END", name, start)

    def _environment(self, start: int) -> str:
        found = _ENVIRONMENT.match(self.text, self.at, self.end)
        if found is None:
            self.fail(f"{self.shown(start, self.at)} without a name", start, expected="an environment in braces")
        self.at = found.end()
        name = found.group(1)
        if name not in ENVIRONMENTS:
            near = get_close_matches(name, ENVIRONMENTS, n=3)
            self.fail(f"unknown environment {name[:40]}", start, hint=" or ".join(near) or None)
        return name

    def read_align(self, _name: str, start: int) -> None:
        frame = self.frame
        if frame and frame.kind == "cells":
            self._next_cell("AMP", start)
        elif frame and frame.kind == "statements":
            frame.columns += 1
            if frame.columns % 2 == 0:  # every second & stands between two equations
                self.pend("COMMA", "&", start)

    def read_row(self, _name: str, start: int) -> None:
        option = _ROW_OPTION.match(self.text, self.at, self.end)
        self.at = option.end() if option else self.at
        frame = self.frame
        if frame is None or frame.kind == "math":
            self.pend("BREAK", "row", start)
        elif frame.kind == "statements":
            frame.columns = 0
            self.pend("NEWROW", "row", start)
        elif frame.kind == "cells":
            self._next_cell("NEWROW", start)

    def _next_cell(self, kind: str, start: int) -> None:
        self.trim()
        self.emit(kind, "", start)
        self.needs, self.operand = 0, False

    def read_quad(self, _name: str, start: int) -> None:
        if self.outside:
            self.pend("COMMA", "quad", start)

    def read_semicolon(self, _name: str, start: int) -> None:
        self.emit("COMMA", ";" if self.outside else ",", start)

    def read_math(self, spelling: str, start: int) -> None:
        r"""`$`, `$$`, `\[`, `\(` and their ends: statements do not run across them."""
        opening = {r"\]": r"\[", r"\)": r"\("}.get(spelling, spelling)
        if opening != spelling or any(frame.kind == "math" and frame.token.text == spelling for frame in self.frames):
            self.top("math", start, opening)
            self.pop("", "", start)
        elif self.frame:
            opener = self.frame.token
            self.fail(f"{spelling} inside {self.shown(*opener[2:])}", start, expected=self.frame.closing)
        else:
            self.push("math", "", spelling, start)
        self.pend("BREAK", "end", start)

    # ---- commands with a text of their own

    def _argument(self, start: int) -> str:
        """The text of a braced argument as it stands, or the one symbol without braces."""
        found = SYMBOL.match(self.text, self.at, self.end)
        if found is None:
            self.fail(f"{self.shown(start, self.at)} without its argument", start, expected="{")
        self.at = found.end()
        if found.group(1) != "{":
            return found.group(1)
        begin, depth = self.at, 1
        while depth:
            brace = _BRACE.search(self.text, self.at, self.end)
            if brace is None:
                self.fail("{ is never closed", begin - 1, begin, expected="}")
            depth += {"{": 1, "}": -1}.get(brace.group(), 0)
            self.at = brace.end()
        return self.text[begin : self.at - 1]

    def _star(self) -> None:
        self.at += self.text.startswith("*", self.at, self.end)

    def read_text(self, _name: str, start: int) -> None:
        self._star()
        self.emit("WORD", _SPACING.sub("", self._argument(start)).strip(), start)

    def read_upright(self, name: str, start: int) -> None:
        word = _NAME.match(self.text, self.at, self.end)
        if word:
            self.at = word.end()
            self.emit("WORD", word.group(1).replace("\\_", "_"), start)
        else:
            self.emit("ACCENT", name, start)

    def read_skip(self, name: str, start: int) -> None:
        self._star()
        for _ in range(SKIPPED[name]):
            self._argument(start)

    def read_stack(self, _name: str, start: int) -> None:
        r"""`\stackrel{\text{def}}{=}` is a relation, `\overset{\leftarrow}{\prod}` a product with a direction."""
        above = self._argument(start).strip()
        found = _BRACED_SYMBOL.match(self.text, self.at, self.end)
        kind, name = SYMBOLS.get(found.group(1) or found.group(2), ("", "")) if found else ("", "")
        if kind == "RELATION" and found:
            self.at = found.end()
            self.emit(kind, ":=" if name == "=" and DEFINITION.search(above) else name, start)
        elif kind == "BIG" and above in ARROWS:
            self.emit("ACCENT", ARROWS[above], start)
        else:
            self.fail(f"{self.text[start : start + 9]} over what is no relation", start, expected="a relation")

    def read_negate(self, _name: str, start: int) -> None:
        found = _BRACED_SYMBOL.match(self.text, self.at, self.end)
        name = {"=": "ne", r"\in": "notin"}.get((found.group(1) or found.group(2)) if found else "")
        if found is None or name is None:
            self.fail(r"\not before something that is no = or \in", start, expected=r"\neq or \notin")
        self.at = found.end()
        self.emit("RELATION", name, start)
