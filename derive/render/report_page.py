"""A report as a page of its own: one file that asks for nothing from elsewhere and runs nothing.

Everything in it is from outside. The template escapes all that it prints but the typeset formulas, which come from the
typesetter and not from the text; the page forbids itself scripts and requests, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from derive.errors import DeriveError
from derive.render.environment import environment
from derive.render.mathml import mathml
from derive.render.report_html import LONGEST
from derive.render.report_marks import as_read
from derive.render.report_text import printable
from derive.render.report_words import evidence_lines, places, summary, verdict
from derive.verify.report import (
    FAILS,
    HOLDS,
    NOT_UNDERSTOOD,
    Change,
    Derivation,
    FileReport,
    Judged,
    Repair,
    Report,
    Role,
    Understood,
)
from derive.version import __version__

SIGNS = {HOLDS: "✓", FAILS: "✗", NOT_UNDERSTOOD: "?", None: "≔"}


@dataclass(frozen=True)
class Piece:
    """Some of a formula's LaTeX. `mark`: "wrong" where the verdict's place is, "new" or "gone" in a repair, or none."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Written:
    """A formula, typeset where the typesetter knows all of it, and as LaTeX."""

    typeset: Markup | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class RepairView:
    """A formula that would hold, and what is said of it."""

    words: str
    formula: Written
    reading: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormulaView:
    """A claim, or a definition. `verdict` is in words, `kind` is for the style sheet, `again` links to a line."""

    id: str
    line: int
    kind: str
    sign: str
    verdict: str
    formula: Written
    reading: str
    reason: str
    evidence: tuple[str, ...]
    repair: RepairView | None
    others: tuple[RepairView, ...]
    derived: RepairView | None
    again: tuple[str, int] | None

    @property
    def is_open(self) -> bool:
        """Whether somebody has to look at it."""
        return self.kind in (FAILS, NOT_UNDERSTOOD)


@dataclass(frozen=True)
class NetworkView:
    """A network as it was understood: rows of a name, what it is, its shape, and where that is from; its equations."""

    origin: str
    roles: tuple[tuple[str, str, str, str], ...]
    equations: tuple[tuple[str, Written], ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class FileView:
    """One text: its claims and definitions, its network, what is said of all of it, where formulas are no claims."""

    id: str
    path: str
    formulas: tuple[FormulaView, ...]
    network: NetworkView | None
    notes: tuple[str, ...]
    rest: str

    @property
    def open(self) -> tuple[FormulaView, ...]:
        """What somebody has to look at."""
        return tuple(formula for formula in self.formulas if formula.is_open)


@dataclass(frozen=True)
class PageView:
    """All texts, the summary, and the files that could not be read, each with why."""

    title: str
    summary: str
    files: tuple[FileView, ...]
    unread: tuple[tuple[str, str], ...]
    version: str = __version__


def as_page(report: Report, unread: Sequence[tuple[str, DeriveError]] = ()) -> str:
    """The HTML of the page; `unread` names the files that could not be read."""
    files = tuple(_file(file, f"text-{number}") for number, file in enumerate(report.files, 1))
    names = ", ".join(clean(file.path) for file in report.files[:3]) + (" …" if len(report.files) > 3 else "")
    said = summary(report)
    page = PageView(
        title=f"{names}: {said}" if names else said,
        summary=said,
        files=files,
        unread=tuple((clean(path), clean(str(error))) for path, error in unread),
    )
    jinja = environment().overlay(autoescape=True)
    return jinja.get_template("report.html.j2").render(page=page).encode(errors="replace").decode()


def _file(file: FileReport, name: str) -> FileView:
    shown = [formula for formula in file.formulas if formula.kind in ("claim", "definition")]
    first: dict[int, str] = {}  # the first claim of each line that fails
    for number, formula in enumerate(shown, 1):
        if formula.verdict == FAILS:
            first.setdefault(formula.line, f"{name}-{number}")
    others = [formula for formula in file.formulas if formula.kind == "other"]
    return FileView(
        id=name,
        path=clean(file.path),
        formulas=tuple(_formula(each, file.path, f"{name}-{number}", first) for number, each in enumerate(shown, 1)),
        network=None if file.model is None else _network(file.model, file),
        notes=tuple(map(clean, file.notes)),
        rest=places(others) if others else "",
    )


def _formula(formula: Judged, path: str, name: str, first: dict[int, str]) -> FormulaView:
    again = formula.again
    return FormulaView(
        id=name,
        line=formula.line,
        kind=formula.verdict or formula.kind,
        sign=SIGNS[formula.verdict],
        verdict=verdict(formula),
        formula=_written(formula.latex, path, tuple(_marked(formula))),
        reading=clean(formula.reading or ""),
        reason=clean(formula.reason or ""),
        evidence=_evidence(formula.evidence),
        repair=None if formula.repair is None else _repair(formula.repair, formula, path),
        others=tuple(_repair(other, formula, path) for other in formula.others),
        derived=None if formula.derived is None else _derived(formula.derived),
        again=None if again is None else (first.get(again, ""), again),
    )


def _marked(formula: Judged) -> Iterator[Piece]:
    """A formula's LaTeX with the verdict's place marked, or where that is not known, what a repair would change."""
    found = [formula.at] if formula.at else list(formula.repair.changes) if formula.repair else []
    end = 0
    for place in found if formula.verdict != HOLDS else []:
        yield Piece(formula.latex[end : place.start])
        yield Piece(formula.latex[place.start : place.end], "wrong")
        end = place.end
    yield Piece(formula.latex[end:])


def _repair(repair: Repair, formula: Judged, path: str) -> RepairView:
    pieces = tuple(_changed(formula.latex, repair.changes))
    if "".join(piece.text for piece in pieces) != repair.latex:
        pieces = (Piece(repair.latex),)
    words, reading = clean(repair.words), clean(repair.reading or "")
    return RepairView(words, _written(repair.latex, path, pieces), reading, _evidence(repair.evidence))


def _derived(derived: Derivation) -> RepairView:
    words = clean(f"derived instead, in {derived.form} form")
    return RepairView(words, _written(derived.latex, ""), evidence=_evidence(derived.evidence))


def _changed(latex: str, changes: Sequence[Change]) -> Iterator[Piece]:
    """The LaTeX of a repair, with what is new in it marked, and where something is gone."""
    end = 0
    for change in changes:
        yield Piece(latex[end : change.start])
        yield Piece(change.new, "new" if change.new else "gone")
        end = change.end
    yield Piece(latex[end:])


def _written(latex: str, path: str, pieces: Sequence[Piece] = ()) -> Written:
    """LaTeX of a file, whole or in pieces."""
    shown = (Piece(clean(as_read(path, piece.text)), piece.mark) for piece in pieces or (Piece(latex),))
    return Written(typeset(clean(as_read(path, latex))), tuple(piece for piece in shown if piece.text or piece.mark))


def typeset(latex: str, *, block: bool = True) -> Markup | None:
    """MathML of LaTeX from outside; None where the typesetter does not know all of it."""
    if len(latex) > LONGEST:
        return None
    try:
        return Markup(mathml(latex, block=block))  # it escapes what it takes over
    except (DeriveError, UnicodeEncodeError):
        return None


def _network(network: Understood, file: FileReport) -> NetworkView:
    path = file.path
    own = [(f"line {each.line}", _written(each.latex, path)) for each in file.formulas if each.kind == "model"]
    return NetworkView(
        origin=clean(network.origin),
        roles=tuple(map(_role, network.roles)),
        equations=tuple(own or [("", _written(equation, "")) for equation in network.equations]),
        assumptions=tuple(map(clean, network.assumptions)),
    )


def _role(role: Role) -> tuple[str, str, str, str]:
    name = clean(role.latex)
    return typeset(name, block=False) or name, clean(role.role), clean(role.shape), clean(role.origin)


def _evidence(evidence: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(map(clean, evidence_lines(evidence)))


def clean(text: str) -> str:
    """A text with nothing in it that could turn a line around, and no line end but a plain one."""
    return printable(text.replace("\r\n", "\n"))
