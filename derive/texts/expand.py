"""Macros put into mathematics, with the place of every character kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import NamedTuple

from derive.errors import DeriveError, Source, Span, shortened
from derive.limits import Limits
from derive.texts.macros import DEFINERS, Braces, Macro, definition
from derive.texts.mapped import Mapped

WHOLE_TEXT = 50
"""So many times as much as into one formula macros may put into all formulas of a text together."""

_WORD = re.compile(r"\\(?:[A-Za-z]+|[\s\S])")
_TOKEN = re.compile(r"\\(?:[A-Za-z]+|[\s\S])|#[1-9#]|[{}\[\]]|\s+|[^\\{}\[\]\s#]+|[\s\S]")
_BUILT_IN = (Macro(r"\ensuremath", "#1", arity=1), Macro(r"\xspace", ""))


class Token(NamedTuple):
    """A command, a brace, a bracket, space, or a run of other characters, with the place of each character."""

    text: str
    places: Sequence[int]


class Macros:
    """The macros of one text, as they are at the place that the reading has reached."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._table = {macro.name: macro for macro in _BUILT_IN}
        self._expansions = self._characters = 0

    def define(self, macro: Macro) -> None:
        r"""From here on `macro.name` is `macro`. `\let` takes the meaning that its target has now."""
        if macro.provided and macro.name in self._table:
            return
        target = self._table.get(macro.body) if macro.final else None
        self._table[macro.name] = replace(target, name=macro.name) if target else macro

    def expand(self, passage: Mapped) -> Mapped:
        """`passage` with its macros put in and its own definitions taken out. Error: DeriveError if there is no end."""
        words = list(_WORD.finditer(passage.text))
        if not any(word.group() in DEFINERS or word.group() in self._table for word in words):
            return passage
        limits = _Counts(self._expansions + Limits.EXPANSIONS, self._characters + Limits.EXPANDED)
        braces = Braces(passage.text)
        tokens: list[Token] = []
        at = 0
        for word in words:
            defined = (
                definition(passage.text, word.start(), braces)
                if at <= word.start() and word.group() in DEFINERS
                else None
            )
            if defined:
                tokens += self._expanded(passage.cut(at, word.start()), limits)
                self.define(replace(defined[0], place=passage.offsets[word.start()]))
                at = defined[1]
        tokens += self._expanded(passage.cut(at, len(passage.text)), limits)
        return _joined(tokens, passage.offsets[-1])

    def _expanded(self, passage: Mapped, limits: _Counts) -> Iterator[Token]:
        queue = _Queue(list(_tokens(passage))[::-1])
        while queue.stack:
            token = queue.stack.pop()
            macro = self._table.get(token.text)
            if macro is None:
                yield token
                continue
            looked, arguments = queue.looked, queue.arguments(macro)
            new = [token] if arguments is None else [*_filled(macro, arguments, token.places[0])]
            looked = queue.looked - looked
            self._count(macro, looked + sum(len(one.text) for one in new), token.places[0], limits)
            if macro.final or arguments is None:
                yield from new
            else:
                queue.stack.extend(reversed(new))

    def _count(self, macro: Macro, characters: int, place: int, limits: _Counts) -> None:
        self._expansions += 1
        self._characters += characters
        most = limits.expansions, limits.characters
        most = min(most[0], WHOLE_TEXT * Limits.EXPANSIONS), min(most[1], WHOLE_TEXT * Limits.EXPANDED)
        if self._expansions <= most[0] and self._characters <= most[1]:
            return
        line = self._source.position(macro.place)[0]
        raise DeriveError(
            f"the macro {shortened(macro.name)} of line {line} puts in too much",
            source=self._source,
            span=Span(place, place + 1),
            expected=f"at most {Limits.EXPANSIONS} macros and {Limits.EXPANDED} characters in a formula",
            hint="a macro whose text does not lead back to itself",
        )


class _Counts(NamedTuple):
    """How far the counts of a text may go while one formula is read."""

    expansions: int
    characters: int


@dataclass
class _Queue:
    """What is still to be read, its next token last.

    `taken` is what is put back if an argument is missing; `looked` counts the tokens that were looked at for arguments.
    """

    stack: list[Token]
    taken: list[Token] = field(default_factory=list)
    looked: int = 0

    def arguments(self, macro: Macro) -> list[list[Token]] | None:
        """The arguments of a macro whose name was just read; None, and nothing taken, if one of them is missing."""
        self.taken = []
        found: list[list[Token]] = []
        if macro.pair:
            found.append(self._size())
        if macro.default is not None:
            given = self._group("[", "]")
            found.append([Token(text, ()) for text in _TOKEN.findall(macro.default)] if given is None else given)
        while len(found) < macro.arity + bool(macro.pair):
            argument = self._argument()
            if argument is None:
                self.stack.extend(reversed(self.taken))
                return None
            found.append(argument)
        return found

    def _size(self) -> list[Token]:
        r"""The star or the `[\big]` behind a paired delimiter."""
        self._space()
        if self.stack and self.stack[-1].text.startswith("*"):
            return [self._first()]
        return self._group("[", "]") or []

    def _argument(self) -> list[Token] | None:
        """A group without its braces, or one token."""
        self._space()
        if not self.stack or self.stack[-1].text == "}":
            return None
        return self._group("{", "}") if self.stack[-1].text == "{" else [self._first()]

    def _space(self) -> None:
        while self.stack and self.stack[-1].text.isspace():
            self.taken.append(self.stack.pop())

    def _first(self) -> Token:
        """The next token; of a run of characters the first one."""
        token = self.stack.pop()
        if not token.text.startswith("\\") and len(token.text) > 1:
            self.stack.append(Token(token.text[1:], token.places[1:]))
            token = Token(token.text[0], token.places[:1])
        self.taken.append(token)
        return token

    def _group(self, opening: str, closing: str) -> list[Token] | None:
        """What stands between the brackets that come next; None, and nothing taken, if they do not."""
        before = len(self.taken)
        self._space()
        if self.stack and self.stack[-1].text == opening:
            begin, depth = len(self.taken), 0
            while self.stack:
                token = self.stack.pop()
                self.taken.append(token)
                self.looked += 1
                depth += (token.text in (opening, "{")) - (token.text in (closing, "}"))
                if depth == 0 and token.text == closing:
                    return self.taken[begin + 1 : -1]
        self.stack.extend(reversed(self.taken[before:]))
        del self.taken[before:]
        return None


def _tokens(passage: Mapped) -> Iterator[Token]:
    for found in _TOKEN.finditer(passage.text):
        yield Token(found.group(), passage.offsets[found.start() : found.end()])


def _filled(macro: Macro, arguments: list[list[Token]], place: int) -> Iterator[Token]:
    """The body of a macro that stands at `place`, with its arguments in it."""
    body = macro.body
    if macro.pair:
        size = "".join(token.text for token in arguments.pop(0))
        left, right = (r"\left", r"\right") if size == "*" else (size, size)
        body = f"{left}{macro.pair[0]}#1{right}{macro.pair[1]}" if size else body
    for text in _TOKEN.findall(body):
        if len(text) == 2 and text[0] == "#" and text[1].isdecimal() and int(text[1]) <= macro.arity:
            for token in arguments[int(text[1]) - 1]:
                yield token if token.places else Token(token.text, (place,) * len(token.text))
        else:
            text = "#" if text == "##" else text
            yield Token(text, (place,) * len(text))


def _joined(tokens: list[Token], end: int) -> Mapped:
    r"""The tokens as one text. A space keeps `\nabla` and a letter behind it apart; places never fall."""
    texts: list[str] = []
    places: list[int] = []
    before = ""
    for token in tokens:
        if len(before) > 1 and before[0] == "\\" and before[-1].isalpha() and token.text[:1].isalpha():
            texts.append(" ")
            places.append(places[-1])
        texts.append(token.text)
        places += token.places
        before = token.text
    return Mapped("".join(texts), list(accumulate((*places, end), max)))
