"""Time and memory: a formula and a text have so much of them, and what goes beyond is told, never a traceback."""

import inspect
import subprocess
import sys
import threading
from time import process_time, thread_time

import pytest

from derive.errors import DeriveError
from derive.limits import GRACE, Clock, Limits, TooSlow, refusing, ringing, untimed


def compute(seconds, clock=None):
    """Takes so long, and then asks the clock if there is one."""
    end = thread_time() + seconds
    while thread_time() < end:
        pass
    if clock is not None:
        clock.check()


@pytest.mark.parametrize("fields", [{"formula_seconds": 0}, {"text_seconds": -1}, {"megabytes": 0}])
def test_a_limit_is_more_than_nothing(fields):
    with pytest.raises(ValueError, match="more than nothing"):
        Limits(**fields)


def test_every_limit_says_what_it_limits():
    source = inspect.getsource(Limits)
    fields = source[: source.index("def __post_init__")].splitlines()
    declared = [i for i, line in enumerate(fields) if "=" in line and ":" in line]
    assert len(declared) > 15
    assert all(fields[i + 1].strip().startswith('"""') for i in declared)


# ---- the clock


def test_a_formula_has_its_own_time_and_what_was_computed_before_costs_it_nothing():
    clock = Clock(Limits(formula_seconds=0.05))
    compute(0.1)
    clock.check()
    with pytest.raises(TooSlow, match=r"it takes longer than 0\.05 s \(limit\)"), clock.of("a"):
        compute(0.1, clock)
    with clock.of("b"):
        clock.check()


def test_a_formula_that_is_judged_again_has_the_rest_of_its_time():
    clock = Clock(Limits(formula_seconds=0.1))
    with clock.of("a"):
        compute(0.07, clock)
    with pytest.raises(TooSlow), clock.of("a"):
        compute(0.07, clock)


def test_a_formula_within_another_shares_its_time():
    clock = Clock(Limits(formula_seconds=0.05))
    with pytest.raises(TooSlow), clock.of("a"), clock.of("b"):
        compute(0.1, clock)


def test_when_the_time_of_the_text_is_over_no_formula_has_any():
    clock = Clock(Limits(text_seconds=0.05))
    compute(0.1)
    with pytest.raises(TooSlow, match=r"the text takes longer than 0\.05 s"):
        list(clock.over("abc"))
    with pytest.raises(TooSlow, match="the text"), clock.of("a"):
        pytest.fail("it was begun")


def test_without_limits_the_clock_stops_nothing():
    clock = untimed()
    with clock.of("a"):
        clock.check()


# ---- what asks no clock


def test_what_asks_no_clock_is_stopped_soon_after_its_time():
    start = process_time()
    with pytest.raises(TooSlow, match="the text"), ringing(Limits(text_seconds=0.1)):
        compute(60)
    assert process_time() - start < 0.1 + GRACE + 0.5


def test_the_bell_is_off_afterwards():
    with ringing(Limits(text_seconds=0.01)):
        pass
    compute(GRACE + 0.1)


def test_in_another_thread_there_is_no_bell_and_no_error():
    done = []

    def work():
        with ringing(Limits(text_seconds=0.01)):
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done


@pytest.mark.parametrize(
    ("error", "said"), [(TooSlow("too long"), "too long"), (RecursionError(), "too deep"), (MemoryError(), "memory")]
)
def test_what_goes_beyond_a_limit_is_an_error_that_names_the_text(error, said):
    with pytest.raises(DeriveError, match=rf"notes\.md: .*{said}"), refusing("notes.md"):
        raise error


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space for sure")
def test_the_memory_of_a_process_can_be_limited():
    code = "from derive.limits import Limits, limit_memory; limit_memory(Limits(megabytes=300)); bytearray(10**9)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MemoryError" in run.stderr
