"""The bench's own helpers: what it counts, how it pairs, and when it stops."""

import time

import pytest
import sympy

from benchmarks.building import PAGE, SHARED, place, watched
from benchmarks.measure import aligned, ratio
from benchmarks.peers import ask, remaining, whole
from benchmarks.systems import Answer, System, derive_shown, operations, scalar_loss


def scalar_parts(expression):
    return expression.args


def test_columns_are_aligned_and_a_missing_cell_is_seen():
    assert aligned([["form", "s"], ["delta", "10.5"]]) == ["form      s", "delta  10.5"]
    with pytest.raises(ValueError, match="zip"):
        aligned([["form", "s"], ["delta"]])


def test_a_ratio_is_taken_within_each_pair():
    slow_and_quiet = [(1.0, 2.0), (10.0, 20.0), (1.0, 2.0)]
    assert ratio(slow_and_quiet) == 2.0


def test_operations_are_those_that_sympy_counts():
    loss, entries = scalar_loss(sympy, 1)
    found = sympy.tanh(entries[0] * entries[1] + entries[2]) * sympy.exp(entries[3])
    assert operations([found], scalar_parts) == (sympy.count_ops(found),) * 2
    assert loss.free_symbols >= set(entries)


def test_equal_parts_are_counted_once_and_as_often_as_they_are_written():
    x, y = sympy.symbols("x y")
    part = sympy.tanh(x + y)  # 2 operations
    assert operations([part + x, part * y], scalar_parts) == (6, 4)


def test_beyond_what_is_written_out_the_formulas_do_not_grow():
    assert derive_shown(10).operations == derive_shown(1000).operations < derive_shown(3).operations


def test_the_components_have_a_symbol_for_every_entry():
    loss, entries = scalar_loss(sympy, 2)
    assert len(entries) == 12
    assert len(loss.free_symbols) == 12 + 2 + 2 * (2 + 2)  # U, W, V; s_0; x_t and the target at two steps


@pytest.mark.parametrize(
    ("left", "spent", "answer", "after"),
    [(60.0, 1.0, Answer(0.5), 59.0), (60.0, 35.0, Answer(34.0), 0.0), (60.0, 60.0, None, 0.0)],
    ids=["goes on", "another as long would exceed it", "was killed"],
)
def test_a_budget_ends(left, spent, answer, after):
    assert remaining(left, spent, answer) == after


def test_what_takes_too_long_is_killed():
    assert ask(System("sleeper", time.sleep), 60, 0.2) is None


def test_large_numbers_are_short():
    assert (whole(12), whole(963824), whole(10**400)) == ("12", "963 824", "1.0e+400")


@pytest.mark.parametrize(
    ("running", "found"),
    [
        (["derive.book.build", PAGE, "derive.evidence.judge", "derive.gradients.form"], ("deriving elman", "check")),
        (["derive.book.build", PAGE, "derive.gradients.makers"], ("deriving elman", "derive")),
        (["derive.book.build", PAGE, "derive.render.printer"], ("deriving elman", "render")),
        (["derive.book.build", "derive.book.site", "mkdocs.commands.build"], ("deriving elman", "MkDocs")),
        (["derive.book.build", "derive.checklist"], (SHARED, "render")),
    ],
    ids=["check", "derive", "render", "MkDocs", "all pages"],
)
def test_a_moment_of_a_build_belongs_to_the_outermost_stage(running, found):
    assert place(running, "deriving elman") == found


def test_the_parts_of_a_build_add_up_to_its_time():
    def build(report):
        report("busy")
        end = time.perf_counter() + 0.1
        while time.perf_counter() < end:
            pass

    start = time.perf_counter()
    spent = watched(build)
    assert 0.05 < sum(spent[SHARED].values()) <= time.perf_counter() - start
