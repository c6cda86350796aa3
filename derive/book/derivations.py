"""The pages about derivations by hand: how one is checked, and what was found in some that are in circulation."""

from __future__ import annotations

from dataclasses import dataclass

from derive.book.pages import environment

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
    ("files.formulas.repair", "what would be right and was checked, or null"),
    ("files.formulas.repair.latex", "that formula"),
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
)


@dataclass(frozen=True)
class CheckPage:
    """How a derivation is checked: a text under a name, what the program says of it; the keys and codes, prose."""

    name: str
    text: str
    output: str
    keys: tuple[tuple[str, str], ...] = KEYS
    codes: tuple[tuple[str, str], ...] = CODES


def check_page(page: CheckPage) -> str:
    """The Markdown of the page on checking, `derivations.md`."""
    return environment().get_template("derivations.md.j2").render(page=page)


@dataclass(frozen=True)
class FoundView:
    """A formula of an article with its verdict in words; what the program says of it and what a person does, prose."""

    latex: str
    verdict: str
    reading: str
    reason: str
    why: str


@dataclass(frozen=True)
class Article:
    """A text in circulation. `id` is unique on the page, `source` is prose, `formulas` are its claims."""

    id: str
    number: int
    title: str
    source: str
    formulas: tuple[FoundView, ...]


@dataclass(frozen=True)
class CirculationPage:
    """Articles, and how many of their claims have which verdict."""

    articles: tuple[Article, ...]
    counts: tuple[tuple[str, int], ...]


def circulation_page(page: CirculationPage) -> str:
    """The Markdown of the page on errors in circulation, `errors-in-circulation.md`."""
    return environment().get_template("circulation.md.j2").render(page=page)
