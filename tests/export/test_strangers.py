r"""Exports of networks that strangers wrote: what TeX would run stays out, names stay apart, nothing is half-written.

Whoever exports such a network compiles the result: a title, a file's name or a name in a formula must be no program.
"""

import json
import re
import shutil
import subprocess

import pytest

from derive.api import loads
from derive.cli import main
from derive.errors import CheckFailed, DeriveError
from derive.evidence.evidence import summary
from derive.export.snippets import Snippet, snippets
from derive.export.write import SUFFIX, files, write_folder
from tests.networks import LOSS, network

OWN = rf"""
x_t \in \mathbb{{R}}^{{d}}, y_t, s_0 \in \mathbb{{R}}^{{n}}
U \in \mathbb{{R}}^{{n \times d}}, WORD \in \mathbb{{R}}^{{n \times n}}
s_t = f(U x_t + WORD s_{{t-1}})
L_t = y_t^{{\top}} s_t
{LOSS}"""
INPUT = r"\input{/etc/passwd}"


def exported(word="W", title="", name="cell"):
    network = loads(f"% title: {title}\n{OWN.replace('WORD', word)}" if title else OWN.replace("WORD", word), name)
    return network.model, snippets(network.model, [None], ["chain"])


def run_by_tex(text):
    """What stands outside of comments: a line of TeX ends at a line feed or a carriage return."""
    return "\n".join(line for line in re.split(r"[\n\r]", text) if not line.startswith("%"))


def compiles(folder):
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    return done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("end", ["\r", "\x0b", "\x0c", "\x85", "\u2028", "^^M", "", "%", "\\\\", "}"])
def test_a_title_does_not_leave_its_comment(end):
    model, found = exported(title=f"mine{end}{INPUT}")
    for name, text in files(model, found, "latex").items():
        if name.endswith(".tex"):
            assert "passwd" not in run_by_tex(text), name
    assert json.loads(files(model, found, "latex")["index.json"])["title"] == model.title


@pytest.mark.parametrize(
    "word",
    [
        rf"W_{{\text{{{INPUT}}}}}",
        rf"W_{{\mathrm{{{INPUT}}}}}",
        r"W_{\text{^^5cinput{/etc/passwd}}}",
        r"W_{\text{a%b}}",
        r"W_{\text{a#1}}",
        r"W_{\text{$\catcode`\%=12$}}",
        r"W_{\text{a_b}}",
        r"W_{\text{a & b}}",
        r"\operatorname{\jobname}",
        r"\operatorname{\csname input\endcsname}",
        "\\operatorname{a%\n\\input{/etc/passwd}\n}",
    ],
)
def test_a_name_that_tex_would_run_is_refused(word):
    """By the reader or by the export: a sentence, and no file."""
    with pytest.raises(DeriveError) as caught:
        exported(word)
    assert not isinstance(caught.value, CheckFailed)


@pytest.mark.parametrize("word", ["W", r"\mathbf{W}", r"\tilde{W}", r"W_{\text{rec}}", r"\Omega", r"W_{h,h}", "W'"])
def test_names_as_people_have_them_are_exported(word):
    model, found = exported(word)
    assert found[-1].latex
    assert files(model, found, "latex")


def test_what_is_not_shown_in_a_formula_is_not_exported():
    model, found = exported(rf"W_{{\phantom{{{INPUT}}} a}}")
    assert not any(INPUT in text for name, text in files(model, found, "latex").items() if name.endswith(".tex"))


def test_what_is_said_of_a_formula_is_one_line():
    with pytest.raises(ValueError, match="one line"):
        Snippet("cell", "W-chain", f"a\n{INPUT}", "W")
    with pytest.raises(ValueError, match="no name"):
        Snippet("a cell", "W-chain", "a gradient", "W")


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("a network of mine", "a-network-of-mine"),
        (rf"x}}{INPUT}%", "x-input-etc-passwd"),
        ("a\nb", "a-b"),
        ("网络", "network"),
        ("_", "_"),
        ("", "network"),
    ],
)
def test_a_file_s_name_becomes_a_label(name, cell):
    model, found = exported(name=name)
    assert {snippet.label for snippet in found} >= {f"eq:{cell}-equations", f"eq:{cell}-U-chain"}
    assert all(re.fullmatch(r"\\[A-Za-z]+", snippet.command) for snippet in found)
    texts = [text for file, text in files(model, found, "latex").items() if file.endswith(".tex")]
    assert not any(INPUT in run_by_tex(text) for text in texts)


def test_a_stranger_s_document_compiles(tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex on this machine: that a stranger's network compiles is not tested")
    title = rf"100 % of \mine{{ {INPUT} \end{{document}} # $ & _ ^ 网络"
    model, found = exported(r"W_{\text{rec}}", title, rf"x}}{INPUT} % #1 网络")
    write_folder(model, found, tmp_path)
    done, said = compiles(tmp_path)
    assert done, said


ALIKE = rf"""
x_t, y_t, s_0 \in \mathbb{{R}}^{{n}}
W, W', W_f, W_F, W_{{ab}}, W_{{a,b}}, w_f \in \mathbb{{R}}^{{n \times n}}
s_t = f(W x_t + W' s_{{t-1}} + W_f s_{{t-1}} + W_F x_t + W_{{ab}} x_t + W_{{a,b}} s_{{t-1}} + w_f s_{{t-1}})
L_t = y_t^{{\top}} s_t
{LOSS}"""


def test_names_that_are_alike_are_told_apart():
    """Also where letters are not told from capitals, as in file names and commands."""
    model = loads(ALIKE).model
    found = snippets(model, [None], ["chain"])
    names = [snippet.name for snippet in found if snippet.name.endswith("-chain")]
    assert names == ["W-chain", "Wprime-chain", "W_f-chain", "W_F-2-chain", "W_ab-chain", "W_ab-2-chain", "w_f-3-chain"]
    for kind in ("name", "label", "command"):
        assert len({getattr(snippet, kind).casefold() for snippet in found}) == len(found)


# The folder.


@pytest.fixture(scope="module")
def small():
    """The network and a few of its snippets."""
    model = network("scalar").model
    return model, snippets(model, [None], ["delta"])


@pytest.mark.parametrize("kind", SUFFIX)
def test_each_format_says_what_speaks_for_a_formula(small, kind):
    model, found = small
    texts = files(model, found, kind)
    index = json.loads(texts["index.json"])
    assert index["licence"] == {"name": "CC0-1.0", "says": index["licence"]["says"]}
    assert [entry["name"] for entry in index["formulas"]] == [snippet.name for snippet in found]
    for snippet, entry in zip(found, index["formulas"], strict=True):
        text = texts[entry["file"]]
        assert entry["file"] == f"{snippet.name}.{SUFFIX[kind]}"
        begins = {"latex": "% ", "markdown": "$$\n", "mathml": "<", "json": "{"}.get(kind, "")
        assert text.startswith(begins)
        assert text.endswith("\n")
        if snippet.checked is None:
            assert entry["evidence"] == "given, not derived"
        elif kind != "json":
            assert all(line in text for line in summary(snippet.checked.evidence))
    assert {"all.tex", "macros.tex"} & set(texts) == ({"all.tex", "macros.tex"} if kind == "latex" else set())


def test_an_earlier_export_is_replaced_and_other_files_stay(small, tmp_path):
    model, found = small
    (tmp_path / "paper.tex").write_text("mine")
    (tmp_path / "all.tex").write_text("old")
    first = {path: path.read_text(encoding="utf-8") for path in write_folder(model, found, tmp_path)}
    assert {path: path.read_text(encoding="utf-8") for path in write_folder(model, found, tmp_path)} == first
    assert (tmp_path / "paper.tex").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in first} | {"paper.tex"}


def test_nothing_is_written_where_a_folder_stands_in_the_way(small, tmp_path):
    model, found = small
    (tmp_path / f"{found[-1].name}.tex").mkdir()
    with pytest.raises(DeriveError, match="cannot be written"):
        write_folder(model, found, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"{found[-1].name}.tex"]


def test_nothing_is_half_written_when_the_disk_is_full(small, tmp_path, monkeypatch):
    model, found = small
    (tmp_path / "all.tex").write_text("old")
    written = []

    def full(path, text, **options):
        written.append(path)
        if len(written) > 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(DeriveError, match="No space left on device"):
        write_folder(model, found, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["all.tex"]
    assert (tmp_path / "all.tex").read_text() == "old"


def test_on_the_command_line_a_hostile_network_leaves_no_file(tmp_path, capsys):
    (tmp_path / "cell.tex").write_text(OWN.replace("WORD", rf"W_{{\text{{{INPUT}}}}}"), encoding="utf-8")
    assert main(["export", str(tmp_path / "cell.tex"), "--out", str(tmp_path / "out"), "--steps", "T"]) == 2
    assert capsys.readouterr().err.startswith("derive: ")
    assert [path.name for path in tmp_path.iterdir()] == ["cell.tex"]
