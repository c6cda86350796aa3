"""Verdicts on derivations by hand: `check("$…$")`. Nothing here needs what derives gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from derive import resources
from derive.errors import DeriveError, Source, shortened
from derive.limits import USUAL, Limits
from derive.models.model import Model
from derive.models.read import read_file
from derive.texts.files import read_source
from derive.texts.read import read_document
from derive.verify.check import check_document
from derive.verify.directive import directed
from derive.verify.report import HOLDS, FileReport, Judged, Report
from derive.verify.reported import Case, Mend


class Holder(Protocol):
    """What has a network in it, such as what `derive.load` gives."""

    @property
    def model(self) -> Model: ...


class Verdicts(Report):
    """What was said of texts, ready to be shown: `print(report)`, and as a table in a notebook."""

    def text(self, *, explain: bool = False, colour: bool = False) -> str:
        """For people; with `explain` the network as understood and what speaks for each verdict."""
        from derive.render.report_text import as_text  # what shows is imported where something is shown

        return as_text(self, explain=explain, colour=colour)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from derive.render.report_html import as_html

        return as_html(self)


def check(
    text: str | Path,
    *,
    model: str | Path | Holder | None = None,
    strict: bool = False,
    seed: int = 0,
    kind: str | None = None,
    limits: Limits = USUAL,
    repair: bool = True,
) -> Verdicts:
    """Judges each formula of a derivation by hand: of a text, or of the file at a path.

    The network is the one in the text, unless `model` or a directive in the text names another. `strict` accepts the
    plain reading only, `seed` chooses the points that are drawn, `kind` is what the text is (`md`, `tex`, `ipynb`)
    where its name does not say so, `limits` how long it may take; `repair` looks for what would hold in the
    place of what fails. Error: DeriveError if the text or the network cannot
    be read, or if that takes too long.
    """
    source = read_source(text) if isinstance(text, Path) else Source("text", text)
    if isinstance(model, str | Path):
        chosen: Model | None = network(model)
    else:
        chosen = None if model is None else model.model
    return Verdicts((judged(source, model=chosen, strict=strict, seed=seed, kind=kind, limits=limits, repair=repair),))


def judged(
    source: Source,
    *,
    model: Model | None = None,
    strict: bool = False,
    seed: int = 0,
    kind: str | None = None,
    limits: Limits = USUAL,
    repair: bool = True,
) -> FileReport:
    """The same for one text that was read already."""
    document = read_document(source, kind)
    if model is None:
        chosen = directed(document)
        origin = f"directive: model={document.directives.get('model')}"
    else:
        chosen = model
        origin = f"given: {model.name}"
    report = check_document(
        document, model=chosen, strict=strict, seed=seed, limits=limits, mend=mender() if repair else None
    )
    if chosen is None or report.model is None:
        return report
    return replace(report, model=replace(report.model, origin=origin, equations=equations(chosen)))


def mender() -> Mend:
    """What looks for repairs; imported only where something is to be mended."""

    def mend(cases: Sequence[Case], judged: Sequence[Judged]) -> Sequence[Judged]:
        if all(case.finding is None or case.finding.verdict == HOLDS for case in cases):
            return judged
        from derive.repair.remedy import Mender

        return Mender()(cases, judged)

    return mend


def equations(model: Model) -> tuple[str, ...]:
    """LaTeX of a network's equations, the loss last."""
    from derive.render.printer import latex

    return tuple(f"{latex(each.left)} = {latex(each.right)}" for each in (*model.equations, model.loss))


def network(name: str | Path, activation: str = "f") -> Model:
    """A network by name, or from a file of the user's own. Error: DeriveError saying what is wrong and where."""
    shipped = {path.stem: path for path in resources.networks()}
    path = shipped.get(str(name), Path(name))
    if not path.is_file():
        raise DeriveError(f"{shortened(str(name))} is neither a known network nor a file", expected=", ".join(shipped))
    return read_file(path, activation)
