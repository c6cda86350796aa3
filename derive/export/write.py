"""The folder that `derive export` makes: a file for each formula, all as commands, an index, and a document of all."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from derive.errors import DeriveError
from derive.export.snippets import Snippet
from derive.models.model import Model
from derive.render.environment import environment
from derive.render.forms import formula_latex
from derive.render.mathml import mathml
from derive.version import __version__

LICENCE = {"name": "CC0-1.0", "says": "What is exported is free to use for anything, without asking or naming."}
SUFFIX = {"latex": "tex", "markdown": "md", "unicode": "txt", "json": "json", "mathml": "mml"}
INDEX = "index.json"


def write_folder(model: Model, snippets: Sequence[Snippet], out: Path, kind: str = "latex") -> tuple[Path, ...]:
    """Write the files into `out`, all or none; files of an earlier export are replaced, others are left alone.

    Error: DeriveError where the folder cannot be written.
    """
    texts = files(model, snippets, kind)
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
        raise DeriveError(f"{out} cannot be written: {error.strerror or error}") from None
    return tuple(out / name for name in texts)


def files(model: Model, snippets: Sequence[Snippet], kind: str) -> Mapping[str, str]:
    """The text of each file by its name."""
    suffix = SUFFIX[kind]
    texts = {f"{snippet.name}.{suffix}": text_of(snippet, kind) for snippet in snippets}
    if kind == "latex":
        shared = {"title": " ".join(model.title.split()), "snippets": snippets, "version": __version__}
        texts["macros.tex"] = environment().get_template("export/macros.tex.j2").render(**shared)
        texts["all.tex"] = environment().get_template("export/all.tex.j2").render(**shared)
    texts[INDEX] = index(model, snippets, kind)
    return texts


def text_of(snippet: Snippet, kind: str) -> str:
    """One formula in one format, with what speaks for it."""
    if kind == "latex":
        return environment().get_template("export/formula.tex.j2").render(snippet=snippet, version=__version__)
    lines = list(snippet.evidence)
    if kind == "markdown":
        return "\n\n".join([f"$$\n{snippet.latex}\n$$", *(f"- {line}" for line in lines)]) + "\n"
    if kind == "mathml":
        return "\n".join([*(f"<!-- {line} -->" for line in lines), mathml(snippet.latex)]) + "\n"
    if kind == "json":
        return json.dumps(described(snippet, kind), ensure_ascii=False, indent=2) + "\n"
    shown = snippet.checked.unicode() if snippet.checked is not None else snippet.latex
    return "\n".join([shown, *lines]) + "\n"


def index(model: Model, snippets: Sequence[Snippet], kind: str) -> str:
    """What there is, as JSON: for each formula its file, its label, its LaTeX, and what speaks for it."""
    found = {
        "cell": model.name,
        "title": model.title,
        "source": model.reference,
        "made_by": f"derive {__version__}",
        "licence": LICENCE,
        "formulas": [{"file": f"{snippet.name}.{SUFFIX[kind]}", **described(snippet, kind)} for snippet in snippets],
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def described(snippet: Snippet, kind: str) -> dict[str, object]:
    named = {"label": snippet.label, "command": snippet.command} if kind == "latex" else {}
    answer = snippet.checked
    about: dict[str, object] = {"name": snippet.name, "about": snippet.about, **named, "latex": snippet.latex}
    if answer is None:
        return {**about, "evidence": "given, not derived"}
    question = answer.form.question
    return {
        **about,
        "form": answer.form.kind,
        "by": str(question.by),
        "steps": question.steps,
        "formulas": [formula_latex(formula) for formula in answer.form.formulas],
        "evidence": [evidence.as_dict() for evidence in answer.evidence],
    }
