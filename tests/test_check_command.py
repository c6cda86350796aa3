"""`derive check` and `check(text)`: texts in, verdicts out, and an exit code that a script can rely on."""

import io
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import derive
from derive import api, cli
from derive.errors import DeriveError, Source
from derive.texts.document import Document
from derive.texts.files import MOST, read_source
from derive.verify.report import FileReport, Judged, Understood

VERDICTS = {"right": "holds", "wrong": "fails", "unclear": "not-understood"}


class Engine:
    """Stands for the reader and the judge: each line of a text that is the name of a verdict is a claim."""

    def __init__(self):
        self.asked = []

    def read_document(self, source, kind=None):
        self.kind = kind
        if "unreadable" in source.text:
            raise DeriveError("this is no text")
        named = [line.partition("model=")[2] for line in source.text.split("\n") if "derive: model=" in line]
        return Document(source, (), {"model": named[0].removesuffix(" -->")} if named else {})

    def check_document(self, document, *, model=None, strict=False, seed=0):
        self.asked.append((model and model.name, strict, seed))
        lines = enumerate(document.source.text.split("\n"), 1)
        formulas = tuple(Judged(n, 1, line, "claim", VERDICTS[line]) for n, line in lines if line in VERDICTS)
        return FileReport(document.source.name, Understood("the text", (), ()), formulas)


@pytest.fixture
def engine(monkeypatch):
    found = Engine()
    for module, name in (("derive.texts.read", "read_document"), ("derive.verify.check", "check_document")):
        stand_in = ModuleType(module)
        setattr(stand_in, name, getattr(found, name))
        monkeypatch.setitem(sys.modules, module, stand_in)
    return found


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Runs `derive check` in a folder of its own; gives its exit code, what it printed, and what it complained of."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        try:
            code = cli.main(["check", *map(str, arguments)])
        except SystemExit as stop:
            code = stop.code
        return code, *capsys.readouterr()

    return command


def write(name, text):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "code", "summary"),
    [
        ("right\nright", 0, "2 hold"),
        ("right\nwrong\nunclear", 1, "1 holds, 1 fails, 1 is not understood"),
        ("right\nunclear", 3, "1 holds, 1 is not understood"),
        ("prose", 3, "There is no claim: nothing was judged."),
    ],
)
def test_the_exit_code_says_what_the_verdicts_are(engine, run, text, code, summary):
    write("notes.md", text)
    assert run("notes.md")[0::2] == (code, "")
    assert run("notes.md")[1].endswith(f"\n\n{summary}\n")


def test_several_files_are_one_report(engine, run):
    write("a.md", "right")
    write("b.tex", "\nwrong")
    code, out, _ = run("a.md", "b.tex")
    assert code == 1
    assert out.split("\n")[0] == "a.md: line 1 holds"
    assert "b.tex:2:1  fails" in out


@pytest.mark.parametrize("bad", ["missing.md", "folder", "latin.md", "unreadable.md", "null\0.md", "n" * 5000])
def test_an_unreadable_file_hides_no_other(engine, run, bad):
    write("a.md", "wrong")
    write("b.md", "right")
    Path("folder").mkdir()
    Path("latin.md").write_bytes("gradiënt".encode("latin-1"))
    write("unreadable.md", "unreadable")
    code, out, err = run("a.md", bad, "b.md")
    assert code == 2
    assert "a.md:1:1  fails" in out
    assert "b.md: line 1 holds" in out
    assert err.startswith("derive: ")
    assert len(err) < 300
    assert "Traceback" not in err


def test_standard_input_is_a_text(engine, run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfright\nwrong")))
    code, out, _ = run("-")
    assert code == 1
    assert "-: line 1 holds\n-:2:1  fails" in out


def test_without_standard_input(engine, run, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    assert run("-")[0::2] == (2, "derive: there is no standard input\n")


def test_a_file_without_an_end(tmp_path):
    if not Path("/dev/zero").exists():
        pytest.skip("no endless file here")
    with pytest.raises(DeriveError, match="too long") as error:
        read_source(Path("/dev/zero"))
    assert str(MOST // 2**20) in str(error.value)


@pytest.mark.parametrize("arguments", [[], ["a.md", "--seed", "x"], ["a.md", "--colour", "red"], ["--nope", "a.md"]])
def test_usage(run, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "usage: derive" in err


def test_help_explains_the_exit_codes(run):
    code, out, _ = run("--help")
    assert code == 0
    assert "exit code: 0 all claims hold" in out


def test_options_reach_the_judge(engine, run):
    write("a.md", "right")
    run("a.md")
    run("a.md", "--model", "lstm", "--strict", "--seed", "7")
    assert engine.asked == [(None, False, 0), ("lstm", True, 7)]


def test_json_is_one_object(engine, run):
    write("a.md", "right\nwrong")
    code, out, _ = run("a.md", "missing.md", "--json")
    data = json.loads(out)
    assert code == 2
    assert [file["path"] for file in data["files"]] == ["a.md"]
    assert data["summary"] == {"holds": 1, "fails": 1, "not_understood": 0, "other": 0}


# In colour


@pytest.mark.parametrize(
    ("arguments", "environment", "terminal", "coloured"),
    [
        ([], {}, True, True),
        ([], {}, False, False),
        ([], {"NO_COLOR": "1"}, True, False),
        ([], {"NO_COLOR": ""}, True, True),
        ([], {"TERM": "dumb"}, True, False),
        (["--colour", "always"], {"NO_COLOR": "1"}, False, True),
        (["--colour", "never"], {}, True, False),
    ],
)
def test_colours_where_they_are_wanted(engine, run, monkeypatch, arguments, environment, terminal, coloured):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    write("a.md", "wrong")
    assert ("\x1b[" in run("a.md", *arguments)[1]) == coloured


# Which network


OWN = r"""x_t \in \mathbb{R}^{d}, s_0 \in \mathbb{R}^{n}, v \in \mathbb{R}^{n}, U \in \mathbb{R}^{n \times d}
s_t = f(U x_t + s_{t-1})
L = \sum_{t=1}^{T} v^{\top} s_t
"""


def test_a_text_names_its_network(engine, run):
    write("a.md", "<!-- derive: model=lstm -->\nright")
    assert run("a.md")[0] == 0
    assert run("a.md", "--model", "elman")[0] == 0
    assert [name for name, *_ in engine.asked] == ["lstm", "elman"]


def test_a_text_names_a_file_beside_it(engine, run):
    write("notes/own.tex", OWN)
    write("notes/a.tex", "% derive: model=own.tex\nright")
    assert run("notes/a.tex")[0] == 0
    assert engine.asked[0][0] == "own"


@pytest.mark.parametrize("named", ["lstn", "../own.tex", "/etc/passwd", "{folder}/own.tex", "secret.txt", "\0.tex"])
def test_a_network_that_a_text_may_not_name(engine, run, tmp_path, named):
    write("own.tex", OWN)
    write("notes/secret.txt", "secret")
    write("notes/a.md", f"some words\n<!-- derive: model={named.format(folder=tmp_path)} -->\nright")
    write("b.md", "right")
    code, out, err = run("notes/a.md", "b.md")
    assert code == 2
    assert "b.md: line 1 holds" in out
    assert err.startswith("derive: notes/a.md:2:20: there is no network")
    assert "secret\n" not in err


def test_an_error_commands_no_terminal(engine, run):
    write("a.md", "<!-- derive: model=\x1b[2J -->")
    code, _, err = run("a.md")
    assert code == 2
    assert "\x1b" not in err


def test_a_network_of_a_text_that_is_not_understood_is_an_error_in_that_file(engine, run):
    write("bad.tex", "s_t = f(\n")
    write("a.md", "<!-- derive: model=bad.tex -->\nright")
    code, _, err = run("a.md")
    assert code == 2
    assert err.startswith("derive: bad.tex:1:")


def test_a_network_that_is_not_there(engine, run):
    write("a.md", "right")
    code, out, err = run("a.md", "--model", "lstn")
    assert (code, out) == (2, "")
    assert "lstn" in err
    assert "lstm" in err


def test_the_report_says_where_the_network_is_from(engine):
    assert api.check("right").files[0].model.origin == "the text"
    assert api.check("right", model="lstm").files[0].model.origin == "given: lstm"
    assert api.check("<!-- derive: model=lstm -->").files[0].model.origin == "directive: model=lstm"


# In Python


def test_a_text_is_checked(engine):
    found = derive.check("right\nwrong", strict=True, seed=3, kind="tex")
    assert [formula.verdict for formula in found.files[0].formulas] == ["holds", "fails"]
    assert found.exit_code == 1
    assert found.as_dict()["summary"]["fails"] == 1
    assert str(found).endswith("1 holds, 1 fails")
    assert "<table>" in found._repr_html_()
    assert (engine.asked, engine.kind) == ([(None, True, 3)], "tex")


def test_a_path_is_checked(engine, tmp_path):
    path = tmp_path / "a.md"
    path.write_text("right", encoding="utf-8")
    assert derive.check(path).files[0].path == str(path)
    with pytest.raises(DeriveError, match="cannot be read"):
        derive.check(tmp_path / "missing.md")


def test_the_network_is_given_by_name_by_path_or_itself(engine, tmp_path):
    own = tmp_path / "own.tex"
    own.write_text(OWN, encoding="utf-8")
    for model in ("lstm", own, derive.load("elman")):
        derive.check("right", model=model)
    assert [name for name, *_ in engine.asked] == ["lstm", "own", "elman"]


def test_check_is_a_function_and_help_needs_no_sympy():
    code = (
        "import sys, derive.verify.report, derive; from derive import cli\n"
        "assert 'sympy' not in sys.modules\n"
        "try: cli.main(['check', '--help'])\n"
        "except SystemExit: pass\n"
        "assert 'sympy' not in sys.modules\n"
        "assert callable(derive.check)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_source_keeps_its_lines(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbfa\r\n$b$")
    assert read_source(path) == Source(str(path), "a\r\n$b$")
