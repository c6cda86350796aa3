"""What is said of a text: for each formula a verdict, its reading and its reason; for each file the network in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = ("model", "definition", "claim", "other")
HOLDS, FAILS, NOT_UNDERSTOOD = VERDICTS = ("holds", "fails", "not-understood")


@dataclass(frozen=True)
class At:
    """The part of a formula that a verdict is about: offsets into the formula's `latex`, and that text."""

    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError("a place runs forward")


@dataclass(frozen=True)
class Change:
    """Characters [start, end) of a formula's `latex`, which are `text`, replaced by `new`. `text` may be empty.

    `kind` is the key of the slip in the table of slips; `words` say it: "W where Wᵀ is needed".
    """

    start: int
    end: int
    text: str
    new: str
    kind: str
    words: str


@dataclass(frozen=True)
class Repair:
    """A formula that was checked and holds, with the changes that lead to it, in the order of the text.

    `latex` is all of it in the author's notation and spacing; `reading` and `evidence` as for any claim.
    """

    latex: str
    changes: tuple[Change, ...]
    reading: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The slip, or the slips, in words."""
        return "; ".join(dict.fromkeys(change.words for change in self.changes))

    def as_dict(self) -> dict[str, Any]:
        """For JSON; every key is always there."""
        return {
            "latex": self.latex,
            "words": self.words,
            "changes": [asdict(change) for change in self.changes],
            "reading": self.reading,
            "evidence": plain(self.evidence),
        }


@dataclass(frozen=True)
class Derivation:
    """What the program derives for the left side of a claim where no repair is near: `latex`, and in which `form`."""

    latex: str
    form: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"latex": self.latex, "form": self.form, "evidence": plain(self.evidence)}


@dataclass(frozen=True)
class Judged:
    r"""One formula of a text. `line` and `column` (from 1) are where its own LaTeX begins in the file.

    `kind`: "model" for an equation of the network, "definition" for a name that the text introduces, "claim" for what
    is judged, "other" for all else; `verdict` is None for what is not a claim. `latex` is the author's own text.
    `reading` is None for the plain one. `evidence` is what speaks for the verdict, ready for JSON: for `holds` the
    figures of the check, for `fails` the counterexample (sizes, T, seed, the two numbers).

    Of what fails: `repair` is the nearest formula that holds, `others` are equally near ones, `derived` is what the
    program derives where nothing near holds; `again` is the line of an earlier formula with the same slip.
    """

    line: int
    column: int
    latex: str
    kind: str
    verdict: str | None = None
    reading: str | None = None
    reason: str | None = None
    at: At | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    repair: Repair | None = None
    others: tuple[Repair, ...] = ()
    derived: Derivation | None = None
    again: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS or (self.verdict is not None and self.verdict not in VERDICTS):
            raise ValueError(f"there is no {self.kind} that is {self.verdict}")
        if (self.verdict is not None) != (self.kind == "claim"):
            raise ValueError("claims, and only claims, have a verdict")

    def as_dict(self) -> dict[str, Any]:
        """For JSON; every key is always there."""
        return {
            "line": self.line,
            "column": self.column,
            "latex": self.latex,
            "kind": self.kind,
            "verdict": self.verdict,
            "reading": self.reading,
            "reason": self.reason,
            "at": None if self.at is None else asdict(self.at),
            "repair": None if self.repair is None else self.repair.as_dict(),
            "others": [other.as_dict() for other in self.others],
            "derived": None if self.derived is None else self.derived.as_dict(),
            "again": self.again,
            "evidence": plain(self.evidence),
        }


@dataclass(frozen=True)
class Role:
    r"""A name of the network: `latex` as it is written, `role` in words, `shape` in words, and where that is from."""

    latex: str
    role: str
    shape: str
    origin: str


@dataclass(frozen=True)
class Understood:
    """The network of a text as it was understood: its names, its equations (LaTeX), what was taken for granted.

    `origin` says where it is from: the text itself, `--model elman`, a directive.
    """

    origin: str
    roles: tuple[Role, ...]
    equations: tuple[str, ...]
    assumptions: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "origin": self.origin,
            "roles": [asdict(role) for role in self.roles],
            "equations": list(self.equations),
            "assumptions": list(self.assumptions),
        }


@dataclass(frozen=True)
class FileReport:
    """One text. `notes` are about the whole of it: equations that conflict, layouts that are mixed."""

    path: str
    model: Understood | None
    formulas: tuple[Judged, ...]
    notes: tuple[str, ...] = ()

    @property
    def claims(self) -> tuple[Judged, ...]:
        return tuple(formula for formula in self.formulas if formula.kind == "claim")

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "path": self.path,
            "model": None if self.model is None else self.model.as_dict(),
            "formulas": [formula.as_dict() for formula in self.formulas],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Report:
    """All texts that were judged together."""

    files: tuple[FileReport, ...]

    @property
    def claims(self) -> tuple[Judged, ...]:
        return tuple(claim for file in self.files for claim in file.claims)

    def count(self, verdict: str) -> int:
        """How many claims have that verdict."""
        return sum(claim.verdict == verdict for claim in self.claims)

    @property
    def exit_code(self) -> int:
        """0 all claims hold; 1 some fail; 3 none fails, but some are not understood or there is no claim."""
        if self.count(FAILS):
            return 1
        return 0 if self.claims and not self.count(NOT_UNDERSTOOD) else 3

    def as_dict(self) -> dict[str, Any]:
        """For JSON. `other` counts the formulas that are no claims."""
        formulas = sum(len(file.formulas) for file in self.files)
        return {
            "files": [file.as_dict() for file in self.files],
            "summary": {
                "holds": self.count(HOLDS),
                "fails": self.count(FAILS),
                "not_understood": self.count(NOT_UNDERSTOOD),
                "other": formulas - len(self.claims),
            },
        }


def plain(value: Any) -> Any:
    """Evidence as JSON can have it: dicts, lists, texts and finite numbers; anything else as a text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)
