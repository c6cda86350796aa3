r"""Brackets of every kind, and which way a bar faces.

A bare bar `|` closes if the innermost open bracket is such a bar and an operand stands before it; else it opens,
unless an operand stands before it and `_` follows: then it is an evaluation, `x|_{t}`. A bar that a closing bracket
finds open, with an operand before it, was the "given" of `p(y | x)`: the relation `mid`. `||` is `‖`, unless its first
half closes a `|`.
"""

from __future__ import annotations

import re

from derive.reader.layout import CONNECTIVES, Layout
from derive.reader.symbols import CLOSING_OF, DELIMITERS, HALF_OPEN

_EMPTY_GROUP = re.compile(r"\{\s*\}(?!\s*[_^'])")
_SOMETHING = re.compile(r"\s*\S")
SYMBOL = re.compile(r"\s*(\\[A-Za-z]+|\\?[\s\S])")
_SUBSCRIPT = re.compile(r"\s*_")
_ANGLE = re.compile(r"[^<>{}]*>\s*\}")


class Delimited(Layout):
    """The part of the scanner that opens and closes; it stands right behind the spelling that it is called for."""

    def read_group(self, _name: str, start: int) -> None:
        empty = None if self.needs else _EMPTY_GROUP.match(self.text, start, self.end)
        if empty and (self.tokens or _SOMETHING.match(self.text, empty.end(), self.end)):  # the space of `{}= b`
            self.at = empty.end()
        else:
            self.push("group", "LBRACE", "{", start)

    def read_ungroup(self, _name: str, start: int) -> None:
        frame = self.top("group", start)
        lone = self.tokens[-1].type in CONNECTIVES and len(self.tokens) - 2 == frame.index
        if lone and not frame.argument:  # `{=}` is `=`, set without spaces
            self.pop("", "", start)
            del self.tokens[frame.index]
            self.operand = False
        else:
            self.pop("RBRACE", "}", start)

    def read_open(self, char: str, start: int) -> None:
        self.push("bracket", "OPEN", char, start)

    def read_close(self, char: str, start: int) -> None:
        frame = self.top("bracket", start)
        if CLOSING_OF[frame.token.text] != char and frame.token.text + char not in HALF_OPEN:
            self.top("bracket", start, "never")
        self.pop("CLOSE", char, start)

    def read_bar(self, char: str, start: int) -> None:
        open_bar = self.frame.token.text if self.frame and self.frame.kind == "bar" else ""
        doubled = self.text.startswith("||", start, self.end)
        if doubled and not (open_bar == "|" and self.operand):
            self.at, char = start + 2, "‖"
        if open_bar == char and self.operand:
            self.pop("CLOSE", char, start)
        elif char == "|" and self.operand and _SUBSCRIPT.match(self.text, self.at, self.end):
            self.emit("EVALUATED", char, start)
        else:
            self.push("bar", "OPEN", char, start)

    def _angled(self) -> bool:
        return _ANGLE.match(self.text, self.at, self.end) is not None

    def read_angle(self, char: str, start: int) -> None:
        """`<` and `>` are relations, but brackets in `a^{<t>}`."""
        frame = self.frame
        if char == ">" and frame and self.text.startswith("<", frame.token.start_pos):
            self.pop("CLOSE", "⟩", start)
        elif char == "<" and frame and frame.script and self.tokens[-1] is frame.token and self._angled():
            self.push("bracket", "OPEN", "⟨", start)
        else:
            self.emit("RELATION", char, start)

    def _delimiter(self, start: int) -> str:
        found = SYMBOL.match(self.text, self.at, self.end)
        char = DELIMITERS.get(found.group(1)) if found else None
        if found is None or char is None:
            self.fail(f"{self.shown(start, self.at)} without a bracket", start, expected="a bracket or a full stop")
        self.at = found.end()
        return char

    def read_left(self, _name: str, start: int) -> None:
        char = self._delimiter(start)
        if char == "." and self.frame and self.frame.suspended:
            self.frame.suspended = False
        else:
            self.push("left", "OPEN", char, start)

    def read_right(self, _name: str, start: int) -> None:
        char = self._delimiter(start)
        frame = self.top("left", start)
        if char == "." and frame.token.text in "([":  # `\left( a \right. \\ \left. + b \right)`
            frame.suspended = True
        else:
            self.pop("CLOSE", char, start)

    def read_middle(self, _name: str, start: int) -> None:
        self._delimiter(start)
        self.emit("RELATION", "mid", start)
