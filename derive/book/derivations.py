"""The pages about derivations by hand: how one is checked, and what was found in some that are in circulation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from derive import resources
from derive.book.pages import environment
from derive.errors import CheckFailed, DeriveError, Source, shortened
from derive.limits import USUAL
from derive.render.mathml import mathml
from derive.render.report_text import as_text
from derive.render.report_words import WORDS
from derive.repair.remedy import OTHERS, Mender
from derive.repair.search import MOST_CANDIDATES
from derive.repair.slips import FAR, NEAR, OF_BOUNDS, SEVERAL
from derive.texts.read import read_document
from derive.verify.check import check_document
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD, FileReport, Judged, Repair, Report
from derive.version import __version__

EXAMPLE = "notes.md"
"""The text that the page on checking and the README show, among the templates."""

KEYS = (
    ("files", "one object for each text that could be read"),
    ("files.path", "its name as it was given, - for standard input"),
    ("files.model", "the network as it was understood, or null"),
    ("files.model.origin", "where it is from: the text, a directive in it, or --model"),
    ("files.model.roles", "the names of the network"),
    ("files.model.roles.latex", "a name as it is written"),
    ("files.model.roles.role", "what it is, in words"),
    ("files.model.roles.shape", "its shape, in words"),
    ("files.model.roles.origin", "where that is from"),
    ("files.model.equations", "its equations, as LaTeX"),
    ("files.model.assumptions", "what was taken for granted, in words"),
    ("files.formulas", "one object for each formula, in the order of the text"),
    ("files.formulas.line", "the line of the file on which the formula's own LaTeX begins, from 1"),
    ("files.formulas.column", "the column in that line, from 1"),
    ("files.formulas.latex", "the formula"),
    ("files.formulas.kind", "model, definition, claim or other"),
    ("files.formulas.verdict", "holds, fails or not-understood; null for what is no claim"),
    ("files.formulas.reading", "the reading under which that is so; null for the plain one"),
    ("files.formulas.reason", "why, in a sentence, or null"),
    ("files.formulas.at", "the part of the formula that the verdict is about, or null"),
    ("files.formulas.at.start", "where it begins: how many characters of latex stand before it"),
    ("files.formulas.at.end", "where it ends, counted in the same way"),
    ("files.formulas.at.text", "that part"),
    ("files.formulas.repair", "the nearest formula that holds, checked, where this one fails; or null"),
    ("files.formulas.repair.latex", "all of it, as the text writes"),
    ("files.formulas.repair.words", "the slip in words"),
    ("files.formulas.repair.changes", "the changes that lead to it, in the order of the text"),
    (
        "files.formulas.repair.changes.start",
        "where one begins: how many characters of latex stand before it",
    ),
    ("files.formulas.repair.changes.end", "where it ends, counted in the same way"),
    ("files.formulas.repair.changes.text", "what stands there; empty where something is missing"),
    ("files.formulas.repair.changes.new", "what is to stand there"),
    ("files.formulas.repair.changes.kind", "which slip it is, by its key in the table of slips"),
    ("files.formulas.repair.changes.words", "that slip in words"),
    ("files.formulas.repair.reading", "the reading under which the repair holds; null for the plain one"),
    ("files.formulas.repair.evidence", "the figures of its check"),
    ("files.formulas.others", "equally small repairs elsewhere in the formula, each like repair"),
    ("files.formulas.derived", "what the program derives for the left side where nothing near holds, or null"),
    ("files.formulas.derived.latex", "the formula"),
    (
        "files.formulas.derived.form",
        "its form: chain, jacobian, closed, delta, component; recursive, by the gradient of the step behind",
    ),
    ("files.formulas.derived.evidence", "the figures of its check"),
    ("files.formulas.again", "the line of an earlier formula with the same slip, or null"),
    ("files.formulas.evidence", "what speaks for the verdict: the figures of the check, or the counterexample"),
    ("files.notes", "what is said of the text as a whole"),
    ("summary", "the claims and the other formulas of all files, counted"),
    ("summary.holds", "claims that hold"),
    ("summary.fails", "claims that fail"),
    ("summary.not_understood", "claims that are not understood"),
    ("summary.other", "formulas that are no claims"),
)
"""What `derive check --json` prints: each key with its path, and what it means."""

CODES = (
    ("0", "all claims hold"),
    ("1", "some fail"),
    ("2", "a file could not be read, or an option is none; the other files were judged and printed"),
    ("3", "none fails, but some are not understood, or there is no claim"),
    ("130", "stopped from the keyboard"),
)

FORMATS = (
    ("text", "for people; with --explain the network as it was understood and the evidence"),
    ("json", "for programs, as described below; --json is its short form"),
    ("sarif", "SARIF 2.1.0, for editors and code scanning: what does not hold, its place, and repairs as fixes"),
    ("github", "commands for the log of GitHub Actions: errors, warnings and notices at their places"),
    ("html", "a page of its own, without scripts, in which the formulas are typeset"),
)
"""What `--format` takes."""

REASONS = (
    ("nothing", "none: the exit code is 0, or 2 for a file that could not be read"),
    ("fails", "a claim fails"),
    ("not-understood", "that, or a claim is not understood"),
    ("no-claim", "that, or there is no claim; so it is where nothing is chosen"),
)
"""What `--fail-on` takes."""

PLACES = {"equations": NEAR, "equations, after all else": FAR, "inequalities": OF_BOUNDS}
SLIPS = tuple(
    (slip.words, ", ".join(where for where, slips in PLACES.items() if slip in slips))
    for slip in dict.fromkeys((*NEAR, *FAR, *OF_BOUNDS))
) + tuple((slip.words, "equations, in several places at once") for slip in SEVERAL)
"""Each kind of slip that is looked for, and where."""


@dataclass(frozen=True)
class CheckPage:
    """How a derivation is checked: a text under a name, what the program says of it; what it takes and gives, prose."""

    name: str
    text: str
    output: str
    keys: tuple[tuple[str, str], ...] = KEYS
    codes: tuple[tuple[str, str], ...] = CODES
    formats: tuple[tuple[str, str], ...] = FORMATS
    reasons: tuple[tuple[str, str], ...] = REASONS
    slips: tuple[tuple[str, str], ...] = SLIPS
    candidates: int = MOST_CANDIDATES
    others: int = OTHERS
    seconds: float = USUAL.formula_seconds
    version: str = __version__


def check_page(page: CheckPage) -> str:
    """The Markdown of the page on checking, `derivations.md`."""
    return environment().get_template("derivations.md.j2").render(page=page)


def check_example() -> CheckPage:
    """The page on checking, with what the program says of the example."""
    source = Source(EXAMPLE, (resources.templates() / EXAMPLE).read_text(encoding="utf-8"))
    report = check_document(read_document(source), mend=Mender())
    return CheckPage(EXAMPLE, source.text, as_text(Report((report,))))


@dataclass(frozen=True)
class RepairView:
    """A formula that was checked and holds, and the slip in words, with LaTeX among them."""

    words: str
    latex: str
    reading: str = ""


@dataclass(frozen=True)
class FoundView:
    """A formula of an article and its verdict in words, by the program and by hand.

    `reading` and `reason` are the program's words; `why`, and `shortfall` (why the program does not get there), are a
    person's, with indices as in `s_(t-1)`. `marked` is the LaTeX in pieces, each with whether it is what is wrong.
    `repairs` are equally near; `derived` is the program's own. `again`: the number of a formula with the same slip.
    """

    latex: str
    verdict: str
    by_hand: str
    reading: str
    reason: str
    why: str
    shortfall: str = ""
    marked: tuple[tuple[str, bool], ...] = ()
    repairs: tuple[RepairView, ...] = ()
    derived: RepairView | None = None
    again: int | None = None


@dataclass(frozen=True)
class Article:
    """A text in circulation. `id` is unique on the page, `source` and `notes` are words, `formulas` are its claims."""

    id: str
    number: int
    title: str
    source: str
    formulas: tuple[FoundView, ...]
    notes: str = ""


@dataclass(frozen=True)
class CirculationPage:
    """Articles, and how many of their claims have which verdict."""

    articles: tuple[Article, ...]
    counts: tuple[tuple[str, int], ...]


def circulation_page(page: CirculationPage) -> str:
    """The Markdown of the page on errors in circulation, `errors-in-circulation.md`."""
    jinja = environment()
    jinja.filters.update(indexed=indexed, mixed=mixed)
    return jinja.get_template("circulation.md.j2").render(page=page)


def in_circulation() -> str:
    """The texts that are judged and what is known of them, in one."""
    files = sorted(resources.derivations().glob("*.*"))
    return "\0".join(file.read_text(encoding="utf-8") for file in files)


def circulation() -> CirculationPage:
    """The shipped derivations, judged. Error: CheckFailed where a verdict is the contrary of the one by hand."""
    paths = sorted(resources.derivations().glob("*.json"))
    articles = tuple(_article(path, number) for number, path in enumerate(paths, 1))
    found = [formula.verdict for article in articles for formula in article.formulas]
    return CirculationPage(articles, tuple((word, found.count(word)) for word in WORDS.values() if word in found))


def _article(path: Path, number: int) -> Article:
    data = json.loads(path.read_text(encoding="utf-8"))
    text = path.with_suffix(".md")
    report = check_document(read_document(Source(text.name, text.read_text(encoding="utf-8"))), mend=Mender())
    claims = [entry for entry in data["formulas"] if entry["kind"] == "claim"]
    judged = [_listed(entry, report) or Judged(entry["line"], 1, entry["formula"], "other") for entry in claims]
    slips: dict[int | None, int] = {}  # the first repaired formula of each line, by its number
    for place, each in enumerate(judged, 1):
        if each.repair is not None:
            slips.setdefault(each.line, place)
    found = zip(claims, judged, strict=True)
    formulas = tuple(_found(entry, each, report.path, slips.get(each.again)) for entry, each in found)
    return Article(f"text-{path.stem}", number, data["title"], data["source"], formulas, data.get("notes", ""))


def _found(entry: Mapping[str, Any], judged: Judged, path: str, again: int | None) -> FoundView:
    """A claim as it is listed, with what the program says; what it took for no claim, it did not understand."""
    part, by_hand = entry["formula"], entry["verdict"]
    said = judged.verdict or NOT_UNDERSTOOD
    if {said, by_hand} == {HOLDS, FAILS}:
        raise CheckFailed(
            f"{path}:{entry['line']}: by hand this was found to be otherwise: {WORDS[said]}: {shortened(part)}"
        )
    derived = judged.derived
    return FoundView(
        part if judged.latex in part else judged.latex, WORDS[said], WORDS[by_hand],
        judged.reading or "", judged.reason or "", entry["why"],
        "" if said == by_hand else entry.get("shortfall", ""),
        tuple(_marked(judged)) if said != HOLDS else (),
        tuple(map(_repair, ((judged.repair,) if judged.repair else ()) + judged.others)),
        None if derived is None else RepairView(f"derived in {derived.form} form", derived.latex),
        again,
    )  # fmt: skip


def _repair(repair: Repair) -> RepairView:
    return RepairView(repair.words, repair.latex, repair.reading or "")


def _marked(judged: Judged) -> Iterator[tuple[str, bool]]:
    """The LaTeX before what is wrong, that, and the LaTeX behind; nothing where that is not known."""
    if judged.at is not None:
        yield judged.latex[: judged.at.start], False
        yield judged.at.text, True
        yield judged.latex[judged.at.end :], False


def _listed(entry: Mapping[str, Any], report: FileReport) -> Judged | None:
    r"""What the report says of a listed formula: of the one that has the part, or of what its \Rightarrow leads to."""
    part = entry["formula"]
    on_line = [formula for formula in report.formulas if formula.line == entry["line"]]
    behind = [formula for formula in on_line if part.endswith(rf"\Rightarrow{formula.latex}")]
    here = [formula for formula in on_line if part in formula.latex] or behind
    return here[min(entry.get("link", 1), len(here)) - 1] if here else None


def indexed(text: str) -> str:
    """A person's words as HTML: the index in `s_(t-1)` and `W_hx` is set as one."""
    return re.sub(r"(?<!\w)(\w̄?)_(?:\(([^()]*)\)|(\w+))", lambda m: f"{m[1]}<sub>{m[2] or m[3]}</sub>", escape(text))


def mixed(text: str) -> str:
    """Words with LaTeX among them as HTML: the LaTeX is typeset, or code where the typesetter does not know it."""
    pieces = re.split(r"(?<!\S)([a-z]{2,}(?:-[a-z]+)*[,;]?)(?!\S)", text)
    shown = (escape(piece) if i % 2 else _typeset(piece.strip()) for i, piece in enumerate(pieces))
    return " ".join(filter(None, shown))


def _typeset(latex: str) -> str:
    """A piece of LaTeX, as mathematics for the page or as code."""
    try:
        mathml(latex)
    except DeriveError:
        return f"<code>{escape(latex)}</code>"
    return rf'<span class="arithmatex">\({escape(latex)}\)</span>' if latex else ""
