"""A report for GitHub's log: a command for each place, and nothing that a stranger wrote can be one."""

import re

import pytest

from derive.errors import DeriveError
from derive.render.report_github import as_github
from tests.render.reports import ALL, FAILING, HOLDING, TEXT, UNCLEAR, UNREAD, WRONG, placed, report

COMMAND = re.compile(r"::(?P<name>error|warning|notice) (?P<properties>[^:]*)::(?P<message>.*)")
NASTY = "a%0A\r\n::stop-commands::x\n##[error]y, z: \x1b[2J\u202e"


def decoded(text):
    for escape, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def commands(text):
    """Name, properties and message of each command, as GitHub takes them apart; the last line is the summary."""
    *lines, _ = text.split("\n")
    for line in lines:
        found = COMMAND.fullmatch(line)
        assert found, line
        properties = dict(pair.split("=", 1) for pair in found["properties"].split(","))
        values = {key: decoded(value) for key, value in properties.items()}
        yield found["name"], values, decoded(found["message"])


def test_what_fails_is_an_error_at_its_place():
    ((name, properties, message),) = commands(as_github(report(FAILING), [TEXT]))
    line = TEXT.split("\n")[2]
    column = len(line[: line.index(r"W^{\top}")].encode("utf-16-le")) // 2 + 1
    assert name == "error"
    assert properties == {
        "file": "notes.md", "line": "3", "endLine": "3", "col": str(column), "endColumn": str(column + 8),
        "title": "derive check: fails",
    }  # fmt: skip
    assert message.startswith(f"{FAILING.reason}\n")
    assert FAILING.repair.latex in message


def test_what_is_not_understood_is_a_warning_and_a_note_a_notice():
    found = report(UNREAD, notes=("mixed",))
    warning, notice = commands(as_github(found, [TEXT]))
    assert (warning[0], warning[1]["title"]) == ("warning", "derive check: not understood")
    assert notice == ("notice", {"file": "notes.md", "title": "derive check: note"}, "mixed")


def test_a_file_that_was_not_read_is_an_error():
    ((name, properties, message),) = commands(as_github(report(), [""], [("b.md", DeriveError("gone"))]))
    assert (name, properties["file"], message) == ("error", "b.md", "gone")


def test_a_range_of_lines_has_no_columns():
    formula = placed(TEXT, UNCLEAR, "not-understood", reason="why")
    ((_, properties, _),) = commands(as_github(report(formula), [TEXT]))
    assert (properties["line"], properties["endLine"]) == ("5", "6")
    assert not {"col", "endColumn"} & set(properties)


def test_what_holds_is_only_counted():
    assert as_github(report(HOLDING), [TEXT]) == "1 holds (1 under a reading)"
    assert as_github(ALL, [TEXT]).endswith("\n1 holds (1 under a reading), 1 fails, 1 is not understood")


@pytest.mark.parametrize("nasty", [NASTY, "::error::x", "%", "a,b:c=d"])
def test_a_stranger_writes_no_command(nasty):
    formula = placed(TEXT, WRONG, "fails", reason=nasty, reading=nasty)
    text = as_github(report(formula, path=nasty, notes=(nasty,)), [TEXT], [(nasty, DeriveError(nasty))])
    found = list(commands(text))
    assert [name for name, *_ in found] == ["error", "notice", "error"]
    assert all(properties["file"] == nasty for _, properties, _ in found)
    assert not re.search("[\x1b\u202e]", "".join(message for *_, message in found))
    assert found[1][2] == "".join(c if c.isprintable() or c == "\n" else "�" for c in nasty)
