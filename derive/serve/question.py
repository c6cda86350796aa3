"""What the page asks: a text, and how it is to be judged. All of it is from outside."""

from __future__ import annotations

import json
from dataclasses import dataclass

from derive import resources
from derive.errors import DeriveError, Source, shortened
from derive.limits import USUAL, Limits
from derive.verify.report import FileReport

NAME = "text"
"""How errors call a text that was typed."""
MOST = 2**18
"""Bytes of a question; a text of more is checked from a file."""
KINDS = (None, "md", "tex")


@dataclass(frozen=True)
class Question:
    """A text; `kind` and `model` are None where the text itself is to say what it is and what its network is."""

    text: str
    kind: str | None = None
    model: str | None = None
    strict: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not isinstance(self.strict, bool):
            raise DeriveError("a question has a text, and is strict or not")
        if self.kind not in KINDS:
            raise DeriveError(f"there is no kind of text {shortened(repr(self.kind))}", expected="md, tex, or null")
        if self.model is not None and self.model not in models():
            named = f"there is no network {shortened(repr(self.model))}"
            raise DeriveError(named, expected=f"{', '.join(models())}, or null")


def models() -> tuple[str, ...]:
    """The networks that the page offers: those that come with the program."""
    return tuple(path.stem for path in resources.networks())


def question_of(body: bytes) -> Question:
    """The question in the body of a request. Error: DeriveError if there is none."""
    try:
        return Question(**json.loads(body))
    except (ValueError, TypeError, RecursionError):
        raise DeriveError("this is no question", expected="JSON with text, kind, model and strict") from None


def judge(question: Question, limits: Limits = USUAL) -> FileReport:
    """The verdicts. No file is opened for a text but those of the networks that come with the program."""
    from derive.texts.read import read_document
    from derive.verdicts import judged, network

    source = Source(NAME, question.text)
    named = read_document(source, question.kind).directives.get("model")
    if question.model is None and named is not None and named not in models():
        raise DeriveError(
            f"this page opens no file, and there is no network {shortened(named)}",
            expected=", ".join(models()),
            hint="`derive check` for a text with a network in a file of its own",
        )
    model = None if question.model is None else network(question.model)
    return judged(source, model=model, strict=question.strict, kind=question.kind, limits=limits)
