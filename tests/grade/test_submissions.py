"""What a folder of downloads has in it: submissions, and much else that is told, or is left behind by a system."""

import os
import sys

import pytest

from derive.errors import DeriveError
from derive.grade.submissions import MOST_ENTRIES, MOST_TEXTS, in_order, is_clutter, shown, submissions

LINKS = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("$1 = 1$", encoding="utf-8")


def found(folder):
    return submissions(folder, folder.parent / "out")


def test_a_file_is_a_submission_and_so_is_a_folder_with_files_in_it_and_below(folder):
    put(folder, "b.md", "a.TEX", "Cy/work.ipynb", "Cy/part/more.markdown", "Cy/figure.png")
    assert [(one.name, one.texts) for one in found(folder)] == [
        ("a.TEX", ("a.TEX",)),
        ("b.md", ("b.md",)),
        ("Cy", ("Cy/part/more.markdown", "Cy/work.ipynb")),
    ]
    assert not any(one.problems for one in found(folder))


def test_what_systems_leave_behind_is_no_submission(folder):
    put(
        folder, "a.md", ".DS_Store", "._a.md", "__MACOSX/a.md", ".ipynb_checkpoints/a.ipynb", "Thumbs.db", "desktop.ini"
    )
    put(folder, "Cy/__MACOSX/._b.md", "Cy/.hidden.md", "Cy/.git/c.md", "Cy/d.md")
    assert [one.texts for one in found(folder)] == [("a.md",), ("Cy/d.md",)]


@pytest.mark.parametrize("name", ["derivation.pdf", "download.zip", "notes", "x.docx"])
def test_what_cannot_be_judged_is_told(folder, name):
    put(folder, name, "Cy/other.pdf", "a.md")
    told = {one.name: one.problems for one in found(folder) if one.problems}
    assert told[name] == ((name, "no .md, .tex or .ipynb file"),)
    assert told["Cy"] == (("Cy", "there is no .md, .tex or .ipynb file in it, but .pdf"),)


def test_an_empty_folder_is_told_even_if_it_is_named_like_a_file(folder):
    (folder / "x.md").mkdir()
    (one,) = found(folder)
    assert "there is no .md" in one.problems[0][1]


@LINKS
def test_no_link_is_followed(folder):
    put(folder, "a.md", "Cy/b.md")
    (folder.parent / "secret.md").write_text("$1 = 2$")
    (folder / "out.md").symlink_to(folder.parent / "secret.md")
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "again").symlink_to(folder)
    (folder / "Cy" / "out.md").symlink_to(folder.parent / "secret.md")
    (folder / "Cy" / "up").symlink_to(folder)
    every = found(folder)
    assert [text for one in every for text in one.texts] == ["a.md", "Cy/b.md"]
    linked = {path for one in every for path, why in one.problems if why == "a link, which is not followed"}
    assert linked == {"out.md", "loop.md", "again", "Cy/out.md"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_nothing_but_a_plain_file_is_opened(folder):
    os.mkfifo(folder / "pipe.md")
    (one,) = found(folder)
    assert one.problems == (("pipe.md", "neither a file nor a folder"),)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything can be read by root")
def test_a_folder_that_cannot_be_read_is_told(folder):
    put(folder, "Cy/a.md")
    (folder / "Cy").chmod(0)
    (one,) = found(folder)
    (folder / "Cy").chmod(0o700)
    assert "cannot be read" in one.problems[0][1]


def test_of_very_many_texts_the_first_are_judged_and_the_others_told(folder):
    put(folder, *(f"Cy/{number:03d}.md" for number in range(MOST_TEXTS + 7)))
    (one,) = found(folder)
    assert len(one.texts) == MOST_TEXTS
    assert one.problems == (("Cy", f"{MOST_TEXTS + 7} texts, of which the first {MOST_TEXTS} were judged"),)


def test_not_everything_is_looked_at(folder, monkeypatch):
    monkeypatch.setattr("derive.grade.submissions.MOST_ENTRIES", 10)
    put(folder, *(f"Cy/{number:03d}.md" for number in range(30)))
    (one,) = found(folder)
    assert len(one.texts) == 10
    assert "were not looked at" in one.problems[0][1]
    assert MOST_ENTRIES > 1000


def test_names_are_in_the_order_of_a_reader():
    names = ["Zoë", "Öz", "oz", "Ängström", "Anna", "Bo", "Łukasz", "Lena", "Mia", "anna2"]
    assert sorted(names, key=in_order) == [
        "Ängström", "Anna", "anna2", "Bo", "Lena", "Łukasz", "Mia", "oz", "Öz", "Zoë",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("Mu\u0308ller", "Müller"),  # as an archive from a Mac has it
        ("a\nb\tc", "a b c"),
        ("a\u202egpj.md", "a�gpj.md"),
        ("caf\udce9.md", "caf�.md"),  # bytes that are no UTF-8
        ("李 明", "李 明"),
    ],
)
def test_a_name_can_be_shown(name, seen):
    assert shown(name) == seen


def test_clutter_is_known_by_its_name():
    assert all(map(is_clutter, (".x", "__MACOSX", "THUMBS.DB")))
    assert not any(map(is_clutter, ("macosx.md", "_x.md", "thumbs.md")))


def test_where_there_is_nothing_it_says_so(folder):
    with pytest.raises(DeriveError, match="there is no submission in"):
        found(folder)
    with pytest.raises(DeriveError, match="no folder to read"):
        submissions(folder / "nowhere", folder)
    put(folder, "a.md")
    with pytest.raises(DeriveError, match=r"no folder to read.*\n.*derive check"):
        submissions(folder / "a.md", folder)


def test_the_results_are_no_submission(folder):
    put(folder, "a.md", "out/index.md")
    assert [one.name for one in submissions(folder, folder / "out")] == ["a.md"]
