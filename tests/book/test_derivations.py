"""The page about checking says what the program does, and shows a stranger's text as text."""

from derive.book.derivations import (
    KEYS,
    Article,
    CheckPage,
    CirculationPage,
    FoundView,
    check_page,
    circulation_page,
)
from derive.verify.report import At, FileReport, Judged, Report, Role, Understood

NASTY = "</p><script>alert(1)</script> ``` {{ e }}"


def paths(data, above=""):
    """Each key of nested objects by its path; a list is what it holds."""
    for key, value in data.items():
        path = f"{above}{key}"
        yield path
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from paths(inner, f"{path}.")


def test_the_page_lists_the_keys_of_the_json_in_their_order():
    role = Role("W", "parameter", "n × n", "line 1")
    formula = Judged(1, 1, "a = b", "claim", "fails", "a reading", "a reason", At(0, 1, "a"), "b = a", {})
    file = FileReport("a.md", Understood("the text", (role,), ("s = f(a)",), ("none",)), (formula,), ("a note",))
    assert [key for key, _ in KEYS] == list(paths(Report((file,)).as_dict()))


def test_a_text_is_shown_as_text():
    page = check_page(CheckPage(NASTY, f"a\n{NASTY}", f"b\n{NASTY}"))
    assert "````markdown\na\n" in page
    assert "````text\nb\n" in page
    assert "derive check &lt;/p&gt;" in page


def test_an_article_is_shown_as_text():
    found = FoundView(NASTY, "fails", NASTY, NASTY, NASTY)
    page = circulation_page(CirculationPage((Article("a", 1, NASTY, NASTY, (found,)),), (("fails", 1),)))
    assert "<script" not in page
    assert page.count("alert") == 6
    assert 'class="verdict verdict-fails">fails<' in page
