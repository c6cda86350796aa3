"""Find-the-error sheets: what is on them is what the check says, and the key says where each slip is."""

import os
import re
import shutil
import subprocess
import sys
from functools import cache

import pytest

from derive import api, check
from derive.cli import main
from derive.errors import DeriveError, Source
from derive.exercise.looking import look
from derive.exercise.plausible import kind_of
from derive.exercise.sheet import Part, Sheet, given, sheet
from derive.exercise.slips import KINDS
from derive.exercise.write import files, listed, marked, phrase, write
from derive.models.read import read_model
from derive.repair.slips import FAR, NEAR, candidates
from derive.verify.report import At

RIGHT = [
    r"\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}\bigl(f'(a_t)\bigr) W",
    r"\frac{\partial L}{\partial V} = \sum_{t=1}^{T} (o_t - \bar{o}_t) s_t^{\top}",
]


@cache
def made(cell: str = "elman", **asked) -> Sheet:
    return sheet(api.load(cell).model, **{"seed": 1, "count": 2, **asked})


def parts(found: Sheet) -> list[Part]:
    return [part for exercise in found.exercises for part in exercise.parts]


@cache
def checked():
    """What `derive check` says of the sheet as a file, by the line on which a formula begins."""
    text = files(made())["sheet.md"]
    return text, {claim.line: claim for claim in check(text, kind="md", repair=False).claims}


def test_the_check_finds_the_wrong_formulas_on_the_sheet_and_no_others():
    text, claims = checked()
    lines = text.splitlines()
    for part in parts(made()):
        first = part.shown.splitlines()[0]
        numbers = [n for n, line in enumerate(lines, start=1) if line == first]
        found = next(claims[line] for line in range(numbers[0], numbers[0] + 3) if line in claims)
        assert (found.verdict, found.reading) == ("holds" if part.slip is None else "fails", None)


def test_each_exercise_has_as_many_wrong_formulas_as_asked_for():
    for exercise in made().exercises:
        assert sum(part.slip is not None for part in exercise.parts) == 2
        assert len(exercise.parts) >= 4
    assert "two formulas are wrong, each by one slip" in files(made())["sheet.md"]


def test_the_key_says_for_each_formula_what_it_is():
    key = files(made())["key.md"]
    for n, exercise in enumerate(made().exercises, start=1):
        for m, part in enumerate(exercise.parts, start=1):
            line = next(line for line in key.splitlines() if line.startswith(f"({n}.{m})"))
            assert line.endswith("right") if part.slip is None else "**wrong**" in line
            if part.slip is not None:
                assert part.slip.kind in KINDS
                assert part.right in key
                assert part.slip.words
                assert all(part.slip.wrong[at.start : at.end] == at.text for at in part.slip.places)
                assert "underline" in marked(part.slip.wrong, part.slip.places)


def test_the_sheet_does_not_give_itself_away():
    text = files(made())["sheet.md"]
    for part in parts(made()):
        assert part.shown in text
        assert part.slip is None or part.right not in text
    assert "underline" not in text


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_same_seed_gives_the_same_sheet_in_any_process(seed):
    command = [sys.executable, "-m", "derive", "exercise", "elman", "--seed", "1", "--count", "2", "--out", "-"]
    run = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}
    )
    assert run.stdout == "\n".join(files(made()).values())


def test_another_seed_gives_another_sheet():
    one, other = (files(made(seed=seed, count=1, wrong=1)) for seed in (2, 3))
    assert one["sheet.md"] != other["sheet.md"]


def test_the_kinds_are_those_that_were_asked_for():
    found = made(seed=3, count=1, wrong=1, kinds=("transpose",))
    assert [part.slip.kind for part in parts(found) if part.slip] == ["transpose"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kinds": ("grammar",)}, "transpose, symbol, index"),
        ({"wrong": 0}, "from 1 to"),
        ({"count": 0}, "from 1 to"),
        ({"count": 10**9}, "from 1 to"),
        ({"wrong": 30}, "no exercise on elman with 30"),
    ],
)
def test_what_cannot_be_made_is_said(asked, said):
    with pytest.raises(DeriveError, match=re.escape(said)):
        sheet(api.load("elman").model, **asked)


NOT_ASKED = {"immediate", "entry", "subject", "factor"}
"""∂ for ∂⁺ is taken under a reading; a left side is what is asked for; a right formula has no bare I or 1."""


def test_every_kind_of_slip_in_an_equation_has_a_name():
    head = given(api.load("elman").model).text + "$$\na_t = U x_t + W s_{t-1}\n$$\n\n"
    for display in look(head, RIGHT):
        made_of = {kind_of(display.page, each) for slips in (NEAR, FAR) for each in candidates(display.page, slips)}
        assert made_of <= {*KINDS, *NOT_ASKED}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (r"W^{\top} where W is needed", r"$W^{\top}$ where $W$ is needed"),
        ("the sum starts one step late", "the sum starts one step late"),
        ("the sum ends at t where T is needed", "the sum ends at $t$ where $T$ is needed"),
        (r"a_t and V the other way round", "$a_t$ and $V$ the other way round"),
        ("a product of matrices where ⊙ is written", r"a product of matrices where $\odot$ is written"),
    ],
)
def test_the_formulas_in_the_words_are_set_as_formulas(words, said):
    assert phrase(words) == said


@pytest.mark.parametrize(
    ("latex", "start", "end", "said"),
    [
        (r"x_t", 2, 3, r"x_{\underline{t}}"),
        (r"\sum_{t=2}^{T}", 8, 9, r"\sum_{t=\underline{2}}^{T}"),
        (r"W V", 0, 1, r"\underline{W} V"),
        (r"A \frac{\partial a}{\partial b} B", 17, 29, r"A \underline{\frac{\partial a}{\partial b}} B"),
        (r"a &= b", 0, 6, r"a &= b"),
    ],
)
def test_a_place_is_underlined_so_that_tex_takes_it(latex, start, end, said):
    assert marked(latex, [At(start, end, latex[start:end])]) == said


def test_lists_are_read_aloud():
    assert listed(["a"]) == "$a$"
    assert listed(["a", "b", "c"]) == "$a$, $b$ and $c$"


def test_both_documents_compile(tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex on this machine: that the sheets compile is not tested")
    for name, text in files(made(), "latex").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", name]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
        assert run.returncode == 0, run.stdout[-2000:]
        assert "Overfull \\hbox" not in run.stdout


HOSTILE = r"""% title: A } \input{/etc/passwd} $x$ **bold** <script> 100% # & {{7*7}} 网络
x_t \in \mathbb{R}^{d}, s_0 \in \mathbb{R}^{n}, v \in \mathbb{R}^{n}
U \in \mathbb{R}^{n \times d}, W \in \mathbb{R}^{n \times n}
s_t = \tanh(U x_t + W s_{t-1})
L_t = v^{\top} s_t
L = \sum_{t=1}^{T} L_t
"""


def test_a_stranger_s_title_stays_text():
    found = sheet(read_model(Source("own.tex", HOSTILE), "own", "f"), count=1, wrong=1)
    for kind in ("markdown", "latex"):
        for text in files(found, kind).values():
            assert "<script>" not in text
            assert r" \input{" not in text
            assert "49" not in text.split("\n## ")[0]
            assert kind == "markdown" or text.isascii()


def test_the_command_writes_both_files(tmp_path, capsys):
    assert main(["exercise", "elman", "--count", "1", "--wrong", "1", "--out", str(tmp_path / "new" / "sheets")]) == 0
    names = [line.rsplit("/", 1)[1] for line in capsys.readouterr().out.splitlines()]
    assert (
        names == ["sheet.md", "key.md"] == sorted((p.name for p in (tmp_path / "new/sheets").iterdir()), reverse=True)
    )


@pytest.mark.parametrize("asked", ["nonesuch", "elman --kinds x", "elman --count 0", "elman --wrong -1"])
def test_what_is_asked_wrongly_ends_with_2_and_writes_nothing(asked, capsys):
    assert main(["exercise", *asked.split(), "--out", "-"]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("derive: ")
    assert "Traceback" not in error


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path, capsys):
    place = tmp_path / "sheets"
    place.write_text("mine")
    assert main(["exercise", "elman", "--out", str(place)]) == 2
    assert place.read_text() == "mine"
    assert "is a file" in capsys.readouterr().err


def test_both_files_are_written_or_none(tmp_path):
    (tmp_path / "key.md").mkdir()
    with pytest.raises(DeriveError, match="cannot be written"):
        write({"sheet.md": "new", "key.md": "new"}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["key.md"]


def test_help_names_every_kind(capsys):
    with pytest.raises(SystemExit):
        main(["exercise", "--help"])
    said = capsys.readouterr().out
    assert all(re.search(rf"\b{kind}\b", said) for kind in KINDS)
    assert "examples:" in said
