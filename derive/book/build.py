"""The whole book: every network derived, checked, put into page models, rendered, and handed to MkDocs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from joblib import Parallel, cpu_count, delayed

from derive import resources
from derive.book import pages, site
from derive.book.cache import found, keep, kept
from derive.book.derivations import (
    CirculationPage,
    check_example,
    check_page,
    circulation,
    circulation_page,
    in_circulation,
)
from derive.book.formulas import with_subscripts
from derive.book.reference import reference_pages
from derive.book.views import cell_view, graphs
from derive.calculus.bounds import BOUNDS
from derive.calculus.laws import LAWS
from derive.calculus.pullback import sections
from derive.calculus.rewrite import RULES
from derive.evidence.claims import LONGEST
from derive.evidence.judge import DRAWS, PRIMES, SHARE, TOLERANCE
from derive.gradients.chain import STAGES
from derive.gradients.steps import cited
from derive.models.read import read_file

COMMANDS = (
    ("derive cells", "lists the networks that come with the program"),
    ("derive show elman W --steps 3", "derives one gradient, checks it, and prints it with its evidence"),
    ("derive show my_network.tex --format latex", "does so for a network of your own, as LaTeX to paste"),
)
Report = Callable[[str], None]


def build_book(
    out: Path,
    steps: int,
    report: Report = lambda line: None,
    parser: ArgumentParser | None = None,
    cache: Path | None = None,
) -> None:
    """Build the site into `out`; it is swapped in whole, or not at all. `report` receives a line for each part.

    `parser` is that of the command line, which has a page in the reference if it is given. `cache` is a folder for what
    need not be derived again.

    Error: DeriveError where a network is not understood, CheckFailed where a formula fails; `out` is then untouched.
    """
    site.require_replaceable(out)
    made = make_pages(steps, report, parser, cache)
    report("building the site")
    site.build_site(made, out, config=resources.mkdocs_config())


def serve_book(steps: int, parser: ArgumentParser | None = None, cache: Path | None = None) -> None:
    """Serve the site on this machine while its sources are worked on."""
    site.serve_site(
        lambda: make_pages(steps, parser=parser, cache=cache),
        config=resources.mkdocs_config(),
        watch=(resources.cells(),),
    )


def make_pages(
    steps: int,
    report: Report = lambda line: None,
    parser: ArgumentParser | None = None,
    cache: Path | None = None,
) -> dict[str, str]:
    """The Markdown of every generated page by its path, in the order of the navigation."""
    views = _views(steps, report, cache)
    evidence = _sum([count for view in views.values() for count in view.evidence])
    cards = tuple(view.card for view in views.values())
    report("judging derivations by hand")
    return {
        "index.md": pages.home_page(pages.HomePage(cards, evidence, COMMANDS)),
        **{f"cells/{name}.md": pages.cell_page(view) for name, view in views.items()},
        "derivations.md": check_page(check_example()),
        "errors-in-circulation.md": circulation_page(kept(CirculationPage, in_circulation(), circulation, cache)),
        "checking.md": pages.checking_page(_checking(evidence)),
        **reference_pages(parser),
    }


def _views(steps: int, report: Report, cache: Path | None) -> dict[str, pages.CellPage]:
    """The page of each network, those that are not kept derived and checked on all cores."""
    networks = {path.stem: (path, read_file(path)) for path in resources.networks()}
    about = {name: f"{steps}\0{network.source.text}" for name, (_, network) in networks.items()}
    views = {name: found(pages.CellPage, about[name], cache) for name in networks}
    missing = [name for name, view in views.items() if view is None]
    report(f"deriving and checking {', '.join(missing)}" if missing else "every formula is kept from before")
    jobs = max(1, min(len(missing), cpu_count()))
    derived = Parallel(jobs, return_as="generator")(delayed(_derived)(networks[name][0], steps) for name in missing)
    for name, view in zip(missing, derived, strict=True):
        views[name] = keep(view, about[name], cache)
        report(f"{name} is derived and checked")
    return {name: replace(view, graphs=graphs(networks[name][1])) for name, view in views.items() if view is not None}


def _derived(path: Path, steps: int) -> pages.CellPage:
    """The page of a network, in a process of its own where there are several."""
    return cell_view(read_file(path), steps)


def _sum(found: list[pages.EvidenceCount]) -> tuple[pages.EvidenceCount, ...]:
    words = dict.fromkeys(item.word for item in found)
    return tuple(pages.EvidenceCount(word, sum(i.count for i in found if i.word == word)) for word in words)


def _checking(evidence: tuple[pages.EvidenceCount, ...]) -> pages.CheckingPage:
    """The page on evidence, with each law by its docstring."""
    return pages.CheckingPage(
        laws=tuple(_law(law) for _, law in LAWS),
        evidence=evidence,
        figures=_figures(),
        paths=tuple(map(_law, STAGES)),
        bounds=tuple(map(_law, dict.fromkeys(law for _, law in BOUNDS))),
        rules=tuple((_name(rule), sections(rule)["Statement"]) for rule in RULES),
    )


def _law(law: Callable[..., object]) -> pages.LawView:
    parts = {label: text for label, text in sections(law).items() if text != "none"}
    words = {label: with_subscripts(text) for label, text in parts.items() if label not in ("Law", "Example")}
    return pages.LawView(
        name=_name(law),
        statement_latex=parts["Law"],
        shapes=words.get("Shapes", ""),
        conditions=words.get("Conditions", ""),
        source=words.get("Source", ""),
        example_latex=parts.get("Example", "").rpartition("; ")[2],
        words=words["Statement"],
    )


def _name(law: Callable[..., object]) -> str:
    return cited(law).name.capitalize()


def _figures() -> tuple[tuple[str, str], ...]:
    """The numbers behind the evidence, as the program uses them."""
    return (
        ("Numbers of steps at which a formula for any \\(T\\) is tested", f"1 to {LONGEST}"),
        ("Primes, each drawn from \\([2^{60}, 2^{61}]\\), with new random values each time", str(PRIMES)),
        ("Draws in floating point at each number of steps", str(DRAWS)),
        ("Largest relative difference that is put down to rounding", f"{TOLERANCE:g}"),
        ("Draws are repeated until the smallest summand is at least this part of the largest", f"{SHARE:g}"),
    )
