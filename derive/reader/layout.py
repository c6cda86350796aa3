r"""Tokens out, and the layout of rows: which bracket is open, and whether a break ends the statement.

A break (a new line, `\\`, a wide space) is *pending* until the next token shows whether the statement goes on: it does
if a relation, sign or operator stands on either side of the break. So `a &= b \\ &= c` leaves one chain. A blank line
always ends the statement. `tokens.py` reads the text and calls what stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from derive.errors import DeriveError, Source, Span
from derive.reader.symbols import CLOSING_OF, REMARK

STRONG = frozenset([";", "quad", "&"])  # separators that keep apart what a comma would list

_ARITY = {"ACCENT": 1, "ROOT": 1, "UNDERBRACE": 1, "FRACTION": 2, "SUB": 1, "SUP": 1}
_OPERANDS = frozenset("LETTER NUMBER WORD DOTS RBRACE CLOSE END PRIME".split())  # what an operand ends with
CONNECTIVES = frozenset("RELATION SIGN OPERATOR".split())
_CLOSERS = frozenset("RBRACE CLOSE END COMMA PERIOD AMP".split())
_PUNCTUATION = frozenset("COMMA PERIOD".split())
_STRENGTH = ("COMMA", "NEWROW", "BREAK")  # of breaks


class _Fields(NamedTuple):
    type: str
    text: str
    start_pos: int
    end_pos: int


class Token(_Fields):
    """A terminal of the grammar: its kind, its normalised text, its place. The names are those that lark asks for."""

    __slots__ = ()
    line = column = end_line = end_column = 0  # positions are offsets here; lark copies these to its end token

    @property
    def span(self) -> Span:
        return Span(self.start_pos, self.end_pos)


@dataclass
class Frame:
    """An open bracket, and what was going on around it."""

    kind: str  # group, bracket, bar, left, math, statements, cells
    token: Token
    index: int  # of the token among all
    needs: int  # arguments still due outside
    argument: bool  # it is an argument itself
    script: bool  # … of _ or ^
    operand: bool  # an operand stood before it
    related: bool  # and a relation
    suspended: bool = False  # \right. met, \left. to come
    columns: int = 0  # & so far in this row

    @property
    def closing(self) -> str:
        """What would close this bracket, as one writes it."""
        text = self.token.text
        match self.kind:
            case "group":
                return "}"
            case "math":
                return {r"\[": r"\]", r"\(": r"\)"}.get(text, text)
            case "statements" | "cells":
                return f"\\end{{{text}}}"
            case "left":
                return f"\\right{CLOSING_OF.get(text, text)}"
            case _:
                return CLOSING_OF[text]


def shortened(text: str) -> str:
    """A piece of the user's text, for a message."""
    return text.strip() if len(text) <= 40 else text[:39].strip() + "…"


class Layout:
    """The tokens so far, the open brackets, and the state that decides about breaks."""

    def __init__(self, source: Source, span: Span) -> None:
        self.source, self.text = source, source.text
        self.at, self.end = span.start, span.end
        self.tokens: list[Token] = []
        self.frames: list[Frame] = []
        self.needs = 0  # arguments that the commands before here still wait for
        self.operand = False  # the last token ends an operand
        self.related = False  # the statement so far holds a relation
        self.pending: Token | None = None

    @property
    def frame(self) -> Frame | None:
        return self.frames[-1] if self.frames else None

    @property
    def outside(self) -> bool:
        """Whether no bracket is open but those around whole statements."""
        return not self.frames or self.frames[-1].kind in ("math", "statements")

    def fail(self, message: str, start: int, end: int | None = None, *, expected: str | None = None,
             hint: str | None = None) -> NoReturn:  # fmt: skip
        span = Span(start, self.at if end is None else end)
        raise DeriveError(message, source=self.source, span=span, expected=expected, hint=hint)

    def shown(self, start: int, end: int) -> str:
        """The text of that place, cut short, for a message."""
        return shortened(self.text[start:end])

    # ---- one token more

    def emit(self, kind: str, text: str, start: int) -> Token:
        """Append a token that runs from `start` to here, and settle what was pending before it."""
        if self.pending is not None:
            self._settle(kind)
        if kind in ("RELATION", "COMMA", "RBRACE"):
            self._supply_missing(kind, start)
        token = Token(kind, text, start, self.at)
        self.tokens.append(token)
        arity = _ARITY.get(kind, 0)
        last_argument = self.needs == 1 and not arity
        self.needs = self.needs + arity - 1 if self.needs else arity
        self.operand = not self.needs and (last_argument or kind in _OPERANDS)
        if kind == "RELATION" and self.outside:
            self.related = True
        return token

    def _supply_missing(self, kind: str, start: int) -> None:
        """MISSING where a relation lacks a side and may: at the start of a statement, in scripts like `<t`, `:,i`."""
        script = self.frames and self.frames[-1].script
        last = self.tokens[-1] if self.tokens else None
        if kind != "RELATION":
            missing = script and last is not None and last.type == "RELATION" and last.text == ":"
        elif last is None or last.type in ("BREAK", "BEGIN", "NEWROW", "AMP"):
            missing = True
        else:
            missing = script and last.type in ("LBRACE", "COMMA")
        if missing:
            self.tokens.append(Token("MISSING", "", start, start))

    # ---- breaks

    def pend(self, kind: str, text: str, start: int) -> None:
        """Let a break wait for the next token; a stronger break replaces a weaker one."""
        if self.pending is None or _STRENGTH.index(kind) >= _STRENGTH.index(self.pending.type):
            text = "end" if self.pending is not None and self.pending.text == "end" else text
            self.pending = Token(kind, text, start, self.at)

    def _settle(self, kind: str) -> None:
        """Decide whether the pending break ends the statement, now that a token of this kind comes next."""
        pending, self.pending = self.pending, None
        if pending is None or not self.tokens:
            return
        if pending.type != "COMMA":
            self.drop_remark()
        if self._goes_on(kind) and pending.text != "end":
            if kind == "RELATION" and self.tokens[-1].type == "COMMA":
                self.tokens.pop()
        elif self.related or pending.type != "COMMA":
            self.trim()
            if self.tokens and self.tokens[-1].type not in ("BREAK", "BEGIN"):
                self.tokens.append(pending)
            self.related, self.operand, self.needs = False, False, 0

    def _goes_on(self, kind: str) -> bool:
        last = self.tokens[-1].type
        if kind in _CLOSERS:
            return True
        if last == "COMMA":  # `U, V,` waits for its relation; `a = b,` has had it
            return not self.related or kind == "RELATION"
        if last == "PERIOD":
            return False
        return not self.operand or kind in CONNECTIVES

    def trim(self) -> None:
        """Drop the punctuation with which a statement ends."""
        while self.tokens and self.tokens[-1].type in _PUNCTUATION:
            self.tokens.pop()

    def drop_remark(self) -> None:
        r"""Drop a remark at the end of a row that only names a reason: `\quad \text{(chain rule)}`."""
        *_, comma, word = [None, None, *self.tokens[-2:]]
        if comma and word and comma.type == "COMMA" and comma.text in STRONG and REMARK.match(word.text):
            del self.tokens[-2:]
            self.operand = True

    # ---- brackets

    def push(self, kind: str, token: str, text: str, start: int) -> None:
        """Open a bracket; without a kind of token it leaves none (`$`)."""
        if self.pending is not None and token:
            self._settle(token)
        before = self.tokens[-1].type if self.tokens else ""
        needs, operand, related = self.needs, self.operand, self.related
        self.needs = 0
        opener = self.emit(token, text, start) if token else Token("", text, start, self.at)
        script = before in ("SUB", "SUP")
        outer = max(0, needs - 1)
        self.frames.append(Frame(kind, opener, len(self.tokens) - 1, outer, needs > 0, script, operand, related))

    def pop(self, token: str, text: str, start: int) -> None:
        """Close the innermost bracket, which `top` has found to be the right one."""
        self.needs = 0
        if token:
            self.emit(token, text, start)
        frame = self.frames.pop()
        self.needs = frame.needs
        self.operand = not self.needs
        self.related = self.related or frame.related

    def top(self, kind: str, start: int, opening: str = "") -> Frame:
        """The innermost open bracket, which must be of this kind (and with this text): else the error names it."""
        while kind in ("group", "bracket", "left") and len(self.frames) > 1 and self.frames[-1].kind == "bar":
            if not self.frames[-1].operand:
                break
            given = self.frames.pop()  # p(y | x)
            self.tokens[given.index] = given.token._replace(type="RELATION", text="mid")
        frame = self.frame
        found = self.shown(start, self.at)
        if frame is None:
            self.fail(f"{found} closes nothing", start)
        if frame.kind != kind or (opening and opening != frame.token.text):
            line, column = self.source.position(frame.token.start_pos)
            opened = self.shown(*frame.token[2:])
            self.fail(f"{found} does not close the {opened} of line {line}, column {column}", start,
                      expected=frame.closing)  # fmt: skip
        return frame
