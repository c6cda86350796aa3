r"""Macros that a text defines itself, and their definitions: `\newcommand`, `\def`, `\DeclareMathOperator`, `\let`, ….

They are rewriting and nothing else: no file is loaded, no other primitive of TeX is obeyed. `expand.py` puts them in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.texts.outline import DEAD

DEFINERS = frozenset(
    rf"\{name}"
    for name in (
        "newcommand renewcommand providecommand def gdef edef xdef let DeclareMathOperator DeclarePairedDelimiter"
    ).split()
)
_NAME = r"\\(?:[A-Za-z]+|[^A-Za-z\s])"
_NAMED = rf"(?P<definer>\\[A-Za-z]+)(?P<star>\*?)\s*+\{{?\s*+(?P<name>{_NAME})\s*+\}}?\s*+"
_COMMAND = re.compile(rf"{_NAMED}(?:\[\s*+(?P<arity>\d)\s*+\]\s*+)?(?:\[(?P<default>[^\[\]]*+)\]\s*+)?")
_DEF = re.compile(rf"\\[A-Za-z]+\s*+(?P<name>{_NAME})(?P<parameters>(?:\s*#\d)*+)\s*+")
_LET = re.compile(rf"\\let\s*+(?P<name>{_NAME})\s*+=?\s?(?P<target>{_NAME}|[^\s\\{{}}])")
_OTHER = re.compile(_NAMED)
_TOKEN = re.compile(rf"\s*+({_NAME})")
_BRACE = re.compile(r"\\[\s\S]|[{}]")


@dataclass(frozen=True)
class Macro:
    r"""What `name` stands for: `body`, with `#1`, `#2`, … for its arguments; the first is `default` where left out.

    `place` is the offset of its definition. `final`: the body is not looked at again (`\let` of a command);
    `provided`: an older macro of this name stays; `pair`: delimiters, which a star or a size makes larger.
    """

    name: str
    body: str
    arity: int = 0
    default: str | None = None
    place: int = 0
    final: bool = False
    provided: bool = False
    pair: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.arity <= 9 or (self.default is not None and self.arity == 0):
            raise ValueError("a macro has at most nine arguments, and a default is one of them")


class Braces:
    """For each opening brace of a text the one that closes it; escaped braces are none."""

    def __init__(self, text: str) -> None:
        self._closing: dict[int, int] = {}
        opened: list[int] = []
        for brace in _BRACE.finditer(text):
            if brace.group() == "{":
                opened.append(brace.start())
            elif brace.group() == "}" and opened:
                self._closing[opened.pop()] = brace.start()

    def closing(self, at: int) -> int | None:
        """Where the group that opens at `at` closes; None if nothing opens there, or it is never closed."""
        return self._closing.get(at)


def definition(text: str, start: int, braces: Braces) -> tuple[Macro, int] | None:
    """The definition that begins at `start` with a definer, and its end; None if it is none that is understood."""
    definer = re.compile(r"\\[A-Za-z]+").match(text, start)
    if definer is None or definer.group() not in DEFINERS:
        return None
    name = definer.group()
    if name == r"\let":
        return _let(text, start)
    if name.endswith("def"):
        return _def(text, start, braces)
    if name.endswith("command"):
        return _command(text, start, braces)
    if name == r"\DeclareMathOperator":
        return _operator(text, start, braces)
    return _pair(text, start, braces)


def _argument(text: str, at: int, braces: Braces) -> tuple[str, int] | None:
    """A group in braces, or one command, from `at` on: its text without what is dead in it, and its end."""
    closing = braces.closing(at)
    if closing is not None:
        return text[at + 1 : closing].replace(DEAD, ""), closing + 1
    token = _TOKEN.match(text, at)
    return (token[1], token.end()) if token else None


def _let(text: str, start: int) -> tuple[Macro, int] | None:
    head = _LET.match(text, start)
    return (Macro(head["name"], head["target"], place=start, final=True), head.end()) if head else None


def _def(text: str, start: int, braces: Braces) -> tuple[Macro, int] | None:
    r"""`\def\name#1#2{…}`; parameters with other marks between them are not understood."""
    head = _DEF.match(text, start)
    closing = braces.closing(head.end()) if head else None
    if head is None or closing is None:
        return None
    numbers = re.findall(r"\d", head["parameters"])
    if numbers != [str(number) for number in range(1, len(numbers) + 1)]:
        return None
    body = text[head.end() + 1 : closing].replace(DEAD, "")
    return Macro(head["name"], body, arity=len(numbers), place=start), closing + 1


def _command(text: str, start: int, braces: Braces) -> tuple[Macro, int] | None:
    head = _COMMAND.match(text, start)
    body = _argument(text, head.end(), braces) if head else None
    if head is None or body is None:
        return None
    arity = int(head["arity"] or 0)
    default = head["default"] if arity else None
    provided = head["definer"] == r"\providecommand"
    return Macro(head["name"], body[0], arity=arity, default=default, place=start, provided=provided), body[1]


def _operator(text: str, start: int, braces: Braces) -> tuple[Macro, int] | None:
    head = _OTHER.match(text, start)
    word = _argument(text, head.end(), braces) if head else None
    if head is None or word is None:
        return None
    return Macro(head["name"], rf"\operatorname{head['star']}{{{word[0]}}}", place=start), word[1]


def _pair(text: str, start: int, braces: Braces) -> tuple[Macro, int] | None:
    head = _OTHER.match(text, start)
    left = _argument(text, head.end(), braces) if head else None
    right = _argument(text, left[1], braces) if left else None
    if head is None or left is None or right is None:
        return None
    pair = left[0], right[0]
    return Macro(head["name"], f"{pair[0]}#1{pair[1]}", arity=1, place=start, pair=pair), right[1]
