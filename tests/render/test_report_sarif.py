"""A report in SARIF keeps to the standard, marks what editors mark, and its fixes make the formula that was checked."""

import json
import os
from pathlib import Path

import pytest

from derive.errors import DeriveError
from derive.render.report_sarif import as_sarif
from derive.verify.report import FileReport, Report
from tests.render.editor import applied, cut
from tests.render.reports import (
    ALL,
    COUNTEREXAMPLE,
    FAILING,
    HOLDING,
    OTHERS,
    REPAIR,
    TEXT,
    UNCLEAR,
    WRONG,
    change,
    placed,
    repaired,
    report,
)

# What the schema of SARIF 2.1.0 says of the objects that are written here. A key with ! must be there, others may be;
# a set holds the values that are allowed, a list what each item is, an int is the least whole number.
TEXT_OF = {"text!": str}
REGION = {"startLine!": 1, "startColumn": 1, "endLine": 1, "endColumn": 1, "snippet": TEXT_OF}
ARTIFACT = {"uri": str, "uriBaseId": str}
PLACE = {"artifactLocation!": ARTIFACT, "region": REGION, "contextRegion": REGION}
LOCATION = {"id": 0, "message": TEXT_OF, "physicalLocation": PLACE}
REPLACEMENT = {"deletedRegion!": REGION, "insertedContent": TEXT_OF}
FIX = {
    "description": TEXT_OF,
    "artifactChanges!": [{"artifactLocation!": ARTIFACT, "replacements!": [REPLACEMENT]}],
}
LEVEL = {"none", "note", "warning", "error"}
RESULT = {
    "ruleId": str,
    "ruleIndex": 0,
    "level": LEVEL,
    "message!": TEXT_OF,
    "locations": [LOCATION],
    "relatedLocations": [LOCATION],
    "partialFingerprints": dict,
    "fixes": [FIX],
    "properties": dict,
}
RULE = {
    "id!": str,
    "name": str,
    "shortDescription": TEXT_OF,
    "fullDescription": TEXT_OF,
    "help": TEXT_OF,
    "defaultConfiguration": {"level": LEVEL},
    "properties": dict,
}
NOTIFICATION = {"message!": TEXT_OF, "level": LEVEL, "locations": [LOCATION]}
RUN = {
    "tool!": {"driver!": {"name!": str, "version": str, "rules": [RULE]}},
    "invocations": [{"executionSuccessful!": bool, "toolExecutionNotifications": [NOTIFICATION]}],
    "columnKind": {"utf16CodeUnits", "unicodeCodePoints"},
    "results": [RESULT],
}
LOG = {"$schema": str, "version!": {"2.1.0"}, "runs!": [RUN]}


def misfits(value, shape, path="log"):
    """Where a value is not what the schema allows."""
    if isinstance(shape, dict):
        known = {key.rstrip("!"): inner for key, inner in shape.items()}
        missing = {key[:-1] for key in shape if key.endswith("!")} - set(value)
        yield from (f"{path}.{key}" for key in sorted(missing | (set(value) - set(known))))
        for key in set(value) & set(known):
            yield from misfits(value[key], known[key], f"{path}.{key}")
    elif isinstance(shape, list):
        yield from () if isinstance(value, list) else [path]
        for number, item in enumerate(value):
            yield from misfits(item, shape[0], f"{path}[{number}]")
    elif isinstance(shape, set):
        yield from () if value in shape else [path]
    elif isinstance(shape, int):
        yield from () if type(value) is int and value >= shape else [path]
    elif not isinstance(value, shape):
        yield path


def run_of(found, *texts, unread=()):
    """The one run of a report's log, once it is known to be valid."""
    log = json.loads(json.dumps(as_sarif(found, texts, unread), allow_nan=False))
    assert list(misfits(log, LOG)) == []
    (run,) = log["runs"]
    return run


def place_of(result):
    (location,) = result["locations"]
    return location["physicalLocation"]


def test_a_misfit_would_be_found():
    log = as_sarif(ALL, [TEXT])
    assert list(misfits(log | {"version": "2.0.0"}, LOG)) == ["log.version"]
    assert list(misfits(log | {"more": 1}, LOG)) == ["log.more"]
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] = 0
    assert [path.rpartition(".")[2] for path in misfits(log, LOG)] == ["startColumn"]


def test_what_does_not_hold_is_a_result_by_its_rule():
    run = run_of(ALL, TEXT)
    rules = run["tool"]["driver"]["rules"]
    assert [result["ruleId"] for result in run["results"]] == ["fails", "not-understood"]
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["defaultConfiguration"]["level"] == result["level"]
    assert [result["level"] for result in run["results"]] == ["error", "warning"]


def test_the_place_is_marked_within_its_formula():
    for result, part, whole in zip(
        run_of(ALL, TEXT)["results"], (r"W^{\top}", r"\star"), (WRONG, UNCLEAR), strict=True
    ):
        place = place_of(result)
        for region, latex in ((place["region"], part), (place["contextRegion"], whole)):
            assert cut(TEXT, region) == region["snippet"]["text"] == latex


def test_without_a_place_the_formula_is_marked_and_has_none_around_it():
    whole = placed(TEXT, UNCLEAR, "not-understood", reason="why")
    (result,) = run_of(report(whole), TEXT)["results"]
    assert cut(TEXT, place_of(result)["region"]) == UNCLEAR
    assert "contextRegion" not in place_of(result)


def test_a_message_says_why_and_what_would_be_right():
    said = run_of(ALL, TEXT)["results"][0]["message"]["text"].split("\n")
    assert said[0] == FAILING.reason
    assert f"this holds under a reading ({REPAIR.reading}), and was checked: {REPAIR.latex}" in said
    assert run_of(report(placed(TEXT, WRONG, "fails")), TEXT)["results"][0]["message"]["text"] == "fails"
    assert run_of(ALL, TEXT)["results"][0]["properties"]["evidence"] == COUNTEREXAMPLE


def test_a_fix_makes_the_repaired_formula():
    fixes = run_of(ALL, TEXT)["results"][0]["fixes"]
    assert [fix["description"]["text"] for fix in fixes] == [each.words for each in (REPAIR, *OTHERS)]
    for fix, repair in zip(fixes, (REPAIR, *OTHERS), strict=True):
        assert applied(TEXT, fix) == TEXT.replace(WRONG, repair.latex)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_fix_in_a_later_line_of_a_formula(end):
    text, latex = TEXT.replace("\n", end), UNCLEAR.replace("\n", end)
    repair = repaired(latex, change(latex, "= s", "= 😀 s"), change(latex, r" \star W", ""))
    (result,) = run_of(report(placed(text, latex, "fails", repair=repair)), text)["results"]
    assert applied(text, result["fixes"][0]) == text.replace(latex, repair.latex)


def test_a_fix_in_a_notebook_leaves_a_notebook():
    cell = {"cell_type": "markdown", "source": ["one 😀\n", f"${WRONG}$ and\n", f'$$a\n"{UNCLEAR}$$']}
    text = json.dumps({"cells": [cell]}, indent=1, ensure_ascii=False)
    latex = json.dumps(WRONG)[1:-1]
    formula = placed(text, latex, "fails", repair=repaired(latex, change(latex, r"W^{\\top}", r"\\nu_{\\top}")))
    (result,) = run_of(report(formula, path="a.ipynb"), text)["results"]
    (fixed,) = json.loads(applied(text, result["fixes"][0]))["cells"]
    assert fixed["source"] == [line.replace(r"W^{\top}", r"\nu_{\top}") for line in cell["source"]]
    assert f"this holds, and was checked: {WRONG.replace('W^', chr(92) + 'nu_')}" in result["message"]["text"]


def test_a_repair_that_does_not_fit_its_formula_is_no_fix():
    repair = repaired(WRONG, change(WRONG, "s_t^2", "s_t"))
    formula = placed(TEXT, UNCLEAR, "fails", repair=repair)
    assert "fixes" not in run_of(report(formula), TEXT)["results"][0]


def test_the_same_slip_is_linked():
    related = run_of(ALL, TEXT)["results"][0]["relatedLocations"]
    assert [place["physicalLocation"]["region"]["startLine"] for place in related] == [FAILING.again]


def marks(text):
    formulas = [placed(text, WRONG, "fails"), placed(text, WRONG, "fails"), placed(text, "a = b", "fails")]
    return [result["partialFingerprints"] for result in run_of(report(*formulas), text)["results"]]


def test_a_result_is_known_again_when_lines_move():
    assert marks(TEXT) == marks(f"more\n\n{TEXT}")
    assert len({json.dumps(mark) for mark in marks(TEXT)}) == 3


def test_a_formula_that_holds_now_leaves_the_marks_of_others():
    before = run_of(report(FAILING, FAILING), TEXT)["results"][1]
    after = run_of(report(placed(TEXT, WRONG, "holds"), FAILING), TEXT)["results"][0]
    assert before["partialFingerprints"] == after["partialFingerprints"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("notes.md", "notes.md"),
        ("./b/../notes.md", "notes.md"),
        ("{here}/b/a.md", "b/a.md"),
        ("a: b/é 100%.md", "a%3A%20b/%C3%A9%20100%25.md"),
        (os.fsdecode(b"gradi\xebnt.md"), "gradi%EBnt.md"),
    ],
)
def test_the_address_of_a_file_is_relative(path, uri, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = report(FAILING, path=path.format(here=Path.cwd()))
    assert place_of(run_of(found, TEXT)["results"][0])["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_a_file_that_stands_elsewhere_has_a_whole_address(tmp_path, monkeypatch):
    (tmp_path / "b").mkdir()
    monkeypatch.chdir(tmp_path / "b")
    found = report(FAILING, path="../a.md")
    uri = place_of(run_of(found, TEXT)["results"][0])["artifactLocation"]["uri"]
    assert uri == (tmp_path / "a.md").as_uri()


def test_notes_and_errors_are_told_of_the_run():
    (quiet,) = run_of(report(HOLDING), TEXT)["invocations"]
    assert quiet == {"executionSuccessful": True, "toolExecutionNotifications": []}
    (invocation,) = run_of(ALL, TEXT, unread=[("b.md", DeriveError("b.md cannot be read"))])["invocations"]
    told = [(each["level"], each["message"]["text"]) for each in invocation["toolExecutionNotifications"]]
    assert told == [("note", ALL.files[0].notes[0]), ("error", "b.md cannot be read")]
    assert not invocation["executionSuccessful"]


def test_each_file_is_marked_in_its_own_text():
    files = (FileReport("a.md", None, (FAILING,)), FileReport("b.md", None, (placed(UNCLEAR, UNCLEAR, "fails"),)))
    first, second = run_of(Report(files), TEXT, UNCLEAR)["results"]
    assert cut(TEXT, place_of(first)["region"]) == r"W^{\top}"
    assert cut(UNCLEAR, place_of(second)["region"]) == UNCLEAR
