"""What `derive export` writes: names that stay, files that a paper reads, an index that says what speaks for each."""

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from derive import api
from derive.errors import DeriveError, Source
from derive.evidence.evidence import summary
from derive.export.snippets import Snippet, snippets
from derive.export.write import SUFFIX, files, write_folder
from derive.reader.parse import parse
from tests.networks import CLOSELY

CELLS = pytest.mark.parametrize("cell", CLOSELY)
FORMATS = pytest.mark.parametrize("kind", SUFFIX)


@cache
def exported(cell: str) -> tuple[Snippet, ...]:
    return snippets(api.load(cell).model, (None, 2))


def test_the_names_stay():
    """A paper that reads them must not break: a name is changed only with a line in the changelog."""
    gradients = [f"{by}-{form}{steps}" for steps in ("", "-T2") for by in "UWV" for form in api.FORMS]
    jacobians = ["jacobian-state", "jacobian-propagation", "jacobian-local"]
    assert [s.name for s in exported("elman")] == ["equations", "definition-a", "definition-z", *jacobians, *gradients]
    assert exported("elman")[-1].label == "eq:elman-V-component-T2"
    assert exported("elman")[-1].command == r"\ElmanVComponentTTwo"


@CELLS
def test_names_labels_and_commands_are_unique_and_tex_takes_them(cell):
    found = exported(cell)
    for kind in ("name", "label", "command"):
        assert len({getattr(snippet, kind) for snippet in found}) == len(found)
    assert all(re.fullmatch(r"\\[A-Za-z]+", snippet.command) for snippet in found)
    assert all(re.fullmatch(r"[\w-]+", snippet.name, flags=re.ASCII) for snippet in found)


@CELLS
def test_each_formula_is_in_a_file_with_what_speaks_for_it(cell):
    texts = files(api.load(cell).model, exported(cell), "latex")
    for snippet in exported(cell):
        text = texts[f"{snippet.name}.tex"]
        assert snippet.latex in text
        assert f"\\label{{{snippet.label}}}" in text
        assert "CC0" in text
        assert all(f"% {line}\n" in text for line in snippet.evidence)
        assert "documentclass" not in text
        assert snippet.checked is None or summary(snippet.checked.evidence) == snippet.evidence
        assert f"\\providecommand{{{snippet.command}}}" in texts["macros.tex"]
        assert f"\\input{{{snippet.name}}}" in texts["all.tex"]


@CELLS
@FORMATS
def test_the_index_says_what_there_is(cell, kind, tmp_path):
    model = api.load(cell).model
    written = write_folder(model, exported(cell), tmp_path / "out", kind)
    index = json.loads((tmp_path / "out" / "index.json").read_text(encoding="utf-8"))
    assert index["licence"]["name"] == "CC0-1.0"
    assert {entry["file"] for entry in index["formulas"]} <= {path.name for path in written}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {path.name for path in written}
    derived = [entry for entry in index["formulas"] if "form" in entry]
    assert derived
    assert all(e["word"] == "exact at random points" for entry in derived for e in entry["evidence"])


@CELLS
def test_what_is_exported_can_be_read(cell):
    """By the first stage of the reader, row by row; that it means the same is tested with the reader."""
    for snippet in exported(cell):
        for formula in snippet.checked.as_dict()["formulas"] if snippet.checked else ():
            assert parse(Source(snippet.name, formula["latex"]))


@pytest.mark.parametrize("cell", ["elman", "lstm"])
def test_the_document_compiles(cell, tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex on this machine: that the files compile is not tested")
    write_folder(api.load(cell).model, exported(cell), tmp_path)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    for _ in range(2):
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
        assert run.returncode == 0, run.stdout[-2000:]
    assert re.search(r"Output written on all.pdf \(\d+ pages", run.stdout)
    assert "undefined" not in run.stdout
    assert "multiply defined" not in run.stdout
    assert "Overfull \\hbox" not in run.stdout


def test_the_commands_compile(tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex on this machine: that the commands compile is not tested")
    write_folder(api.load("elman").model, exported("elman"), tmp_path)
    uses = "\n".join(f"\\[ {snippet.command} \\]" for snippet in exported("elman"))
    head = "\\documentclass{article}\n\\usepackage{amsmath}\n\\input{macros}\n"
    text = f"{head}\\begin{{document}}\n{uses}\n\\end{{document}}\n"
    (tmp_path / "paper.tex").write_text(text)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert run.returncode == 0, run.stdout[-2000:]


def test_a_stranger_s_title_stays_text(tmp_path):
    """A cell's title goes into comments of TeX and into JSON: it must not end the comment, nor be run."""
    hostile = "% title: a \\input{/etc/passwd} } \\write18{ls} 100% # & {{7*7}}\n"
    text = Path(api.resources.cells(), "elman.tex").read_text(encoding="utf-8")
    network = api.loads(hostile + "".join(line for line in text.splitlines(True) if not line.startswith("% title")))
    texts = files(network.model, snippets(network.model, (None,), ("chain",)), "latex")
    for name, content in texts.items():
        if name.endswith(".tex"):
            outside = [line for line in content.splitlines() if not line.startswith("%")]
            assert not any("passwd" in line or "write18" in line or "49" in line for line in outside), name


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(DeriveError, match="cannot be written"):
        write_folder(api.load("elman").model, exported("elman"), tmp_path / "file")
    assert (tmp_path / "file").read_text() == "old"
