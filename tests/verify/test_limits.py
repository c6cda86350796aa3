r"""Heavy texts under small limits: each is answered in its time, and what there was no time for is not understood.

`test_hostile` has texts that would hang a careless reader for ever; these would only take long.
"""

import subprocess
import sys
from time import process_time

import pytest

from derive import cli
from derive.errors import DeriveError, Source
from derive.limits import Limits, TooSlow, refusing, ringing
from derive.verdicts import judged
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD
from tests.verify.test_hostile import JACOBIAN, NETWORK, sums

LIMITS = Limits(formula_seconds=0.3, text_seconds=0.8)
LATE = 1.0
"""Seconds of computing after the limit, within which every text is answered."""
HOLDING = r"$\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}(1 - s_t^2) W$"


def answer(text, limits=LIMITS, **choices):
    """The report, or the error in its place; the test fails if it comes late."""
    start = process_time()
    try:
        with refusing("notes.md"), ringing(limits):
            return judged(Source("notes.md", text), limits=limits, **choices)
    except DeriveError as error:
        return str(error)
    finally:
        assert process_time() - start < limits.text_seconds + LATE


def claims(text, limits=LIMITS, **choices):
    report = answer(text, limits, **choices)
    assert not isinstance(report, str), report
    return [(claim.verdict, claim.reason) for claim in report.claims]


SLOW = {
    "six sums": r"\frac{\partial L}{\partial W} = " + sums("abcdei", "5") + r"\frac{\partial L_a}{\partial W}",
    "1000 factors": rf"{JACOBIAN} = " + "W " * 1000 + "+ 2 W",
    "a bound of 400 terms": rf"\lVert {JACOBIAN} \rVert \le " + " + ".join([r"\lVert W \rVert"] * 400),
    "a bound with five sums": r"\lVert W \rVert \le " + sums("abcde", "6") + r"\lVert W \rVert",
}


@pytest.mark.parametrize("formula", SLOW.values(), ids=SLOW)
def test_a_formula_that_takes_long_is_not_understood_and_the_next_is_judged(formula):
    limits = Limits(formula_seconds=0.3, text_seconds=20)
    (slow, holding) = claims(f"{NETWORK}${formula}$\n\n{HOLDING}", limits, repair=False)
    assert slow == (NOT_UNDERSTOOD, "it takes longer than 0.3 s (limit)")
    assert holding[0] == HOLDS


def test_a_tower_of_powers_is_not_written_out():
    (found,) = claims(f"{NETWORK}${JACOBIAN} = (((((W^{{12}})^{{12}})^{{12}})^{{12}})^{{12}})^{{12}}$")
    assert found == (NOT_UNDERSTOOD, "this power has too many factors")


def test_a_formula_that_takes_long_is_never_said_to_fail():
    """Under its plain reading it is false at once; whether another makes it true there is no time to find out."""
    formula = r"\frac{\partial L}{\partial W} = " + sums("abcdei", "4") + r"\frac{\partial L_a}{\partial W}"
    assert FAILS not in dict(claims(f"{NETWORK}${formula}$", Limits(0.2, 20), repair=False))


def test_when_the_time_of_a_text_is_over_the_rest_is_not_understood():
    text = NETWORK + HOLDING + "\n\n" + "".join(f"${JACOBIAN} = {number} W$\n" for number in range(150))
    found = claims(text, repair=False)
    assert found[0][0] == HOLDS
    assert found[-1] == (NOT_UNDERSTOOD, "the text takes longer than 0.8 s (limit)")
    assert {verdict for verdict, _ in found} == {HOLDS, FAILS, NOT_UNDERSTOOD}


def test_the_verdicts_stand_though_there_is_no_time_to_look_for_repairs():
    text = NETWORK + "".join(f"${JACOBIAN} = {number} W$\n" for number in range(12))
    assert FAILS in dict(claims(text, Limits(0.3, 1.5)))


MANY = {
    "10⁴ formulas": NETWORK + "$U = 3$\n" * 10_000,
    "10⁴ claims": NETWORK + "".join(f"${JACOBIAN} = {number} W$\n" for number in range(10_000)),
    "10⁴ definitions": "".join(rf"$q_{{\text{{n{number}}}}} = x + {number}$" + "\n" for number in range(10_000)),
    "3000 rows": NETWORK + r"\begin{align}" + r"\\".join([f"{JACOBIAN} &= W"] * 3000) + r"\end{align}",
    "a definition of 10⁵ characters": "$h_t = " + "W h_{t-1} + " * 8000 + "x_t$",
    "a product of 10⁵ characters": f"{NETWORK}${JACOBIAN} = {'W ' * 45_000}$",
    "10⁵ brackets": f"{NETWORK}${'(' * 99_000}x_t{')' * 99_000} = 1$",
    "f of f of f": "$h_t = " + "f " * 5000 + "(h_{t-1})$",
    "five megabytes": "word " * 1_000_000 + HOLDING,
    "five megabytes of formulas": f"{NETWORK}{HOLDING}\n" * 40_000,
}


@pytest.mark.parametrize("text", MANY.values(), ids=MANY)
def test_a_text_that_takes_long_is_answered_in_its_time(text):
    answer(text)


def test_time_does_not_change_what_is_said_within_it():
    text = f"{NETWORK}{HOLDING} ${JACOBIAN} = W^\\top$"
    assert claims(text, Limits(60, 600)) == claims(text, Limits(5, 120))


# ---- on the command line


def test_the_limits_are_options(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slow.md").write_text(f"{NETWORK}${SLOW['six sums']}$")
    assert cli.main(["check", "slow.md", "--timeout", "0.2"]) == 3
    assert "it takes longer than 0.2 s (limit)" in capsys.readouterr().out
    (tmp_path / "long.md").write_text(MANY["10⁴ definitions"])
    assert cli.main(["check", "long.md", "slow.md", "--limit", "0.3"]) == 2
    said = capsys.readouterr()
    assert "derive: long.md: the text takes longer than 0.3 s (limit)" in said.err
    assert "slow.md" in said.out


@pytest.mark.parametrize(
    "option", [("--timeout", "0"), ("--timeout", "x"), ("--limit", "nan"), ("--limit", "-1"), ("--memory", "10")]
)
def test_what_is_no_limit_is_refused(option, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["check", "notes.md", *option])
    assert stop.value.code == 2
    assert "a limit" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space for sure")
def test_too_little_memory_is_told(tmp_path):
    (tmp_path / "long.md").write_text("$x_t$ $x_t$ $U = 3$\n" * 16_000)
    command = [sys.executable, "-m", "derive", "check", "long.md", "--memory", "256", "--limit", "30"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Traceback" not in run.stderr
    assert "more memory than there is" in run.stderr
    assert run.returncode == 2


@pytest.mark.parametrize("kind", [TooSlow, MemoryError, ValueError])
def test_a_limit_met_where_nothing_can_catch_it_prints_nothing(kind, capsys):
    def items():
        try:
            yield
        finally:
            raise kind

    with ringing(LIMITS):
        under_way = items()
        next(under_way)
        del under_way
    assert bool(capsys.readouterr().err) == (kind is ValueError)
