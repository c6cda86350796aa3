"""The command line: its own examples run, its numbers and names are checked, its output is JSON, LaTeX or lines."""

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from derive import api
from derive.cli import EXAMPLES, main
from tests.networks import CLOSELY

LINES = [line.strip().split("  ")[0] for line in EXAMPLES.splitlines() if line.strip().startswith("derive ")]
OWN = r"""% title: 自己的网络
x_t \in \mathbb{R}^{d}, s_0 \in \mathbb{R}^{n}, v \in \mathbb{R}^{n}
U \in \mathbb{R}^{n \times d}, W \in \mathbb{R}^{n \times n}
s_t = f(U x_t + W s_{t-1})
L_t = v^{\top} s_t
L = \sum_{t=1}^{T} L_t
"""
NOTES = r"""With $a_t = U x_t + W s_{t-1}$, $s_t = \tanh(a_t)$ and $L = \sum_{t=1}^{T} v^{\top} s_t$,

$$\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}(1 - s_t^2) W$$
"""


@pytest.fixture
def run(capsys):
    """Runs a command; gives its exit code, what it printed, and what it complained of."""

    def command(*arguments):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stop:  # argparse stops by itself
            code = stop.code
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "a folder" / "my network.tex"
    path.parent.mkdir()
    path.write_text(OWN, encoding="utf-8")
    return path


def shell(*arguments, **options):
    start = "from derive.cli import main; raise SystemExit(main())"
    return subprocess.run(
        [sys.executable, "-c", start, *arguments], capture_output=True, text=True, check=False, **options
    )


def test_help_has_examples():
    assert len(LINES) >= 6


@pytest.mark.parametrize("line", [line for line in LINES if not {"build", "serve", "grade"} & set(line.split())])
def test_each_example_of_the_help_runs(line, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_network.tex").write_text(OWN, encoding="utf-8")
    (tmp_path / "notes.md").write_text(NOTES, encoding="utf-8")
    code, out, err = run(*shlex.split(line)[1:])
    assert (code, err) == (0, "")
    assert out.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["show", "--help"],
        ["check", "--help"],
        ["figure", "--help"],
        ["build", "--help"],
        ["cells", "--help"],
        ["--version"],
    ],
)
def test_help_and_version(run, arguments):
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    assert "derive" in out


def test_cells_lists_every_cell(run):
    code, out, err = run("cells")
    assert (code, err) == (0, "")
    for name in api.cells():
        network = api.load(name)
        (line,) = [line for line in out.splitlines() if line.split()[0] == name]
        assert network.model.title in line
        assert all(parameter in line for parameter in network.parameters)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["shwo"],
        ["show"],
        ["show", "elman", "--form", "both"],
        ["show", "elman", "--format", "pdf"],
        ["show", "elman", "--activation", "sin"],
        ["show", "elman", "W", "U"],
        ["--nope"],
    ],
)
def test_a_command_that_is_none(run, arguments):
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert "usage: derive" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "steps", ["0", "-1", "1e9", "abc", "10001", "1.5", "", "٣٣٣٣٣٣", "-T", "t", "9" * 5000, "None", "nan"]
)
@pytest.mark.parametrize("command", [["show", "elman", "W"], ["build"]])
def test_a_number_of_steps_that_is_none(run, command, steps, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    began = time.perf_counter()
    code, out, err = run(*command, f"--steps={steps}")
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) <= 3
    assert len(err) < 400
    assert err.startswith("derive: ")
    assert "step" in err
    assert time.perf_counter() - began < 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("steps", ["1", "2", "6", "7", "10", "T"])
@pytest.mark.parametrize("form", ["chain", "delta"])
def test_a_number_of_steps(run, steps, form):
    code, out, err = run("show", "elman", "W", "--steps", steps, "--form", form)
    assert (code, err) == (0, "")
    assert out.startswith(f"{form} form\n")
    assert "✓" in out


def test_many_steps_are_not_written_out(run):
    code, out, _ = run("show", "elman", "W", "--steps", "10000")
    assert code == 0
    assert len(out) < 3000
    assert "10000" in out


QUANTITIES = [
    "s_t",
    "s_2",
    "s_0",
    "a_t",
    "a_1",
    "o_3",
    "z_t",
    "x_t",
    "x_2",
    "L_t",
    "L_3",
    "W",
    r"\bar{o}_t",
    "o_bar_t",
    "s_{t}",
    r"s_{2}",
]


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("steps", ["T", "3"])
def test_a_quantity_to_differentiate_by(run, quantity, steps):
    code, out, err = run("show", "elman", quantity, "--steps", steps)
    if steps == "3" and quantity in ("s_t", "a_t", "z_t", "x_t", "L_t", r"\bar{o}_t", "o_bar_t", "s_{t}"):
        assert code in (0, 2)
        return
    assert (code, err) == (0, "")
    assert "∂" in out


@pytest.mark.parametrize(
    ("quantity", "steps"),
    [
        ("s_-1", "T"),
        ("s_4", "3"),
        ("L_0", "T"),
        ("x_0", "T"),
        ("a_0", "T"),
        ("s", "T"),
        ("Q", "T"),
        ("", "T"),
        ("W_", "T"),
        ("s_t_t", "T"),
        ("__import__('os')", "T"),
        ("{{7*7}}", "T"),
        ("W" * 10_000, "T"),
        ("\\frac{", "T"),
        ("s_9", "3"),
        ("W_t", "T"),
        ("s_{t+1}", "T"),
        ("s_{t-1}", "T"),
        ("L", "T"),
        ("\x00", "T"),
        ("中", "T"),
        ("s_1.5", "T"),
    ],
)
def test_a_quantity_that_is_none(run, quantity, steps):
    """∂L/∂L is 1 and may be said; whatever else is not there gets a sentence."""
    began = time.perf_counter()
    code, out, err = run("show", "elman", quantity, "--steps", steps)
    assert time.perf_counter() - began < 5
    if code == 0 and quantity in ("L", "s_{t+1}", "s_{t-1}"):
        return
    assert code == 2
    assert out == ""
    assert err.startswith("derive: ")
    assert len(err) < 1000


@pytest.mark.parametrize("arguments", [["s_1000000000000"], ["W", "--of", "L_1000000000000"]])
def test_a_step_that_is_far_away_is_refused_at_once(arguments):
    done = shell("show", "elman", *arguments, timeout=8)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("derive: ")


@pytest.mark.parametrize("of", ["L", "L_t", "L_2", "L_1"])
def test_the_loss_of_one_step(run, of):
    code, out, _ = run("show", "elman", "W", "--of", of, "--steps", "T")
    assert code == 0
    assert out


@pytest.mark.parametrize(
    ("of", "steps"),
    [("s_t", "T"), ("L_0", "T"), ("L_4", "3"), ("W", "T"), ("Q", "T"), ("L_-1", "3"), ("", "T"), ("o_t", "3")],
)
def test_what_is_no_loss(run, of, steps):
    code, out, err = run("show", "elman", "W", f"--of={of}", "--steps", steps)
    assert code == 2
    assert out == ""
    assert err.startswith("derive: ")


@pytest.mark.parametrize(
    ("activation", "value", "prime"),
    [
        ("f", "f′(aₜ) ⊙", "f′(aₜ) ⊙"),
        ("tanh", "(1 - sₜ²) ⊙", "tanh′(aₜ) ⊙"),
        ("sigmoid", "sₜ ⊙ (1 - sₜ) ⊙", "σ′(aₜ) ⊙"),
        ("relu", "𝟏[aₜ > 0] ⊙", "𝟏[aₜ > 0] ⊙"),
        ("identity", "δₜ = Vᵀ", "δₜ = Vᵀ"),
    ],
)
def test_an_activation(run, activation, value, prime):
    for slopes, shown in (("value", value), ("prime", prime)):
        code, out, _ = run("show", "elman", "W", "--form", "delta", "--activation", activation, "--slopes", slopes)
        assert code == 0
        assert shown in out
        assert activation == "f" or "f′" not in out


@pytest.mark.parametrize(("entrywise", "sign"), [("diag", "diag(f′(aₜ)) ("), ("hadamard", "f′(aₜ) ⊙ (")])
def test_diag_or_the_product_entry_by_entry(run, entrywise, sign):
    code, out, _ = run("show", "elman", "W", "--form", "delta", "--entrywise", entrywise)
    assert code == 0
    assert sign in out


@pytest.mark.parametrize("form", api.FORMS)
def test_the_steps_are_shown(run, form):
    code, out, _ = run("show", "elman", "W", "--form", form, "--explain")
    assert code == 0
    assert "how it is reached" in out
    assert "how it is reached" not in run("show", "elman", "W", "--form", form)[1]


@pytest.mark.parametrize("written", ["unicode", "latex", "markdown", "mathml", "json"])
@pytest.mark.parametrize("cell", CLOSELY)
def test_each_format_has_each_form_with_its_evidence(run, cell, written):
    parameter = api.load(cell).parameters[0]
    code, out, err = run("show", cell, parameter, "--format", written, "--explain")
    assert (code, err) == (0, "")
    assert all(form in out.lower() for form in api.FORMS)
    assert "exact at random points" in out
    if written == "mathml":
        assert out.count("<math") == out.count("</math>") > len(api.FORMS)


def test_the_forward_pass_nested(run):
    assert "s₃ = f(U x₃ + W f(U x₂ + W f(U x₁ + W s₀)))\n" in run("show", "elman", "s_3", "--form", "nested")[1]
    for arguments in (("elman",), ("elman", "W"), ("elman", "s_t"), ("lstm", "h_9")):
        code, out, err = run("show", *arguments, "--form", "nested")
        assert (code, out) == (2, "")
        assert err.startswith("derive: ")


def test_an_activation_of_a_network_without_an_abstract_one(run):
    code, out, err = run("show", "lstm", "--activation", "relu")
    assert (code, out) == (2, "")
    assert "relu" in err


@pytest.mark.parametrize("name", ["elmann", "nothing.tex", "", "../elman", "elman.tex", "ELMAN", "/etc", "."])
def test_an_unknown_cell(run, name):
    code, out, err = run("show", name)
    assert (code, out) == (2, "")
    assert err.startswith("derive: ")
    assert all(cell in err for cell in api.cells())


def test_a_path_with_spaces(run, own):
    for parameter in ([], ["W"], ["s_0"]):
        code, out, err = run("show", own, *parameter)
        assert (code, err) == (0, "")
        assert "∂L/∂" in out


def test_a_file_beside_a_cell_of_the_same_name(run, tmp_path, monkeypatch):
    """What is named is the network that comes with the program; a path says otherwise."""
    monkeypatch.chdir(tmp_path)
    Path("elman").write_text("not a network", encoding="utf-8")
    assert run("show", "elman", "W")[0] == 0
    assert run("show", "./elman", "W")[0] == 2


@pytest.mark.parametrize("cell", CLOSELY)
@pytest.mark.parametrize("steps", ["T", "2"])
def test_json(run, cell, steps):
    code, out, err = run("show", cell, "--format", "json", "--steps", steps)
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer.keys() == {"cell", "gradients"}
    assert answer["cell"].keys() == {"name", "title", "parameters"}
    assert answer["cell"]["name"] == cell
    assert answer["cell"]["parameters"] == list(api.load(cell).parameters)
    assert len(answer["gradients"]) == len(api.FORMS) * len(answer["cell"]["parameters"])
    for gradient in answer["gradients"]:
        assert gradient.keys() == {"of", "by", "latex", "steps", "form", "formulas", "derivation"}
        assert gradient["of"] == "L"
        assert gradient["by"] in answer["cell"]["parameters"]
        assert gradient["steps"] == (None if steps == "T" else int(steps))
        assert gradient["form"] in api.FORMS
        assert gradient["latex"].startswith(r"\frac{\partial L}{\partial ")
        assert [f["kind"] for f in gradient["formulas"]].count("gradient") == 1
        for formula in gradient["formulas"]:
            assert formula.keys() == {"kind", "latex", "unicode", "evidence"}
            assert formula["kind"] in ("gradient", "adjoint", "jacobian", "definition")
            assert formula["latex"]
            assert formula["unicode"]
            evidence = formula["evidence"]
            assert evidence.keys() == {"word", "exact", "sampled"}
            assert evidence["word"] in ("exact at random points", "sampled", "by law", "assumed")
            assert evidence["exact"].keys() >= {"steps", "sizes", "primes", "points", "degree", "calls", "bound"}
            assert 0 <= evidence["exact"]["bound"] < 1e-20
            assert evidence["sampled"].keys() >= {"steps", "sizes", "draws", "points", "error", "share"}
            assert evidence["sampled"]["error"] < 1e-9


def balanced(text):
    """Whether braces, \\left and \\right, environments match; bare characters of control are none of LaTeX."""
    depth = 0
    for mark in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if mark == "{" else -1
        if depth < 0:
            return False
    opened = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", text):
        if kind == "begin":
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    sizes = [len(re.findall(rf"\\{side}\b", text)) for side in ("left", "right", "bigl", "bigr")]
    return depth == 0 and not opened and sizes[0] == sizes[1] and sizes[2] == sizes[3]


@pytest.mark.parametrize("cell", CLOSELY)
@pytest.mark.parametrize("steps", ["T", "3", "8"])
def test_latex(run, cell, steps):
    code, out, err = run("show", cell, "--format", "latex", "--steps", steps)
    assert (code, err) == (0, "")
    formulas = "\n".join(line for line in out.splitlines() if not line.startswith("%"))
    assert balanced(formulas)
    assert formulas.isascii()
    assert "Name(" not in out
    assert "Derivative(" not in out
    assert not re.search(r"\+ -|--|- -|\b1 \\cdot|\(\)|\{\}|\\left\(\\left\(", formulas)
    assert [line for line in out.splitlines() if line.startswith("% exact at random points")]
    for block in re.findall(r"\\begin\{aligned\}\n(.*?)\n\\end\{aligned\}", formulas, flags=re.DOTALL):
        rows = re.split(r" \\\\(?:\[\d+pt\])?\n", re.sub(r"\\begin\{pmatrix\}.*?\\end\{pmatrix\}", "", block))
        assert all(len(re.findall(r"(?<!\\)&", row)) == 1 for row in rows)


@pytest.mark.parametrize("cell", CLOSELY)
def test_lines_for_a_terminal(run, cell):
    code, out, _ = run("show", cell)
    assert code == 0
    assert "\\" not in out
    assert "{}" not in out
    assert out.count("(") == out.count(")")


def test_nothing_is_printed_that_failed_its_check(run, monkeypatch):
    from derive.errors import CheckFailed

    def refuse(*arguments, **options):
        raise CheckFailed("planted")

    monkeypatch.setattr("derive.evidence.judge.exactly", refuse)
    code, out, err = run("show", "elman", "W")
    assert (code, out) == (1, "")
    assert err.startswith("derive: planted")


def test_interrupting_is_no_traceback(run, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("derive.evidence.judge.exactly", interrupt)
    code, out, err = run("show", "elman", "W")
    assert (code, out) == (130, "")
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", ["show elman --format json", "cells"])
def test_a_broken_pipe_is_no_error(arguments):
    start = f'"{sys.executable}" -m derive {arguments} | head -c 1'
    done = subprocess.run(start, shell=True, capture_output=True, text=True, check=False)  # the shell makes the pipe
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_pipe_that_is_closed_at_once():
    start = f'"{sys.executable}" -m derive show elman --format json | true; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", start], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode in (0, 141)


def test_a_full_disk_is_no_traceback():
    if not Path("/dev/full").exists():
        pytest.skip("no full disk here")
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "derive", "show", "elman", "W"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_unicode_is_no_traceback(encoding):
    import os

    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = shell("show", "elman", "W", env=environment, encoding=encoding)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2)
    if done.returncode == 0:
        assert done.stdout


def test_as_a_module_and_as_a_script():
    module = subprocess.run([sys.executable, "-m", "derive", "cells"], capture_output=True, text=True, check=False)
    script = subprocess.run(
        [Path(sys.executable).with_name("derive"), "cells"], capture_output=True, text=True, check=False
    )
    assert module.returncode == script.returncode == 0
    assert module.stdout == script.stdout


def test_the_same_command_says_the_same(run):
    """Seeds are fixed: what a page quotes can be had again."""
    assert run("show", "elman", "W") == run("show", "elman", "W")


def test_python():
    gradient = api.load("elman").gradient("W", steps=3)
    assert balanced(gradient.chain.latex())
    assert gradient.delta.unicode().startswith("∂L/∂W = ")
    assert gradient._repr_latex_().startswith("$")


@pytest.mark.parametrize(("form", "start"), [("svg", "<svg "), ("tikz", "% ")])
@pytest.mark.parametrize("out", [[], ["--out", "-"]])
def test_a_figure_is_printed(run, form, start, out):
    code, text, err = run("figure", "elman", "--steps", "2", "--format", form, *out)
    assert (code, err) == (0, "")
    assert text.startswith(start)
    assert "unrolled over 2 steps" in text


def test_a_figure_is_an_svg_of_three_steps_if_nothing_else_is_said(run):
    assert run("figure", "elman") == run("figure", "elman", "--steps", "3", "--format", "svg")


@pytest.mark.parametrize("form", ["svg", "tikz"])
def test_a_figure_is_written(run, form, own, tmp_path):
    path = tmp_path / "a figure"
    path.write_text("old")
    assert run("figure", own, "--format", form, "--out", path) == (0, "", "")
    assert path.read_text(encoding="utf-8") == run("figure", own, "--format", form)[1]
    assert {entry.name for entry in tmp_path.iterdir()} == {"a figure", own.parent.name}
    assert str(tmp_path) not in path.read_text(encoding="utf-8")


def test_a_figure_that_cannot_be_written_whole_leaves_what_was_there(run, tmp_path, monkeypatch):
    path = tmp_path / "figure.svg"
    path.write_text("old")

    def full(draft, text, **options):
        with draft.open("w", **options) as file:
            file.write(text[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    code, out, err = run("figure", "elman", "--out", path)
    assert (code, out) == (2, "")
    assert err == f"derive: {path} cannot be written: No space left on device\n"
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("out", ["", ".", "/", "no folder/figure.svg", "x" * 300, "file/figure.svg"])
def test_a_place_where_no_figure_can_be(run, out, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    code, text, err = run("figure", "elman", "--steps", "1", "--out", out)
    assert (code, text) == (2, "")
    assert err.startswith("derive: ")
    assert "cannot be written" in err
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_device_is_written_to_and_not_replaced(run):
    device = Path("/dev/null")
    if not device.is_char_device():
        pytest.skip("no /dev/null here")
    assert run("figure", "elman", "--steps", "1", "--out", device) == (0, "", "")
    assert device.is_char_device()


@pytest.mark.parametrize("steps", ["T", "0", "-1", "51", "10001", "1.5", "", "three"])
def test_a_figure_needs_a_number_of_steps(run, steps, tmp_path):
    path = tmp_path / "figure.svg"
    code, out, err = run("figure", "elman", f"--steps={steps}", "--out", path)
    assert (code, out) == (2, "")
    assert err.startswith("derive: ")
    assert "step" in err
    assert not path.exists()


@pytest.mark.parametrize("arguments", [["nothing"], [""], ["/etc"], ["elman.tex"]])
def test_a_figure_of_an_unknown_cell(run, arguments):
    code, out, err = run("figure", *arguments)
    assert (code, out) == (2, "")
    assert all(cell in err for cell in api.cells())


@pytest.mark.parametrize("arguments", [[], ["elman", "--format", "png"], ["elman", "W"], ["elman", "--out"]])
def test_a_figure_command_that_is_none(run, arguments):
    code, out, err = run("figure", *arguments)
    assert (code, out) == (2, "")
    assert "usage: derive" in err
