r"""Texts that would hang, crash or deceive a careless reader: each is answered in bounded time and memory.

What cannot be computed is not understood; a payload is text like any other. `tests.verify.fuzz` looks further.
"""

from itertools import pairwise

import pytest

from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD
from tests.verify.faults import faults
from tests.verify.watched import ANSWERED, REFUSED, Answer, Watched

NETWORK = r"""$s_t = \tanh(U x_t + W s_{t-1})$, $s_t \in \mathbb{R}^n$, $x_t \in \mathbb{R}^d$
$L = \sum_{t=1}^{T} L_t$, $L_t = g(s_t)$

"""
JACOBIAN = r"\frac{\partial s_t}{\partial s_{t-1}}"
DEEP, MANY = 10_000, 20_000


@pytest.fixture(scope="module")
def watched():
    with Watched(seconds=30) as process:
        yield process


def answer(watched: Watched, text: str) -> Answer:
    """The answer to a text; the test fails where there is none, or where it contradicts itself."""
    found = watched.ask(text)
    assert found.kind in (ANSWERED, REFUSED), f"{found.sort}\n{found.why[-1500:]}"
    assert not list(faults(text, found))
    return found


def said(watched: Watched, text: str) -> list[str | None]:
    """The verdicts on the claims of a text that is not refused as a whole."""
    found = answer(watched, text)
    assert found.kind == ANSWERED, found.why
    return found.verdicts


def sums(letters: str, upper: str) -> str:
    return "".join(rf"\sum_{{{letter}=1}}^{{{upper}}} " for letter in letters)


# ---- too much to compute

BEYOND = {
    "Σ to 10⁹": r"\sum_{k=1}^{10^9} s_k = s_1",
    "a gradient to 10⁹": r"\frac{\partial L}{\partial W} = \sum_{k=1}^{10^9} \frac{\partial L_k}{\partial W}",
    "∏ to 10³⁰": r"\prod_{j=1}^{10^{30}} W = W",
    "a chain to 10³⁰": rf"\frac{{\partial s_t}}{{\partial s_k}} = \prod_{{j=1}}^{{10^{{30}}}} {JACOBIAN}",
    "Σ to a tower": r"\sum_{k=1}^{9^{9^{9^9}}} s_k = s_1",
    "nine sums to T": r"\frac{\partial L}{\partial W} = " + sums("abcdeijkm", "T") + r"\frac{\partial L_a}{\partial W}",
    "four sums to 300": sums("ijkm", "300") + "L_i L_j L_k L_m = 1",
    "h at 1000000": r"\frac{\partial s_{1000000}}{\partial s_1} = W",
    "h at 10³⁰": r"\frac{\partial s_{10^{30}}}{\partial s_1} = W",
    "a tower": rf"{JACOBIAN} = 9^{{9^{{9^{{9}}}}}} W",
    "W to a tower": rf"{JACOBIAN} = W^{{9^{{9^{{9}}}}}}",
    "dots to 10⁹": r"\frac{\partial s_{10^9}}{\partial s_1}"
    r" = \frac{\partial s_{10^9}}{\partial s_{10^9-1}} \cdots \frac{\partial s_2}{\partial s_1}",
    "5000 digits": rf"{JACOBIAN} = {'9' * 5000} W",
    "5000 decimals": rf"{JACOBIAN} = 0.{'3' * 5000} W",
    "an exponent of 5000 digits": f"W^{{{'9' * 5000}}} = W",
    "a step of 5000 digits": f"s_{{{'9' * 5000}}} = U x_1",
    "5000 terms": r"\frac{\partial L}{\partial W} = " + " + ".join([r"\frac{\partial L_1}{\partial W}"] * 5000),
    "an inequality to 10⁹": r"\lVert W \rVert^{10^{10}} \le 1",
    "a derivative of order 10⁶": r"\frac{\partial^{1000000} L}{\partial W^{1000000}} = 0",
    "1000 primes": r"\tanh" + "'" * 1000 + "(q) = 1",
}


@pytest.mark.parametrize("formula", BEYOND.values(), ids=BEYOND)
def test_what_is_too_much_to_compute_is_not_understood(watched, formula):
    assert said(watched, f"{NETWORK}${formula}$\n") == [NOT_UNDERSTOOD]


@pytest.mark.parametrize("exponent", ["99999", r"10^{9}", r"-99999", r"10^{-9}"])
def test_a_large_power_is_never_said_to_be_what_it_is_not(watched, exponent):
    assert HOLDS not in said(watched, f"{NETWORK}${JACOBIAN} = W^{{{exponent}}}$ and $2^{{{exponent}}} = 3$")


@pytest.mark.parametrize("size", ["1000000000", "10^{9}", "0", "-3", "1.5", "n^{n^{n}}"])
def test_a_size_may_be_any_number(watched, size):
    assert HOLDS not in said(watched, rf"{NETWORK}$Q \in \mathbb{{R}}^{{{size} \times {size}}}$, $Q Q = Q$")


# ---- deep

NESTED = [
    ("{", "}"), ("(", ")"), ("[", "]"), (r"\left(", r"\right)"), (r"\frac{1}{", "}"), (r"\sqrt{", "}"), ("x^{", "}"),
    ("x_{", "}"), (r"\tanh(", ")"), (r"\bar{", "}"), (r"\underbrace{", "}"), (r"\text{", "}"), (r"\mathrm{", "}"),
    (r"\begin{aligned}", r"\end{aligned}"), (r"\begin{cases}", r"\end{cases}"), (r"\lVert ", r"\rVert "), ("|", "|"),
    (r"\sum_{k=1}^{", "} k"), ("-", ""), (r"\partial ", ""), ("f'(", ")"), (r"\boxed{", "}"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), NESTED, ids=[before for before, _ in NESTED])
def test_nesting_is_answered_however_deep(watched, before, after):
    for opened, closed in ((60, 60), (DEEP, DEEP), (1000, 0)):
        formula = f"{before * opened}x_t{after * closed} = 1"
        assert HOLDS not in answer(watched, f"{NETWORK}${formula}$").verdicts


def test_quotes_and_lists_are_answered_however_deep(watched):
    assert said(watched, ">" * DEEP + " $1 = 2$") in ([], [FAILS])
    assert set(said(watched, "\n".join(" " * depth + "- $1 = 2$" for depth in range(300)))) <= {FAILS}


# ---- long


def test_a_line_of_ten_megabytes_is_answered(watched):
    assert said(watched, "word " * 1_990_000 + "$1 = 1$") == [HOLDS]
    assert said(watched, "x" * 9_990_000) == []


@pytest.mark.parametrize("text", ["$" + "x + " * 2_400_000 + "x$", "x" * 10_000_001, "$x$" * 3_000_000])
def test_what_is_longer_than_any_text_is_refused(watched, text):
    assert answer(watched, text).kind == REFUSED


def test_a_file_of_20_000_formulas_is_answered(watched):
    assert len(answer(watched, NETWORK + "$x_t$ $x_t$ $x_t$ $U = 3$\n" * (MANY // 4)).formulas) >= MANY // 4


def test_many_different_claims_are_answered(watched):
    claims = "".join(f"${JACOBIAN} = {number} W$\n" for number in range(50))
    assert set(said(watched, NETWORK + claims)) == {FAILS}


@pytest.mark.parametrize("step", ["{0}", "q_{{\\text{{n{1}}}}}"])
def test_many_definitions_are_answered(watched, step):
    lines = [rf"$q_{{\text{{n{number}}}}} = 1 + {step.format('x', number - 1)}$" for number in range(1, 400)]
    assert HOLDS not in said(watched, "\n".join([*lines, r"$q_{\text{n399}} = q_{\text{n399}} + 1$"]))


def test_a_name_that_is_squared_again_and_again_is_answered(watched):
    lines = [rf"$q_{{\text{{n{n}}}}} = q_{{\text{{n{n - 1}}}}} q_{{\text{{n{n - 1}}}}}$" for n in range(1, 80)]
    claim = r"$\frac{\partial q_{\text{n79}}}{\partial q_{\text{n0}}} = 1$"
    assert HOLDS not in said(watched, "\n".join([*lines, claim]))


@pytest.mark.parametrize(
    "formula", [" = ".join(["x_t"] * 1000), "W " * 5000 + "= W", "-" * DEEP + "1 = 2", ", " * DEEP]
)
def test_a_long_formula_is_answered(watched, formula):
    assert HOLDS not in said(watched, f"{NETWORK}${formula}$")[-1:]


@pytest.mark.parametrize("marks", ["$" * 100_001, "`" * 100_001, "<" * 100_000, "<!--" * 30_000, "\\" * 100_001])
def test_marks_that_open_nothing_are_answered(watched, marks):
    assert HOLDS not in answer(watched, marks).verdicts


def test_macros_that_double_are_refused(watched):
    names = "abcdefghijklmnop"
    macros = [rf"\newcommand{{\{new}x}}{{\{old}x\{old}x\{old}x}}" for old, new in pairwise(names)]
    assert answer(watched, "\n".join([*macros, r"\newcommand{\ax}{x} $\px = 1$"])).kind == REFUSED
    assert answer(watched, r"\def\a{\a\a} $\a = 1$").kind == REFUSED


# ---- circles and contradictions

CIRCLES = {
    "two names": (r"$a_t = b_t$, $b_t = a_t$", r"\frac{\partial a_t}{\partial b_t} = 1"),
    "three names": (r"$a_t = b_t + 1$, $b_t = c_t + 1$, $c_t = a_t + 1$", r"\frac{\partial a_t}{\partial c_t} = 2"),
    "itself": ("$h_t = h_t$", r"\frac{\partial h_t}{\partial h_{t-1}} = 1"),
    "itself at one step": (r"$s_t = \tanh(W s_{t-1} + V s_t)$", rf"{JACOBIAN} = W"),
    "a state and its output": (
        r"$s_t = \tanh(W s_{t-1} + o_t)$, $o_t = V s_t$, $L = \sum_t g(o_t)$",
        r"\frac{\partial L}{\partial W} = 0",
    ),
    "both directions": ("$h_t = W h_{t-1}$, $h_{t-1} = V h_t$", r"\frac{\partial h_t}{\partial h_{t-1}} = V"),
}


@pytest.mark.parametrize(("rules", "claim"), CIRCLES.values(), ids=CIRCLES)
def test_what_is_defined_by_itself_is_never_said_to_hold(watched, rules, claim):
    assert HOLDS not in said(watched, f"{rules}\n\n${claim}$")


@pytest.mark.parametrize("claim", ["L = L + 1", "s_t = s_t + 1", "s_1 = s_1 + 1", "T = T + 1", "W = W + W"])
def test_what_is_one_more_than_itself_does_not_hold(watched, claim):
    assert HOLDS not in said(watched, f"{NETWORK}${claim}$")
    assert HOLDS not in said(watched, f"${claim}$")


def test_a_name_that_is_defined_a_hundred_times_is_answered(watched):
    rules = "\n".join(rf"$s_t = \tanh(W s_{{t-1}} + {number})$" for number in range(100))
    assert HOLDS not in said(watched, f"{rules}\n\n${JACOBIAN} = W$")


# ---- without a value

UNDEFINED = [
    r"\frac{1}{0} = 1", r"\frac{0}{0} = \frac{0}{0}", "0/0 = 0/0", "0/0 = 1", r"\frac{s_t}{1 - 1} = s_t",
    rf"{JACOBIAN} = \frac{{W}}{{0}}", r"\log 0 = \log 0", r"\log(-1) = 0", r"L = \log(-3) - \log(-3)", "0^{-1} = 0",
    r"\sqrt{-1} = \sqrt{-1}", r"\infty - \infty = 0", r"\exp(\exp(\exp(100))) = \exp(1000000)", r"\frac{1}{0} > 0",
    r"\log(-1) \in (0, 1)", r"\text{NaN} = \text{NaN}", r"\frac{L}{L - L} = 1", r"e^{10^{400}} = e^{10^{400}}",
]  # fmt: skip


@pytest.mark.parametrize("formula", UNDEFINED)
def test_what_has_no_value_neither_holds_nor_fails(watched, formula):
    assert set(said(watched, f"{NETWORK}${formula}$")) <= {NOT_UNDERSTOOD}


CROSSED = [r"\sum_{k=5}^{1} k = 1", r"\sum_{k=3}^{1} s_k = s_1", r"\prod_{j=T+2}^{1} W = W", r"\prod_{j=9}^{2} 2 = 2"]


@pytest.mark.parametrize("formula", CROSSED)
def test_crossed_bounds_are_answered(watched, formula):
    assert HOLDS not in said(watched, f"{NETWORK}${formula}$")


FALSE_SUMS = [
    r"\sum_{k=1}^{3} k = 3 k", r"\prod_{k=1}^{3} k = k^3", r"\sum_{k=1}^{3} \frac{1}{k} = \frac{3}{k}",
    r"\sum_{t=1}^{3} t = 3 t", r"\sum_{k=1}^{3} \tanh(k) = 3 \tanh(k)", r"\sum_{k=1}^{3} k = 7",
    r"\sum_{j=1}^{3} j^2 = 3 j^2", r"\sum_{k=1}^{3} (k^2 + 1) = 3 k^2 + 3", r"\prod_{i=1}^{3} i^2 = i^6",
    r"\sum_{k=1}^{3} k^{-1} = 3 k^{-1}",
]  # fmt: skip


@pytest.mark.parametrize("formula", FALSE_SUMS)
def test_the_letter_of_a_sum_is_no_name_outside_of_it(watched, formula):
    assert HOLDS not in said(watched, f"${formula}$")
    assert HOLDS not in said(watched, f"{NETWORK}${formula}$")


@pytest.mark.parametrize(
    "formula", [r"\sum_{k=1}^{3} k = 6", r"\sum_{j=1}^{3} j^2 = 14", r"\prod_{k=1}^{4} k = 24", r"\sum_{k=1}^{T} 1 = T"]
)
def test_the_letters_of_a_sum_are_numbers_in_it(watched, formula):
    assert FAILS not in said(watched, f"${formula}$")
    assert FAILS not in said(watched, f"{NETWORK}${formula}$")


# ---- no formula at all

SCRAPS = [
    "", " ", "=", "= = =", "a =", "= a", "a = = a", ",,,", "&&&", r"\\\\\\", r"\left( a \right",
    r"\right) a = a \left(", r"\left\right", r"\left.\right. = 1", "{", "}", "a = {b", "a} = {b", r"\frac = 1",
    r"\frac{}{} = 1", "^ = _", "x^^2 = 1", "x_1_2 = 1", r"\begin{align} a", r"a \end{align} = 1",
    r"\begin{} = \end{}", r"\sum = \prod", r"\sum_{}^{} = 1", "'", r"\partial = \partial",
    r"\frac{\partial}{\partial} = 1", r"\nabla = 1", "%", "# = #", "~ = ~", r"\ = \ ", r"\cdots = 1",
]  # fmt: skip


@pytest.mark.parametrize("scrap", SCRAPS)
def test_scraps_are_answered(watched, scrap):
    for text in (f"${scrap}$", f"$${scrap}$$", rf"\[{scrap}\]", f"{NETWORK}$${scrap}$$", scrap):
        assert HOLDS not in said(watched, f"{text}\n\n$1 = 2$")


def test_an_empty_text_is_answered(watched):
    assert said(watched, "") == said(watched, "\n" * 1000) == said(watched, "\ufeff") == []


# ---- text that is meant for others

CHARACTERS = {
    "controls": "\x00\x01\x02\x08\x0b\x0c\x1b[31m\x1b]0;title\x07\x7f\x85",
    "directions": "\u202e\u202d\u2066\u2069\u200f\u200e\u061c",
    "invisible": "\u200b\u200c\u2060\ufeff\u00ad",
    "half a character": "\udfff\ud800",
    "marks on a letter": "\u0301" * 1000,
    "line ends": "\r\r\n\u2028\u2029\v\f",
}


@pytest.mark.parametrize("characters", CHARACTERS.values(), ids=CHARACTERS)
def test_characters_that_move_a_cursor_are_shown_as_something_else(watched, characters):
    found = answer(watched, f"{NETWORK}{characters} $x_t{characters} = 1$ $\\text{{{characters}}} = 1$ $1 = 1$")
    assert not {one for one in characters if not one.isprintable()} - {"\n"} & set(found.text)
    assert found.verdicts[-1:] == [HOLDS]


PAYLOADS = [
    "{{7*'7'}}", "{% for x in y %}", "${7*7}", r"\write18{id}", r"\csname input\endcsname",
    "<script>alert(1)</script>", r"\text{<img src=x onerror=alert(1)>}", r"\text{</code><script>alert(1)</script>}",
    r"\href{javascript:alert(1)}{x}", r"\catcode`\$=12", "'; DROP TABLE x; --", "%s%s%n", "{0.__class__}",
    r"\style{background:url(x)}{x}", "]]><svg onload=x>",
]  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_is_dead_text(watched, payload):
    found = answer(
        watched, f"$$a_t = {payload}$$\n\n$${payload} = 1$$\n\n$\\text{{{payload}}} = 2$\n\n{payload}\n\n$1 = 2$"
    )
    assert found.verdicts[-1:] == [FAILS]
    assert "7777777" not in found.text
    assert "<script" not in found.html


def test_nothing_is_run_and_no_file_is_opened(watched, tmp_path):
    touched, secret = tmp_path / "touched", tmp_path / "secret.tex"
    secret.write_text("x = 271828")
    code = f"__import__('pathlib').Path('{touched}').touch()"
    names = (rf"\input{{{secret}}}", rf"\include{{{secret}}}", rf"\verbatiminput{{{secret}}}", f"![]({secret})")
    for payload in (code, f"{{{{{code}}}}}", f"\\text{{{code}}}", rf"\directlua{{{code}}}", *names):
        found = answer(watched, f"{payload}\n\n$a = {payload}$\n\n$${payload} = 1$$\n\n<!-- derive: model={secret} -->")
        assert "271828" not in found.text + found.why + str(found.report)
    assert not touched.exists()


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "/etc/passwd", "x" * 100_000, "", "\x00", "elman.tex\n"])
def test_a_directive_names_no_file(watched, name):
    found = answer(watched, f"<!-- derive: model={name} -->\n\n$1 = 2$")
    assert HOLDS not in found.verdicts
    assert "root:" not in found.text + found.why
