"""`derive check` and `check(text)`: texts in, verdicts out, and an exit code that a script can rely on."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import derive
from derive import cli
from derive.book.derivations import KEYS
from derive.commands.judging import FAIL_ON, FORMATS
from derive.errors import DeriveError, Source
from derive.texts.files import MOST, read_source
from tests.render.editor import applied

NETWORK = r"""$$s_t = \tanh(U x_t + W s_{t-1}), \quad o_t = \operatorname{softmax}(V s_t)$$
$$L = \sum_{t=1}^{T} L_t, \quad L_t = -\bar{o}_t^{\top} \log o_t$$
"""
RIGHT = r"$$\frac{\partial L}{\partial V} = \sum_{t=1}^{T} (o_t - \bar{o}_t) s_t^{\top}$$"
WRONG = r"$$\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}(1 - s_t^2) W^{\top}$$"
UNCLEAR = r"$$\frac{\partial L}{\partial W} = s_t \star W$$"
READ = (
    r"$$\frac{\partial L}{\partial W} = \sum_{t=1}^{T} \sum_{k=1}^{t} \frac{\partial L_t}{\partial s_t} "
    r"\left( \prod_{j=k+1}^{t} \frac{\partial s_j}{\partial s_{j-1}} \right) \frac{\partial s_k}{\partial W}$$"
)


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


def write(name, *claims, network=NETWORK):
    """A text with a network in its first two lines and a claim in each of the next."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(network + "\n".join(claims), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("claims", "code", "summary"),
    [
        ([RIGHT, RIGHT], 0, "2 hold"),
        ([RIGHT, READ], 0, "2 hold (1 under a reading)"),
        ([RIGHT, WRONG, UNCLEAR], 1, "1 holds, 1 fails, 1 is not understood"),
        ([RIGHT, UNCLEAR], 3, "1 holds, 1 is not understood"),
        (["prose", "$x_t$"], 3, "There is no claim: nothing was judged."),
    ],
)
def test_the_exit_code_says_what_the_verdicts_are(run, claims, code, summary):
    write("notes.md", *claims)
    assert run("notes.md")[0::2] == (code, "")
    assert run("notes.md")[1].endswith(f"\n\n{summary}\n")


def test_what_holds_is_a_line(run):
    write("notes.md", RIGHT, RIGHT)
    assert run("notes.md")[1] == "notes.md: lines 3, 4 hold\n\n2 hold\n"


def test_what_fails_has_its_numbers(run):
    write("notes.md", "", WRONG)
    head, formula, _, figures, *_ = run("notes.md")[1].split("\n")
    assert head.startswith("notes.md:4:3  fails: the two sides differ: ")
    assert formula == f"    4 | {WRONG.strip('$')}"
    assert all(f"{name} = " in figures for name in ("T", "seed", "left", "right"))


def test_what_is_not_understood_is_underlined(run):
    write("notes.md", UNCLEAR)
    head, formula, carets, *_ = run("notes.md")[1].split("\n")
    assert head.startswith("notes.md:3:3  not understood: ")
    assert formula[carets.index("^") : carets.rindex("^") + 1] == r"\star"


def test_several_files_are_one_report(run):
    write("a.md", RIGHT)
    write("b.tex", "", WRONG.replace("$$", r"\[", 1).replace("$$", r"\]"))
    code, out, _ = run("a.md", "b.tex")
    assert code == 1
    assert out.split("\n")[0] == "a.md: line 3 holds"
    assert "b.tex:4:3  fails" in out
    assert out.endswith("\n\n1 holds, 1 fails\n")


def test_a_notebook_is_a_text(run):
    cell = {"cell_type": "markdown", "metadata": {}, "source": NETWORK + RIGHT}
    Path("notes.ipynb").write_text(json.dumps({"cells": [cell], "nbformat": 4, "metadata": {}}), encoding="utf-8")
    assert run("notes.ipynb")[0] == 0


@pytest.mark.parametrize("bad", ["missing.md", "folder", "latin.md", "bad.ipynb", "null\0.md", "n" * 5000])
def test_an_unreadable_file_hides_no_other(run, bad):
    write("a.md", WRONG)
    write("b.md", RIGHT)
    Path("folder").mkdir()
    Path("latin.md").write_bytes("gradiënt".encode("latin-1"))
    Path("bad.ipynb").write_text("no notebook", encoding="utf-8")
    code, out, err = run("a.md", bad, "b.md")
    assert code == 2
    assert "a.md:3:3  fails" in out
    assert "b.md: line 3 holds" in out
    assert err.startswith("derive: ")
    assert len(err) < 300
    assert "Traceback" not in err


def test_standard_input_is_a_text(run, monkeypatch):
    text = "\n".join((NETWORK + RIGHT, WRONG))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + text.encode())))
    code, out, _ = run("-")
    assert code == 1
    assert "-: line 3 holds\n-:4:3  fails" in out


def test_without_standard_input(run, monkeypatch):
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


def test_strict_is_the_plain_reading_only(run):
    write("a.md", READ)
    assert run("a.md")[0] == 0
    assert "a.md:3:3  holds under a reading: " in run("a.md")[1]
    assert run("a.md", "--strict")[0] in (1, 3)


def test_the_seed_chooses_the_points(run):
    write("a.md", WRONG)
    first, again, other = (run("a.md", "--json", "--seed", seed)[1] for seed in (1, 1, 2))
    assert first == again != other


# Explained and for a program


def test_the_network_is_explained_as_it_is_written(run):
    write("a.md", RIGHT)
    _, out, _ = run("a.md", "--explain")
    head, *rows = [row.split() for row in out.split("\n")]
    assert head == ["a.md:", "the", "network", "(the", "text)"]
    said = {row[0]: (row[1].rstrip(","), row[2]) for row in rows if len(row) > 2}
    assert said["W"] == ("parameter", "n×n")
    assert said["U"] == ("parameter", "n×d")
    assert {symbol: said[symbol][0] for symbol in ("x_t", "s_t", "o_t", r"\bar{o}_t", "L")} == {
        "x_t": "input", "s_t": "state", "o_t": "output", r"\bar{o}_t": "target", "L": "loss",
    }  # fmt: skip
    assert "  line 1  s_t = \\tanh(U x_t + W s_{t-1})\n" in out
    assert "a.md:3:3  holds\n" in out
    assert "exact at random points: T = 1…6, 2 primes, " in out


def test_json_is_one_object(run):
    write("a.md", RIGHT, WRONG)
    code, out, _ = run("a.md", "missing.md", "--json")
    data = json.loads(out)
    assert code == 2
    assert [file["path"] for file in data["files"]] == ["a.md"]
    del data["summary"]["other"]
    assert data["summary"] == {"holds": 1, "fails": 1, "not_understood": 0}


def paths(data, above=""):
    """Each key of nested objects by its path; a list is what it holds."""
    for key, value in data.items():
        yield f"{above}{key}"
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict) and key != "evidence":
                yield from paths(inner, f"{above}{key}.")


def test_json_has_the_keys_that_are_documented_and_no_other(run):
    write("a.md", RIGHT, WRONG, UNCLEAR)
    found = set(paths(json.loads(run("a.md", "--json")[1])))
    assert found <= {key for key, _ in KEYS}
    missing = {key for key, _ in KEYS} - found
    assert all(key.startswith(("files.formulas.repair.", "files.formulas.derived.")) for key in missing)


def test_json_says_where_a_formula_is(run):
    path = write("a.md", RIGHT, UNCLEAR)
    lines = path.read_text(encoding="utf-8").split("\n")
    (file,) = json.loads(run("a.md", "--json")[1])["files"]
    for formula in file["formulas"]:
        assert lines[formula["line"] - 1][formula["column"] - 1 :].startswith(formula["latex"])
        at = formula["at"]
        assert at is None or formula["latex"][at["start"] : at["end"]] == at["text"]


def test_the_macros_of_a_text_stay_in_what_is_shown_of_it(run):
    macro = "\\newcommand{\\pd}[2]{\\frac{\\partial #1}{\\partial #2}}\n"
    write("a.md", r"$$\pd{L}{V} = \sum_t (o_t - \bar{o}_t) s_t^{\top}$$", UNCLEAR, network=macro + NETWORK)
    (file,) = json.loads(run("a.md", "--json")[1])["files"]
    (claim,) = [formula for formula in file["formulas"] if formula["line"] == 4]
    assert claim["verdict"] == "holds"
    assert claim["latex"].startswith(r"\pd{L}{V} = ")


# In other forms


def test_json_is_the_short_form_of_a_format(run):
    write("a.md", RIGHT, WRONG)
    assert run("a.md", "--json") == run("a.md", "--format", "json")


def test_sarif_marks_the_formula_in_the_file(run):
    line = f"A formula after 😀 and 𝒲: {WRONG}"
    write("a b.md", RIGHT, line)
    code, out, _ = run("a b.md", "--format", "sarif")
    (log,) = json.loads(out)["runs"]
    (result,) = log["results"]
    place = result["locations"][0]["physicalLocation"]
    region = place["region"]
    marked = region["snippet"]["text"]
    assert code == 1
    assert place["artifactLocation"]["uri"] == "a%20b.md"
    assert place["contextRegion"]["snippet"]["text"] == WRONG.strip("$")
    assert (region["startLine"], region["startColumn"]) == (
        4,
        line.index(marked) + 2 + 1,
    )  # 😀 and 𝒲 are two units each


def test_a_fix_in_sarif_makes_a_text_that_holds(run):
    path = write("a.md", RIGHT, f"So 😀 {WRONG} is false.")
    (log,) = json.loads(run("a.md", "--format", "sarif")[1])["runs"]
    (result,) = log["results"]
    path.write_text(applied(path.read_text(encoding="utf-8"), result["fixes"][0]), encoding="utf-8")
    assert run("a.md")[0::2] == (0, "")


def test_github_gets_a_command_for_each_place(run):
    write("a.md", RIGHT, WRONG, UNCLEAR)
    code, out, err = run("a.md", "missing.md", "--format", "github")
    fails, unclear, missing, summary = out.rstrip("\n").split("\n")
    assert (code, err) == (2, "")
    assert fails.startswith("::error file=a.md,line=4,endLine=4,col=")
    assert unclear.startswith("::warning file=a.md,line=5,endLine=5,col=")
    assert missing.startswith("::error file=missing.md,")
    assert summary == "1 holds, 1 fails, 1 is not understood"


def test_html_is_a_page(run):
    write("a.md", RIGHT, WRONG)
    code, out, _ = run("a.md", "--format", "html")
    assert code == 1
    assert out.startswith("<!doctype html>")
    assert "<title>a.md: 1 holds, 1 fails</title>" in out


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_goes_into_a_file_whole(run, form):
    write("a.md", RIGHT, WRONG)
    _, shown, _ = run("a.md", "--format", form)
    code, out, err = run("a.md", "--format", form, "--out", "report", "--colour", "auto")
    assert (code, out, err) == (1, "report: 1 holds, 1 fails\n", "")
    assert Path("report").read_text(encoding="utf-8") == shown


def test_a_file_that_cannot_be_written_is_an_error(run):
    write("a.md", RIGHT)
    code, out, err = run("a.md", "--out", "no/report")
    assert (code, out) == (2, "")
    assert err.startswith("derive: no/report cannot be written")


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_that_is_not_read_is_told_in_each_form(run, form):
    write("a.md", RIGHT)
    code, out, err = run("a.md", "missing.md", "--format", form)
    assert code == 2
    assert "missing.md cannot be read" in (err if form in ("text", "json") else out)
    assert run("missing.md", "--format", form)[0] == 2


@pytest.mark.parametrize("form", FORMATS)
def test_a_name_that_is_no_text_is_no_crash(run, form):
    name = os.fsdecode(b"gradi\xebnt.md")
    write(name, WRONG)
    code, _, err = run(name, "--format", form, "--out", "report")
    assert (code, err) == (1, "")
    assert Path("report").read_text(encoding="utf-8")


# What makes the exit code


@pytest.mark.parametrize(
    ("claims", "codes"),
    [
        ([RIGHT], (0, 0, 0, 0)),
        ([WRONG, UNCLEAR], (0, 1, 1, 1)),
        ([RIGHT, UNCLEAR], (0, 0, 3, 3)),
        (["no claim"], (0, 0, 0, 3)),
    ],
)
def test_what_is_a_reason_to_fail_is_chosen(run, claims, codes):
    write("a.md", *claims)
    assert FAIL_ON == ("nothing", "fails", "not-understood", "no-claim")
    assert tuple(run("a.md", "--fail-on", reason)[0] for reason in FAIL_ON) == codes
    assert run("a.md")[0] == codes[-1]


def test_a_file_that_is_not_read_is_always_a_reason(run):
    write("a.md", RIGHT)
    assert [run("a.md", "missing.md", "--fail-on", reason)[0] for reason in FAIL_ON] == [2, 2, 2, 2]


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
def test_colours_where_they_are_wanted(run, monkeypatch, arguments, environment, terminal, coloured):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    write("a.md", WRONG)
    assert ("\x1b[" in run("a.md", *arguments)[1]) == coloured


# Which network


OWN = r"""x_t \in \mathbb{R}^{d}, s_0 \in \mathbb{R}^{n}, v \in \mathbb{R}^{n}, U \in \mathbb{R}^{n \times d}
s_t = f(U x_t + s_{t-1})
L = \sum_{t=1}^{T} v^{\top} s_t
"""
OF_OWN = r"$$\frac{\partial L}{\partial v} = \sum_{t=1}^{T} s_t$$"
OF_LSTM = r"$$\frac{\partial c_t}{\partial f_t} = \operatorname{diag}(c_{t-1})$$"


def test_a_text_with_claims_only_is_judged_by_a_network_that_is_given(run):
    write("a.md", RIGHT, network="")
    assert run("a.md", "--model", "elman")[0] == 0
    code, out, _ = run("a.md", "--model", "elman", "--explain")
    assert code == 0
    assert out.startswith("a.md: the network (given: elman)\n")
    assert "  s_t  " in out
    assert "  s_t = f(U x_t + W s_{t-1})\n" in out
    write("a.md", WRONG, network="")
    assert run("a.md", "--model", "elman")[0] == 1


def test_a_text_names_its_network(run):
    write("a.md", OF_LSTM, network="<!-- derive: model=lstm -->\n")
    assert run("a.md")[0] == 0
    assert run("a.md", "--model", "elman")[0] != 0
    assert json.loads(run("a.md", "--json")[1])["files"][0]["model"]["origin"] == "directive: model=lstm"


def test_a_text_names_a_file_beside_it(run):
    Path("notes").mkdir()
    Path("notes/own.tex").write_text(OWN, encoding="utf-8")
    write("notes/a.tex", OF_OWN, network="% derive: model=own.tex\n")
    assert run("notes/a.tex")[0] == 0


@pytest.mark.parametrize("named", ["lstn", "../own.tex", "/etc/passwd", "{folder}/own.tex", "secret.txt", "\0.tex"])
def test_a_network_that_a_text_may_not_name(run, tmp_path, named):
    Path("own.tex").write_text(OWN, encoding="utf-8")
    write("notes/a.md", RIGHT, network=f"some words\n<!-- derive: model={named.format(folder=tmp_path)} -->\n")
    Path("notes/secret.txt").write_text("secret", encoding="utf-8")
    write("b.md", RIGHT)
    code, out, err = run("notes/a.md", "b.md")
    assert code == 2
    assert "b.md: line 3 holds" in out
    assert err.startswith("derive: notes/a.md:2:20: there is no network")
    assert "secret\n" not in err


def test_an_error_commands_no_terminal(run):
    write("a.md", network="<!-- derive: model=\x1b[2J -->")
    code, _, err = run("a.md")
    assert code == 2
    assert "\x1b" not in err


def test_a_network_of_a_text_that_is_not_understood_is_an_error_in_that_file(run):
    Path("bad.tex").write_text("s_t = f(\n", encoding="utf-8")
    write("a.md", RIGHT, network="<!-- derive: model=bad.tex -->\n")
    code, _, err = run("a.md")
    assert code == 2
    assert err.startswith("derive: bad.tex:1:")


def test_a_network_that_is_not_there(run):
    write("a.md", RIGHT)
    code, out, err = run("a.md", "--model", "lstn")
    assert (code, out) == (2, "")
    assert "lstn" in err
    assert "lstm" in err


# In Python


def test_a_text_is_checked():
    found = derive.check("\n".join((NETWORK + RIGHT, WRONG)), strict=True, seed=3, kind="md")
    assert [claim.verdict for claim in found.claims] == ["holds", "fails"]
    assert found.exit_code == 1
    assert found.as_dict()["summary"]["fails"] == 1
    assert str(found).endswith("1 holds, 1 fails")
    assert found.files[0].model.origin == "the text"
    assert "<table>" in found._repr_html_()


def test_a_path_is_checked(tmp_path):
    path = write(tmp_path / "a.md", RIGHT)
    assert derive.check(path).files[0].path == str(path)
    with pytest.raises(DeriveError, match="cannot be read"):
        derive.check(tmp_path / "missing.md")


def test_the_network_is_given_by_name_by_path_or_itself(tmp_path):
    own = tmp_path / "own.tex"
    own.write_text(OWN, encoding="utf-8")
    for model, claim in (("lstm", OF_LSTM), (own, OF_OWN), (derive.load("elman"), RIGHT)):
        assert derive.check(claim, model=model).exit_code == 0


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


def test_checking_waits_for_nothing_that_derives_or_draws(tmp_path):
    path = write(tmp_path / "a.md", RIGHT)
    code = (
        "import sys; from derive import cli\n"
        f"assert cli.main(['check', {str(path)!r}]) == 0\n"
        "needless = {'derive.gradients', 'derive.book', 'matplotlib', 'mkdocs', 'jinja2', 'math_core', 'watchdog'}\n"
        "assert not needless & set(sys.modules), needless & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_source_keeps_its_lines(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbfa\r\n$b$")
    assert read_source(path) == Source(str(path), "a\r\n$b$")
