"""The watchdog bites: what takes too long is ended, and an answer that contradicts itself is noticed."""

from dataclasses import replace

import pytest

from derive.verify.report import HOLDS
from tests.verify.faults import faults
from tests.verify.watched import HUNG, Watched, asked


def test_a_text_that_takes_too_long_is_ended_and_the_next_is_answered():
    with Watched(seconds=0.5) as impatient:
        assert impatient.ask("$U = 3$\n" * 20_000).kind == HUNG
        assert impatient.ask("$1 = 1$").verdicts == [HOLDS]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"column": 3}, "stand"),
        ({"verdict": None}, "the verdict"),
        ({"verdict": HOLDS}, "1 = 2 holds"),
        ({"reason": None}, "without a reason"),
        ({"evidence": {"left": "nan"}}, "no number"),
        ({"at": {"start": 1, "end": 3, "text": "1"}}, "stand"),
    ],
)
def test_an_answer_that_contradicts_itself_is_noticed(change, fault):
    text = "$1 = 2$"
    found = asked(text)
    (formula,) = found.formulas
    report = {**found.report, "files": [{"formulas": [formula | change]}]}
    assert not list(faults(text, found))
    assert any(fault in one for one in faults(text, replace(found, report=report)))
