"""`derive grade`: a folder in, tables and pages out, whatever is in it; and on all backends alike."""

import csv
import filecmp
import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from derive import cli
from derive.errors import DeriveError
from derive.grade.parallel import BACKENDS, answers
from derive.grade.worker import Terms
from derive.grade.write import beside, check_writable, write
from derive.limits import Limits
from derive.resources import templates
from derive.verify.report import NOT_UNDERSTOOD
from tests.interrupted import begun
from tests.verify.test_limits import MANY

NOTES = (templates() / "notes.md").read_text(encoding="utf-8")
HOLDS = r"$s_t = \tanh(W s_{t-1})$, so $\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}(1 - s_t^2) W$"
UNCLEAR = r"$s_t = \tanh(W s_{t-1})$, so $\frac{\partial s_t}{\partial s_{t-1}} = s_t \star W$"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "week 3").mkdir()
    return tmp_path / "week 3"


def put(folder, texts):
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def rows(out, name="submissions.csv"):
    with (out / name).open(encoding="utf-8-sig", newline="") as file:
        return {row["submission"]: row for row in csv.DictReader(file)}


def counts(row):
    return tuple(int(row[name]) for name in ("holds", "fails", "not understood"))


# ---- what comes out


def test_a_class_is_graded(folder, capsys):
    put(folder, {"Müller Anna_1_assign/notes.md": HOLDS, "ben.md": UNCLEAR, ".DS_Store": b"\x00"})
    assert cli.main(["grade", str(folder), "--jobs", "1"]) == 3
    out = folder.parent / "week 3-graded"
    found = rows(out)
    assert {name: counts(row) for name, row in found.items()} == {
        "ben.md": (0, 0, 1),
        "Müller Anna_1_assign": (1, 0, 0),
    }
    page = (out / "index.html").read_text(encoding="utf-8")
    for row in found.values():
        assert f'href="{row["page"]}"' in page
        assert (out / row["page"]).is_file()
    printed = capsys.readouterr()
    assert printed.out == f"2 submissions: 1 holds, 1 is not understood\nThe overview: {out / 'index.html'}\n"
    assert printed.err == ""
    assert sorted(path.name for path in folder.iterdir()) == [".DS_Store", "Müller Anna_1_assign", "ben.md"]
    assert not list(out.rglob(".derive*"))


BAD = {
    "empty.md": b"",
    "no text.md": b"\xff\xfe\x00",
    "prose.md": b"There is no formula here.",
    "broken.ipynb": b"{",
    "endless.tex": rb"\newcommand{\a}{\a\a} $\a = 1$",
    "long.md": b"word " * 2_100_000,
    "control.md": b"\x1b[31m$1 = 1$",
}


def test_one_bad_file_stops_no_other(folder, capsys):
    put(folder, {**BAD, "good.md": HOLDS, "slow.md": MANY["10⁴ definitions"]})
    (folder / "a folder.md").mkdir()
    assert cli.main(["grade", str(folder), "--jobs", "1", "--limit", "2"]) == 2
    found = rows(Path("week 3-graded"))
    assert counts(found["good.md"]) == counts(found["control.md"]) == (1, 0, 0)
    remarks = {name: row["remark"] for name, row in found.items()}
    assert remarks["good.md"] == ""
    for name, why in {
        "empty.md": "there is no claim",
        "prose.md": "there is no claim",
        "no text.md": "is not a text in UTF-8",
        "broken.ipynb": "no notebook",
        "endless.tex": "puts in too much",
        "long.md": "characters",
        "slow.md": "takes longer than 2 s",
        "a folder.md": "there is no .md",
    }.items():
        assert why in remarks[name], name
    assert capsys.readouterr().err.count("derive: ") == 6


def test_a_formula_that_takes_long_is_a_row_like_any_other(folder):
    put(folder, {"a.md": HOLDS + r" and $\lVert W \rVert \le " + r"\sum_{a=1}^{6} \sum_{b=1}^{6} " * 2 + "b W$"})
    cli.main(["grade", str(folder), "--jobs", "1", "--timeout", "0.001"])
    (row,) = rows(Path("week 3-graded")).values()
    assert int(row["not understood"]) >= 1


def test_the_model_is_that_of_the_command_line(folder):
    put(folder, {"a.md": r"$\frac{\partial L}{\partial V} = \sum_{t=1}^{T} (o_t - \bar{o}_t) s_t^{\top}$"})
    assert cli.main(["grade", str(folder), "--jobs", "1", "--model", "elman"]) == 0
    put(folder.parent, {"mine.tex": (templates().parent / "derive/cells/elman.tex").read_bytes()})
    assert cli.main(["grade", str(folder), "--jobs", "1", "--model", "mine.tex", "--out", "other"]) == 0


def test_strict_allows_no_reading(folder):
    put(folder, {"a.md": NOTES})
    cli.main(["grade", str(folder), "--jobs", "1", "--strict", "--semicolon"])
    with Path("week 3-graded/formulas.csv").open(encoding="utf-8-sig", newline="") as file:
        verdicts = [row["verdict"] for row in csv.DictReader(file, delimiter=";")]
    assert len(verdicts) == 3
    assert "holds" not in verdicts[1:]


# ---- what cannot be


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "no folder to read"),
        (["week 3"], "there is no submission in"),
        (["week 3", "--model", "nothing"], "neither a known network nor a file"),
        (["week 3", "--out", "file/below"], "cannot be written"),
        (["week 3", "--backend", "ray"], "ray is not installed"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_written(folder, capsys, monkeypatch, arguments, said):
    if len(arguments) > 1:
        put(folder, {"a.md": HOLDS})
    put(folder.parent, {"file": ""})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    before = sorted(folder.parent.rglob("*"))
    assert cli.main(["grade", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("derive: ")
    assert said in printed.err
    assert sorted(folder.parent.rglob("*")) == before


@pytest.mark.parametrize("arguments", [["--jobs", "0"], ["--jobs", "-1"], ["--jobs", "x"], ["--backend", "x"]])
def test_an_option_that_is_none_is_refused(arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(["grade", "x", *arguments])
    assert stop.value.code == 2


def test_the_results_stand_beside_the_submissions(tmp_path, monkeypatch):
    assert beside(tmp_path / "a") == tmp_path.resolve() / "a-graded"
    monkeypatch.chdir(tmp_path)
    assert beside(Path()) == tmp_path.resolve().with_name(f"{tmp_path.name}-graded")


def test_files_are_there_whole_or_as_before(tmp_path):
    write({"reports/a.html": "old", "index.html": "old"}, tmp_path / "out")
    (tmp_path / "out" / "index.html").unlink()
    (tmp_path / "out" / "index.html").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(DeriveError, match="cannot be written"):
        write({"reports/a.html": "new", "index.html": "new"}, tmp_path / "out")
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"
    assert not list(tmp_path.rglob(".derive*"))
    with pytest.raises(DeriveError, match="cannot be written"):
        check_writable(tmp_path / "out" / "mine.txt")


# ---- many at a time

TEXTS = {f"{number}.md": HOLDS.replace("tanh", ("tanh", "sigma")[number % 2]) for number in range(5)}


def test_what_is_said_does_not_depend_on_who_says_it(folder):
    put(folder, {**TEXTS, "bad.md": BAD["no text.md"]})
    ways = {"one": ["--jobs", "1"], "two": ["--jobs", "2"]}
    if importlib.util.find_spec("distributed"):
        ways["dask"] = ["--jobs", "2", "--backend", "dask"]
    for out, more in ways.items():
        assert cli.main(["grade", str(folder), "--out", out, *more]) == 2
    names = [path.relative_to("one") for path in Path("one").rglob("*") if path.is_file()]
    assert len(names) == len(TEXTS) + 1 + 3
    for out in ways:
        assert filecmp.cmpfiles("one", out, names, shallow=False) == (names, [], [])
    if "dask" not in ways:
        pytest.skip("the others agree, but dask is not installed: pip install 'dask[distributed]'")


def test_the_texts_that_were_judged_are_counted(folder):
    put(folder, TEXTS)
    told = []
    found = answers(sorted(TEXTS), Terms(str(folder)), jobs=1, progress=lambda done, of: told.append((done, of)))
    assert [answer.report.path for answer in found] == sorted(TEXTS)
    assert told == [(3, 5), (5, 5)]


def test_no_texts_take_no_process():
    assert answers([], Terms("/nowhere")) == []


def test_every_backend_is_offered():
    assert set(BACKENDS) == {"loky", "dask", "ray"}


def test_the_limits_reach_the_texts(folder):
    put(folder, {"a.md": HOLDS})
    (answer,) = answers(["a.md"], Terms(str(folder), limits=Limits(formula_seconds=1e-6)), jobs=1)
    assert [claim.verdict for claim in answer.report.claims] == [NOT_UNDERSTOOD]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_ctrl_c_ends_it_and_leaves_nothing(folder):
    put(folder, {f"{number}.md": MANY["10⁴ definitions"] for number in range(4)})
    process = begun("grade", str(folder), "--jobs", "2", stderr=subprocess.PIPE, start_new_session=True)
    time.sleep(6)
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert err.strip() == "derive: stopped"
    assert [path.name for path in folder.parent.iterdir()] == ["week 3"]
