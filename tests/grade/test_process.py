"""The process that judges is ended when it must be, and another goes on with the next text."""

import os
import sys
import time

import pytest

from derive.grade.process import Process, ask
from derive.grade.worker import Terms
from derive.limits import Limits
from derive.verify.report import HOLDS

EVIL = "from derive.grade.worker import main; from tests.grade.evil import judge; main(judge)"
SAID = {
    "hang": "the text takes longer than 0.3 s (limit)",
    "eat": "more memory",
    "crash": "the process ended with code -11",
    "leave": "the process ended with code 7",
    "fault": "a fault of derive: KeyError in evil.py",
    "deep": "nested too deep",
    "refuse": "refused",
    "stuck": "judging it was ended: it takes longer than 0.3 s (limit)",
}
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere signals or limits are others")


@ON_LINUX
def test_one_bad_text_stops_no_other(tmp_path):
    with Process(Terms(str(tmp_path), limits=Limits(text_seconds=0.3, megabytes=1000)), EVIL) as process:
        for path, why in SAID.items():
            answer = process.ask(path)
            assert answer.report is None
            assert why in answer.problem
            assert process.ask("fine").report is not None


def test_what_is_printed_by_accident_is_no_answer(tmp_path):
    with Process(Terms(str(tmp_path)), EVIL) as process:
        assert process.ask("talk").report.path == "talk"
        assert process.ask("fine").report.path == "fine"


def test_it_ends_with_whoever_asks(tmp_path):
    process = Process(Terms(str(tmp_path)), EVIL)
    process.ask("fine")
    child = process._child
    child.stdin.close()  # as when the other end is killed
    assert child.wait(10) == 0
    child.stdout.close()


def test_the_folder_of_the_texts_is_no_place_to_import_from(tmp_path, monkeypatch):
    """A stranger's sympy.py beside his text is a text like any other."""
    for name in ("sympy", "numpy", "pickle", "derive", "joblib"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'touched')!r}, 'w')")
    (tmp_path / "notes.md").write_text("$1 = 1$")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "")
    (answer,) = ask(["notes.md"], Terms(str(tmp_path)))
    assert [claim.verdict for claim in answer.report.claims] == [HOLDS]
    assert not (tmp_path / "touched").exists()


def test_a_process_that_cannot_begin_is_told(tmp_path):
    with Process(Terms(str(tmp_path)), "import nothing_like_this") as process:
        assert process.ask("fine").problem == "judging it broke off: the process ended with code 1"


@ON_LINUX
def test_nothing_is_left_behind(tmp_path):
    with Process(Terms(str(tmp_path)), EVIL) as process:
        process.ask("fine")
        number = process._child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


@ON_LINUX
def test_a_process_that_nobody_waits_for_ends_in_its_time(tmp_path):
    process = Process(Terms(str(tmp_path), limits=Limits(text_seconds=0.2)), EVIL)
    process.ask("fine")
    child = process._child
    child.stdin.write(b"\x80\x04\x8c\x05stuck\x94.")  # asked, and never read
    child.stdin.flush()
    start = time.monotonic()
    assert child.wait(60) != 0
    assert time.monotonic() - start < 55
    child.stdin.close()
    child.stdout.close()
