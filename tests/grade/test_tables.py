"""Tables that a spreadsheet program reads, and in which nothing from outside is a formula."""

import csv
import io

import pytest

from derive.grade.pages import files, overview, page_of
from derive.grade.results import Result, results, slips
from derive.grade.submissions import Submission
from derive.grade.tables import CLAIMS, LONGEST, MARK, SUBMISSIONS, cell, of_claims, of_submissions
from derive.grade.worker import Answer
from derive.verify.report import FileReport, Report
from tests.render.reports import FAILING, HOLDING, REPAIR, UNREAD, report


def result(name, *formulas, unread=(), page="reports/x.html"):
    given = report(*formulas, path=name) if formulas else Report(())
    return Result(name, given, tuple(unread), page)


def rows(text, separator=","):
    assert text.startswith(MARK)
    return list(csv.reader(io.StringIO(text.removeprefix(MARK), newline=""), delimiter=separator))


ANNA = result("Anna Müller", HOLDING, FAILING, UNREAD, page="reports/Anna-Muller.html")
BEN = result("=cmd|' /C calc'!A0", unread=[("x.md", "is not a text in UTF-8")], page="reports/cmd.html")


def test_each_submission_is_a_row():
    head, anna, ben = rows(of_submissions([ANNA, BEN]))
    assert tuple(head) == SUBMISSIONS
    assert anna == ["Anna Müller", "1", "3", "1", "1", "1", "", "reports/Anna-Muller.html"]
    assert ben[0] == "'=cmd|' /C calc'!A0"
    assert ben[2:7] == ["0", "0", "0", "0", "x.md: is not a text in UTF-8"]


def test_each_claim_is_a_row():
    head, *claims = rows(of_claims([ANNA, BEN]))
    assert tuple(head) == CLAIMS
    assert [row[head.index("verdict")] for row in claims] == ["holds", "fails", "not understood"]
    failing = dict(zip(head, claims[1], strict=True))
    assert failing["line"] == str(FAILING.line)
    assert failing["formula"] == FAILING.latex
    assert failing["place"] == FAILING.at.text
    assert REPAIR.words in failing["repair"]
    assert REPAIR.latex in failing["repair"]


def test_a_formula_over_several_lines_is_one_line():
    assert "\n" in UNREAD.latex
    assert all("\n" not in text for row in rows(of_claims([ANNA])) for text in row)


def test_semicolons_for_spreadsheet_programs_that_want_them():
    assert rows(of_submissions([ANNA], ";"), ";")[1][0] == "Anna Müller"


def test_lines_end_as_in_every_such_file():
    assert of_submissions([ANNA]).count("\r\n") == 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r\n=1", "＝1", "-s_t = 1"])
def test_no_text_is_a_formula(text):
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", ["a = b", "1 = 1", r"\frac{1}{2} = -1", "Anna", ""])
def test_other_texts_stay_as_they_are(text):
    assert cell(text) == text


def test_numbers_stay_numbers():
    assert cell(-3) == -3


def test_what_moves_a_cursor_or_fills_a_screen_does_not_get_in():
    assert cell("a\x00\x1b[31mb\u202e") == "a��[31mb�"
    assert cell("half \ud800") == "half �"
    assert len(cell("x" * 100_000)) == LONGEST


# ---- what came of each


def answered(path, *formulas):
    return Answer(FileReport(path, None, formulas))


def test_each_submission_gets_the_answers_to_its_texts():
    found = [Submission("a.md", ("a.md",)), Submission("B", ("B/x.md", "B/y.md"), (("B/z.md", "a link"),))]
    answers = [answered("a.md", HOLDING), answered("B/x.md"), Answer(None, "B/y.md: it takes too long")]
    a, b = results(found, answers)
    assert a.counts == (1, 0, 0)
    assert b.unread == (("B/z.md", "a link"), ("B/y.md", "it takes too long"))
    assert b.remark == "B/z.md: a link; B/y.md: it takes too long; B/x.md: there is no claim in it"


def test_of_a_single_file_the_remark_does_not_repeat_the_name():
    (one,) = results([Submission("a.md", ("a.md",))], [Answer(None, "a.md is not a text in UTF-8")])
    assert one.remark == "is not a text in UTF-8"


def test_each_page_has_a_name_of_its_own_that_any_system_can_have():
    names = ["Müller", "Muller", "MULLER", "李 明", "../../etc", "a/b", "CON?.md", "x" * 300, "-", "Łukasz"]
    pages = [one.page for one in results([Submission(name) for name in names], [])]
    assert len({page.lower() for page in pages}) == len(names)
    assert pages[:3] == ["reports/Muller.html", "reports/Muller--2.html", "reports/MULLER--3.html"]
    assert pages[-1] == "reports/Lukasz.html"
    assert all(page.isascii() and page.count("/") == 1 and ".." not in page and len(page) < 90 for page in pages)


def test_slips_that_several_have_are_counted_once_for_each():
    found = [result("a", FAILING, FAILING), result("b", FAILING), result("c", HOLDING)]
    assert slips(found) == [(REPAIR.changes[0].words, 2)]
    assert slips(found[:1]) == []


# ---- pages


def test_the_overview_links_to_a_page_for_each():
    page = overview([ANNA, BEN], "week 3")
    assert (
        "2 submissions: 1 holds (1 under a reading), 1 fails, 1 is not understood, 1 not judged or not wholly" in page
    )
    assert '<a href="reports/Anna-Muller.html">Anna Müller</a>' in page
    assert "x.md: is not a text in UTF-8" in page


def test_a_page_says_what_was_not_judged():
    assert "is not a text in UTF-8" in page_of(BEN)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{1234*5}}"])
def test_names_from_outside_are_text(name):
    page = overview([result(name, FAILING, unread=[(name, name)])], name)
    assert "<script" not in page
    assert "<img" not in page
    assert "6170" not in page


def test_nothing_on_a_page_is_fetched():
    page = overview([ANNA, BEN], "week 3")
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_page_does_not_grow_without_end():
    long = result("a", *[FAILING] * 1500)
    assert page_of(long).count("<article") == 1000
    assert "only the first 1000 of 1500 formulas are shown" in page_of(long)
    assert len(rows(of_claims([long]))) == 1501


def test_the_overview_is_written_last():
    names = list(files([ANNA, BEN], "week 3"))
    assert names == ["reports/Anna-Muller.html", "reports/cmd.html", "submissions.csv", "formulas.csv", "index.html"]
