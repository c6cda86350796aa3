r"""Cells that cannot be understood: each gets a sentence with line, column and carets, no traceback; and a fuzz."""

import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from derive import api, resources
from derive.cli import main
from derive.errors import CheckFailed, DeriveError
from derive.models.model import Model

DECLARED = r"""x_t \in \mathbb{R}^{d}, s_0 \in \mathbb{R}^{n}, v \in \mathbb{R}^{n}
U \in \mathbb{R}^{n \times d}, W \in \mathbb{R}^{n \times n}
"""
STEP = r"s_t = \tanh(U x_t + W s_{t-1})" + "\n"
LOSS = "L_t = v^{\\top} s_t\nL = \\sum_{t=1}^{T} L_t\n"
GOOD = DECLARED + STEP + LOSS

# name: (text, line:column of the place or None for "some place", a word of the message, of what was expected or to do)
BAD = {
    "unknown command": (GOOD.replace(r"\tanh", r"\taanh"), "3:7", r"\tanh"),
    "unknown function": (GOOD.replace(r"\tanh", r"\operatorname{foo}"), "3:7", "foo"),
    "a function of trigonometry": (GOOD.replace(r"\tanh", r"\sin"), "3:7", "sin"),
    "W is n×d": (
        GOOD.replace(r"W \in \mathbb{R}^{n \times n}", r"W \in \mathbb{R}^{n \times d}"),
        "3:21",
        "n×d times n×1",
    ),
    "the loss is a vector": (GOOD.replace(r"v^{\top} s_t", "s_t"), None, "scalar"),
    "an undefined symbol": (GOOD.replace("U x_t", "Q x_t"), "3:13", "Q"),
    "an undefined symbol with a time": (GOOD.replace("U x_t", "U q_t"), "3:15", "q_t"),
    "a cycle within a step": (GOOD.replace("s_{t-1}", "s_t"), "3:1", "within one step"),
    "a longer cycle": (
        DECLARED + "s_t = \\tanh(U x_t + W r_t)\nr_t = W q_t\nq_t = W s_t + s_{t-1}\nr_t \\in \\mathbb{R}^{n}\n" + LOSS,
        None,
        "within one step",
    ),
    "a name defined twice": (DECLARED + STEP + STEP + LOSS, "4:1", "twice"),
    "a name defined twice at other steps": (DECLARED + STEP + "s_{t+1} = W s_t\n" + LOSS, "4:1", "twice"),
    "an unused parameter": (GOOD + r"b \in \mathbb{R}^{n}", "6:1", "b"),
    "a parameter that the loss does not use": (
        GOOD + "b \\in \\mathbb{R}^{n}\nq_t = W b\n",
        None,
        "the loss does not use",
    ),
    "a quantity that the loss does not use": (GOOD + "q_t = W s_t\n", "6:1", "q"),
    "a state without a start": (GOOD.replace(r"s_0 \in \mathbb{R}^{n}, ", ""), None, "start"),
    "a second lag without a start": (GOOD.replace("W s_{t-1}", "W s_{t-2}"), None, "start"),
    "no loss": (DECLARED + STEP, None, "loss"),
    "a loss of a step before the last": (DECLARED + STEP + "L = v^{\\top} s_{T-1}\n", None, r"L = L_T"),
    "a loss of another range": (GOOD.replace("_{t=1}^{T}", "_{t=2}^{T}"), None, r"\sum_{t=1}^{T}"),
    "two losses": (GOOD + "M = \\sum_{t=1}^{T} L_t\n", None, "loss"),
    "a function that is a factor too": (
        GOOD.replace(r"\tanh(", r"\tanh(f x_t + f(").replace("s_{t-1})", "s_{t-1}))"),
        None,
        "f",
    ),
    "an open bracket": (GOOD.replace("s_{t-1})", "s_{t-1}"), "3:12", ")"),
    "a bracket too many": (GOOD.replace("s_{t-1})", "s_{t-1}))"), None, ")"),
    "an open brace": (GOOD.replace("_{t-1}", "_{t-1"), None, "}"),
    "an open environment": ("\\begin{aligned}\n" + GOOD, "1:1", r"\end{aligned}"),
    "empty": ("", "1:1", "loss"),
    "only a comment": ("% title: nothing\n", None, "loss"),
    "only declarations": (DECLARED, None, "loss"),
    "prose": ("This is a recurrent network.\n", "1", ""),
    "Python": ("__import__('os').system('touch owned')\n", "1", ""),
    "Python as a value": (GOOD.replace(r"\tanh(", "__import__('os')("), "3", ""),
    "a file of TeX": (r"\input{/etc/passwd}" + "\n" + GOOD, "1:1", r"\input"),
    "a macro": (r"\newcommand{\a}{b}" + "\n" + GOOD, "1:1", r"\newcommand"),
    "a catcode": (r"\catcode`\@=11" + "\n" + GOOD, "1:1", r"\catcode"),
    "a template": ("{{7*7}}\n" + GOOD, "1", ""),
    "a template's statement": ("{% for x in y %}\n" + GOOD, "1", ""),
    "HTML": ("<script>alert(1)</script>\n" + GOOD, "1", ""),
    "an assumption that draws cannot keep": (GOOD + "v^{\\top} v = 1\n", "6:1", r"\mathbf{1}^{\top}"),
    "an assumption about a state": (GOOD + "\\mathbf{1}^{\\top} s_t = 1\n", "6:1", ""),
    "an assumption about a parameter": (GOOD + "\\mathbf{1}^{\\top} v = 1\n", "6:1", ""),
    "an inequality": (GOOD + "L_t \\le 1\n", "6:1", ""),
    "the future": (GOOD.replace("W s_{t-1}", "W s_{t+1}"), "3", "after it"),
    "the end": (GOOD.replace("W s_{t-1}", "W s_T"), "3", "s_T"),
    "two time indices": (GOOD.replace("s_{t-1})", "s_{t,t-1})").replace("s_0", "s_{0,0}"), None, ""),
    "a fraction of a step": (GOOD.replace("s_{t-1}", "s_{t-0.5}"), None, ""),
    "a step of two": (GOOD.replace("s_t =", "s_{2t} ="), "3:1", ""),
    "a start that is no number": (GOOD.replace(r"s_0 \in \mathbb{R}^{n}, ", "") + "s_0 = v\n", "6:7", "number"),
    "a start of what is not there": (GOOD + "q_0 = 0\n", "6:1", "q"),
    "two starts": (GOOD + "s_0 = 0\ns_0 = 1\n", None, ""),
    "declared and defined": (GOOD + "W = 2\n", None, "W"),
    "declared otherwise than defined": (GOOD + r"s_t \in \mathbb{R}^{d}", None, "n×1"),
    "declared twice": (GOOD + r"W \in \mathbb{R}^{n \times d}", "6:1", "n×d"),
    "size 0": (GOOD.replace(r"\mathbb{R}^{d}", r"\mathbb{R}^{0}"), "1:21", "size"),
    "a negative size": (GOOD.replace(r"\mathbb{R}^{d}", r"\mathbb{R}^{-1}"), "1:21", "size"),
    "a size of a size": (GOOD.replace(r"\mathbb{R}^{d}", r"\mathbb{R}^{n^2}"), "1:21", "size"),
    "an array of three": (GOOD.replace(r"n \times d}", r"n \times d \times m}"), "2:19", "shape"),
    "complex": (GOOD.replace(r"x_t \in \mathbb{R}^{d}", r"x_t \in \mathbb{C}^{d}"), "1:9", "real"),
    "natural": (GOOD.replace(r"x_t \in \mathbb{R}^{d}", r"x_t \in \mathbb{N}"), "1:9", "real"),
    "an equation of two shapes": (
        GOOD.replace(r"s_t = \tanh(", r"s_t \in \mathbb{R}^{d}" + "\n" + r"s_t = \tanh("),
        None,
        "",
    ),
    "a chain of equations": (GOOD.replace("s_t = ", "s_t = r_t = "), None, "one equation"),
    "a power of a matrix that is not square": (GOOD.replace("U x_t", "U^2 x_t"), "3:15", r"\odot 2"),
    "an inverse": (GOOD.replace("W s_{t-1}", "W^{-1} s_{t-1}"), None, ""),
    "a power of a matrix": (GOOD.replace("W s_{t-1}", "W^{T} W^{t} s_{t-1}"), None, ""),
    "by zero": (GOOD.replace("W s_{t-1}", r"\frac{W s_{t-1}}{0}"), None, ""),
    "listed and not there": (GOOD + r"\theta = (U, W, Q)", None, "Q"),
    "no time at all": ("w \\in \\mathbb{R}\ns = w\nL = s\n", None, ""),
    "an unknown character": (GOOD.replace("+", "＋"), "3:19", "＋"),
    "a control character": (GOOD.replace("+", "\x07"), "3:19", ""),
    "a null": ("\x00" + GOOD, "1:1", ""),
    "words in Chinese outside a comment": ("隐状态\n" + GOOD, "1:1", "隐"),
    "a deep nest": (GOOD.replace("W s_{t-1}", "(" * 10_000 + "W s_{t-1}" + ")" * 10_000), "3", "deep"),
    "a deep nest of fractions": (GOOD.replace("W s_{t-1}", r"\frac{1}" * 10_000 + "{2} W s_{t-1}"), "3", "deep"),
    "a deep nest, never closed": ("(" * 10_000, "1", ""),
    "a deep index": (GOOD.replace("s_{t-1}", "s" + "_{t" * 5_000 + "}" * 5_000), "3", ""),
    "a long line": (GOOD + "% " + "a" * 10_000_000, "1:1", "long"),
    "a long formula": (GOOD.replace("W s_{t-1}", " + ".join(["W s_{t-1}"] * 20_000)), "3", "long"),
}


def text(case: str) -> str:
    return BAD[case][0]


@pytest.mark.parametrize("case", BAD)
def test_a_bad_cell_is_refused_with_its_place(case):
    _, place, words = BAD[case]
    began = time.perf_counter()
    with pytest.raises(DeriveError) as caught:
        api.loads(text(case), "bad.tex")
    assert time.perf_counter() - began < 5
    error = caught.value
    assert error.source is not None, error.message
    assert error.span is not None, error.message
    assert error.span.end <= len(error.source.text)
    line, column = error.source.position(error.span.start)
    if place is not None:
        assert f"{line}:{column}:".startswith(f"{place}:"), str(error)[:500]
    said = str(error)
    assert said.startswith(f"bad.tex:{line}:{column}: ")
    assert "^" in said.split("\n")[2]
    assert words in said
    assert "Traceback" not in said


@pytest.mark.parametrize("case", [case for case in BAD if len(text(case)) < 1_000_000])
def test_what_is_quoted_is_short(case):
    with pytest.raises(DeriveError) as caught:
        api.loads(text(case), "bad.tex")
    assert max(map(len, str(caught.value).split("\n"))) < 400


@pytest.mark.parametrize("case", BAD)
def test_the_command_line_says_it_too(case, tmp_path, capsys):
    path = tmp_path / "bad cell.tex"
    path.write_text(text(case), encoding="utf-8")
    code = main(["show", str(path), "--form", "delta"])
    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert printed.err.startswith(f"derive: {path}:")
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "UTF-8"),
        ("循环 \\tanh".encode("gb18030"), "UTF-8"),
        (GOOD.encode("utf-16"), "UTF-8"),
        (b"\x1f\x8b\x08\x00" + b"\xff" * 100, "UTF-8"),
    ],
)
def test_a_file_that_is_no_text(content, words, tmp_path, capsys):
    path = tmp_path / "no text.tex"
    path.write_bytes(content)
    assert main(["show", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert str(path) in printed.err
    assert words in printed.err


def test_a_byte_order_mark_is_no_mathematics(tmp_path):
    path = tmp_path / "bom.tex"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert api.load(path).parameters == ("v", "U", "W")


@pytest.mark.parametrize("make", ["folder", "nothing", "unreadable", "broken link"])
def test_what_is_no_file(make, tmp_path, capsys):
    path = tmp_path / make
    if make == "folder":
        path.mkdir()
    elif make == "unreadable":
        path.write_text(GOOD)
        path.chmod(0)
        try:
            path.read_text()
        except PermissionError:
            pass
        else:
            pytest.skip("this user may read everything")
    elif make == "broken link":
        path.symlink_to(tmp_path / "gone")
    assert main(["show", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert str(path) in printed.err


def test_a_file_without_end_is_not_read_whole():
    if not Path("/dev/zero").exists():
        pytest.skip("no endless file here")
    began = time.perf_counter()
    assert main(["show", "/dev/zero"]) == 2
    assert time.perf_counter() - began < 2


def test_no_code_of_the_cell_is_run(tmp_path):
    witness = tmp_path / "witness"
    for code in (f"open('{witness}','w')", f"__import__('pathlib').Path('{witness}').touch()"):
        for place in (f"{code}\n{GOOD}", GOOD.replace("v^", f"{code} v^"), f"% title: {{{{ {code} }}}}\n{GOOD}"):
            try:
                api.loads(place)
            except DeriveError:
                continue
    assert not witness.exists()


@cache
def shipped() -> dict[str, str]:
    return {name: (resources.cells() / f"{name}.tex").read_text(encoding="utf-8") for name in api.cells()}


@st.composite
def mutated(draw) -> str:
    """A shipped cell with a few characters or lines taken out, doubled, exchanged or put in."""
    body = shipped()[draw(st.sampled_from(sorted(shipped())))]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        length = draw(st.sampled_from([1, 1, 1, 2, 5]))
        match draw(st.sampled_from(["delete", "insert", "replace", "swap", "line out", "line twice", "lines swapped"])):
            case "delete":
                body = body[:at] + body[at + length :]
            case "insert":
                body = body[:at] + draw(PIECES) + body[at:]
            case "replace":
                body = body[:at] + draw(PIECES) + body[at + length :]
            case "swap":
                body = body[:at] + body[at : at + 2][::-1] + body[at + 2 :]
            case what:
                lines = body.split("\n")
                i, j = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
                if what == "line out":
                    del lines[i]
                elif what == "line twice":
                    lines.insert(j, lines[i])
                else:
                    lines[i], lines[j] = lines[j], lines[i]
                body = "\n".join(lines)
    return body


PIECES = st.sampled_from(
    [
        *"{}()[]_^'=+-,;&%\\ \n|tTkWUVxsohfc012",
        "_t",
        "_{t-1}",
        "_{t+1}",
        "^{T}",
        r"^{\top}",
        "^{-1}",
        "^2",
        "^{(t)}",
        "_0",
        r"\cdots",
        r"\sum_{t=1}^{T}",
        r"\prod_{j=1}^{t}",
        r"\frac{1}{2}",
        r"\frac{\partial L}{\partial W}",
        r"\nabla_W",
        r"\log",
        r"\mathbf{1}",
        r"\odot",
        r"\operatorname{softmax}",
        r"\tanh",
        r"\in \mathbb{R}^{n}",
        r"\mathbb{R}",
        r"\bar",
        " = ",
        "f(",
        r"\theta = (",
        r"\left(",
        r"\right)",
        r"\begin{aligned}",
        r"\end{aligned}",
        r"\\",
        r"\text{中}",
        "L_t",
        "L = ",
    ]
)


@settings(max_examples=250, deadline=3000)
@given(mutated())
@example(GOOD.replace("L_t = v^{\\top} s_t\n", "").replace("L_t", r"v^{\top} s_t"))
def test_a_mutated_cell_is_a_model_or_an_error_with_a_place(cell):
    try:
        model = api.loads(cell).model
    except DeriveError as refusal:
        error: DeriveError | None = refusal
    else:
        error = None
        assert isinstance(model, Model)
    if error is not None:
        assert error.source is not None, error.message
        assert error.span is not None, error.message
        assert error.span.end <= len(cell)
        assert str(error)


@settings(max_examples=25, deadline=10_000)
@given(mutated())
def test_a_mutated_cell_has_a_checked_gradient_or_an_error(cell):
    """Whatever is read is derived and holds, or is refused in a sentence; a CheckFailed would be a fault of ours."""
    with suppress(DeriveError):
        network = api.loads(cell)
        for name in network.parameters[:1]:
            try:
                assert network.gradient(name).delta.latex()
            except CheckFailed as fault:
                pytest.fail(f"{fault}\n{cell}")
