"""A sheet and its key as files: Markdown for a site or a notebook, LaTeX to be printed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from derive.errors import DeriveError, Span, shortened
from derive.exercise.sheet import Part, Sheet
from derive.reader.symbols import SYMBOLS
from derive.render.environment import environment
from derive.verify.report import At
from derive.version import __version__

SUFFIX = {"markdown": "md", "latex": "tex"}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
NOTES = (
    (r"\partial", r"Vectors are columns; $\frac{\partial y}{\partial x}$ has a row for each entry of $y$."),
    (r"\frac{\partial L", "The derivative of a number by a matrix has the shape of the matrix."),
    (r"\partial^{+}", r"$\partial^{+}$ holds the state of the step before fixed."),
    (r"\cdots", r"A product with $\cdots$ may have no factor, and changes nothing then."),
    (r"\odot", r"$\odot$ multiplies entry by entry."),
    (r"\oslash", r"$\oslash$ divides entry by entry."),
)
"""What a sheet says of a sign that it has."""
ENGLISH = re.compile(
    r"(the (?:sum|product) (?:starts|ends) (?:one step (?:early|late)|at )|diag is missing around |the sign of "
    r"|the factor |⊙ is needed, entry by entry|a product of matrices where ⊙ is written"
    r"| where | is needed, in | is needed| the other way round| and | is too much| is missing before | is missing"
    r"| needs the pre-activation )"
)
"""The words in what is said of a slip; all else there is LaTeX."""
FRACTION = re.compile(r"\\frac(?=\{)")
KNOWN = frozenset(spelling for spelling, (kind, _) in SYMBOLS.items() if kind not in ("skip", "math"))
PIECES = re.compile(r"\\text[a-z]*\{[^{}]*[\\{_^&]|\\[A-Za-z]+|[%#$~]|\^\^")
TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{c: rf"\{c}" for c in "#$%&_{}"},
}
MARKDOWN = {**{c: rf"\{c}" for c in r"\`*_[]$#|~"}, "&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True)
class Line:
    """A formula as the templates have it; `kind`, `words` and `marked` are empty where it is right."""

    number: str
    shown: str
    right: str
    kind: str = ""
    words: str = ""
    marked: str = ""


def files(sheet: Sheet, kind: str = "markdown") -> Mapping[str, str]:
    """The text of each file by its name: the sheet, then the key.

    Error: DeriveError where a name of the network has TeX in it that no formula has: what a stranger writes is not run.
    """
    suffix = SUFFIX[kind]
    shared = {
        "title": title(sheet, kind),
        "network": sheet.network,
        "notes": [note for sign, note in NOTES if any(sign in latex for latex in _shown(sheet))],
        "task": task(sheet.wrong),
        "made": f"derive {__version__}; seed {sheet.seed}, {len(sheet.exercises)} exercises, {sheet.wrong} wrong each",
        "exercises": [
            {
                "title": exercise.title + (f", for ${exercise.by}$" if exercise.by else ""),
                "lines": list(_lines(n, exercise.parts)),
            }
            for n, exercise in enumerate(sheet.exercises, start=1)
        ],
        "listed": listed,
    }
    for latex in _shown(sheet):
        _check(latex)
    return {
        f"{name}.{suffix}": environment().get_template(f"exercise/{name}.{suffix}.j2").render(name=name, **shared)
        for name in ("sheet", "key")
    }


def write(texts: Mapping[str, str], out: Path) -> tuple[Path, ...]:
    """The files in a folder, all or none. Error: DeriveError where it cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any((out / name).is_dir() for name in texts):
            raise IsADirectoryError("a folder stands where a file is to be")
        with tempfile.TemporaryDirectory(dir=out, prefix=".derive-") as draft:
            for name, text in texts.items():
                Path(draft, name).write_text(text, encoding="utf-8")
            for name in texts:
                Path(draft, name).replace(out / name)
    except OSError as error:
        raise DeriveError(f"{shortened(str(out))} cannot be written: {error.strerror or error}") from None
    return tuple(out / name for name in texts)


def title(sheet: Sheet, kind: str) -> str:
    """The network's title as plain text; its name where TeX might have no letters for it."""
    text = " ".join(sheet.model.title.split()) or sheet.model.name
    if kind == "latex" and not text.isascii():
        text = sheet.model.name if sheet.model.name.isascii() else "a recurrent network"
    return "".join((TEX if kind == "latex" else MARKDOWN).get(character, character) for character in text)


def task(wrong: int) -> str:
    """How many formulas are wrong, in words."""
    if wrong == 1:
        return "one formula is wrong, in one place."
    number = NUMBERS[wrong] if wrong < len(NUMBERS) else str(wrong)
    return f"{number} formulas are wrong, each by one slip."


def listed(formulas: Sequence[str]) -> str:
    """`$a$, $b$ and $c$`."""
    *first, last = (f"${each}$" for each in formulas)
    return f"{', '.join(first)} and {last}" if first else last


def phrase(words: str) -> str:
    """What is said of a slip, its LaTeX between dollars."""
    pieces = (piece if ENGLISH.fullmatch(piece) else f"${piece.strip()}$" for piece in ENGLISH.split(words) if piece)
    return "".join(pieces).replace("⊙", r"$\odot$")


def marked(latex: str, places: Sequence[At]) -> str:
    """A formula with places underlined, as far as TeX can underline them."""
    for place in sorted(places, key=lambda place: -place.start):
        around = (Span(place.start, place.end), *_fractions(latex, place))
        for span in around:
            text = latex[span.start : span.end]
            if _is_whole(text):
                under = rf"\underline{{{text}}}"
                if latex[: span.start].rstrip().endswith(("_", "^")):
                    under = f"{{{under}}}"
                latex = latex[: span.start] + under + latex[span.end :]
                break
    return latex


def _fractions(latex: str, place: At) -> Iterator[Span]:
    """The fractions that contain a place, the innermost first."""
    for found in reversed(list(FRACTION.finditer(latex, 0, place.start))):
        ends = (m.end() for m in re.finditer("}", latex) if m.end() >= place.end)
        end = next((end for end in ends if _is_whole(latex[found.start() : end])), None)
        if end is not None and latex[end : end + 1] != "{":
            yield Span(found.start(), end)


def _is_whole(text: str) -> bool:
    """Whether brackets are closed within, and no row ends."""
    depth = 0
    for character in re.sub(r"\\[{}]", "", text):
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return not depth and text.count(r"\left") == text.count(r"\right") and "&" not in text and r"\\" not in text


def _lines(exercise: int, parts: Sequence[Part]) -> Iterator[Line]:
    for n, part in enumerate(parts, start=1):
        line, slip = Line(f"{exercise}.{n}", part.shown, part.right), part.slip
        if slip is not None:
            line = Line(
                line.number, line.shown, line.right, slip.kind, phrase(slip.words), marked(slip.wrong, slip.places)
            )
        yield line


def _shown(sheet: Sheet) -> tuple[str, ...]:
    """All LaTeX of a sheet."""
    network = sheet.network
    given = (*network.parameters, *network.inputs, *network.equations, *network.assumptions, *network.definitions)
    return (*given, *(part.shown for exercise in sheet.exercises for part in exercise.parts))


def _check(latex: str) -> None:
    for found in PIECES.findall(latex):
        if found not in KNOWN:
            raise DeriveError(f"{shortened(found)} in a name cannot stand in a sheet", expected="letters and digits")
