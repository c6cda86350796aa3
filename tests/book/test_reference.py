"""The reference says all that the parser and the docstrings say, by itself, and nothing else."""

import argparse
import contextlib
import importlib
import inspect
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from derive import api, cli, resources
from derive.book import reference, site
from derive.book.docstrings import described, markdown
from derive.calculus.laws import LAWS

NASTY = r"<script>alert(1)</script> & *W* [a](b) | $d$ \(x\)"


def parser_of_somebody_else():
    top = argparse.ArgumentParser(prog="tool", epilog="examples:\n  tool go far   goes\n\nexit code 3: <b> & lost")
    top.add_argument("--colour", choices=("red", "blue"), default="red", help="of what is drawn")
    top.add_argument("--secret", help=argparse.SUPPRESS)
    commands = top.add_subparsers(metavar="COMMAND")
    go = commands.add_parser(
        "go", help="move about", aliases=["walk"], epilog="examples:\n  tool go near\n  tool go far   goes"
    )
    go.add_argument("where", metavar="WHERE", nargs="?", help=f"100 %% sure, {NASTY}")
    go.add_argument("-n", "--number", type=int, default=7, help="`N` times, %(default)s if left out")
    stay = commands.add_parser("stay", help="do not move.")
    inner = stay.add_subparsers(metavar="HOW")
    inner.add_parser("long", help="for an hour")
    inner.add_parser("unnamed")  # without a line in the help
    return top


def views(parser):
    return {view.name: view for view in reference.command_views(parser)}


class Page(HTMLParser):
    """What a page shows: its text, its ids, and where its links lead."""

    def __init__(self, path):
        super().__init__()
        self.html, self.text, self.ids, self.links = path.read_text(encoding="utf-8"), "", [], []
        self.feed(self.html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" and "href" in found else []

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The reference pages as `derive build` makes them in a folder where another package has our name."""
    work = tmp_path_factory.mktemp("somewhere else")
    (work / "derive").mkdir()
    (work / "derive" / "__init__.py").write_text('"""Not ours."""')
    pages = {"index.md": "# Home", **reference.reference_pages(parser_of_somebody_else())}
    with contextlib.chdir(work):
        assert site.build_site(pages, work / "out", config=resources.mkdocs_config()) == ()
    return {path.stem: Page(path) for path in (work / "out/reference").iterdir()}


def test_the_reference_is_the_last_section():
    pages = ["index.md", "checking.md", *reference.reference_pages(cli.parser())]
    *_, last = site.navigation(pages)
    assert list(last) == ["Reference"]
    assert [name.rpartition("/")[2] for name in last["Reference"]] == [
        "command-line.md",
        "python.md",
        "building-blocks.md",
    ]


def test_without_a_parser_there_is_no_page_about_the_command_line():
    assert "reference/command-line.md" not in reference.reference_pages()


# The command line


def test_every_command_has_its_own_part_in_the_order_of_the_help():
    assert list(views(parser_of_somebody_else())) == ["tool", "tool go", "tool stay", "tool stay long"]


def test_a_description_is_a_sentence():
    found = views(parser_of_somebody_else())
    assert found["tool go"].description == "Move about."
    assert found["tool stay"].description == "Do not move."
    assert found["tool"].description == ""


def test_an_option_says_how_it_is_typed_what_it_means_and_what_it_is_otherwise():
    found = views(parser_of_somebody_else())
    assert found["tool"].options == (
        reference.OptionView("--colour COLOUR", "of what is drawn (`red`, `blue`)", "red"),
    )
    where, number = found["tool go"].options
    assert where == reference.OptionView("[WHERE]", f"100 % sure, {NASTY}", "")
    assert number == reference.OptionView("-n, --number NUMBER", "`N` times, 7 if left out", "7")


def test_an_example_stands_once_and_with_its_command():
    found = views(parser_of_somebody_else())
    assert found["tool go"].examples == (("tool go far", "goes"), ("tool go near", ""))
    assert found["tool"].examples == ()


def test_nothing_else_that_an_epilog_says_is_lost():
    found = views(parser_of_somebody_else())
    assert found["tool"].notes == "exit code 3: <b> & lost"
    assert found["tool go"].notes == ""


def test_a_usage_does_not_depend_on_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("FORCE_COLOR", "1")
    usage = views(cli.parser())["derive build"].usage
    assert usage.startswith("derive build [-h] [--out DIR]")
    assert "\n" not in usage
    assert "\x1b" not in usage


def test_text_of_the_parser_stays_text(built):
    page = built["command-line"]
    assert "<script>alert" not in page.html
    assert "<em>W</em>" not in page.html
    assert "<b>" not in page.html
    for text in ("<script>alert(1)</script> & *W* [a](b) | $d$", "exit code 3: <b> & lost", "[WHERE]"):
        assert text in page.text


def test_our_own_parser_is_told_whole():
    text = unescape(reference.reference_pages(cli.parser())["reference/command-line.md"])
    commands = next(action for action in cli.parser()._actions if isinstance(action, argparse._SubParsersAction))
    assert commands.choices
    for name, command in commands.choices.items():
        assert f"derive {name}" in text
        for action in command._actions:
            assert all(option in text for option in action.option_strings)
            assert all(str(choice) in text for choice in action.choices or ())
    for line in "\n".join(command.epilog or "" for command in (cli.parser(), *commands.choices.values())).splitlines():
        assert all(part in text for part in re.split(r"\s{2,}", line.strip()) if part != "examples:")


def test_the_exit_codes_are_those_of_the_program():
    text = reference.reference_pages(cli.parser())["reference/command-line.md"]
    listed = set(re.findall(r"<code>(\d+)</code></td>", text.partition("Exit codes")[2]))
    named = re.search(r"Exit code: (.+)", cli.__doc__)[1]
    assert listed >= set(re.findall(r"\d+", named))
    assert listed >= set(re.findall(r"return (?:_report\(\w+, )?\"?(\d+)", inspect.getsource(cli.main)))


# Python


def public(module):
    """What a module defines and does not keep to itself."""
    for name, value in vars(module).items():
        own = getattr(value, "__module__", None) == module.__name__
        if not name.startswith("_") and own and (inspect.isclass(value) or inspect.isfunction(value)):
            yield name


def test_all_of_the_public_interface_is_there(built):
    assert {f"derive.api.{name}" for name in api.__all__} <= set(built["python"].ids)


@pytest.mark.parametrize("name", reference.BUILDING_BLOCKS)
def test_all_of_a_building_block_is_there(built, name):
    module = importlib.import_module(f"derive.{name}")
    assert {f"derive.{name}.{one}" for one in public(module)} <= set(built["building-blocks"].ids)


@pytest.mark.parametrize("page", ["python", "building-blocks"])
def test_what_is_not_for_users_is_not_there(built, page):
    found = built[page]
    assert not [name for name in found.ids if name.startswith("derive.") and re.search(r"\._", name)]
    assert "self" not in re.findall(r"\w+", found.text)
    assert "Source code" not in found.text
    assert len(found.ids) == len(set(found.ids))


def test_members_stand_in_the_order_of_the_source_and_those_of_others_last(built):
    ids = [name.removeprefix("derive.api.") for name in built["python"].ids if name.startswith("derive.api.")]
    own = list(public(api))
    assert [name for name in ids if name in own] == own
    assert ids.index("Checked") > ids.index(own[-1])


def test_a_field_is_told_once_in_the_signature_of_its_class(built):
    assert "Gradient(question: Question)" in built["python"].text
    assert "derive.api.Gradient.question" not in built["python"].ids
    assert "derive.api.Gradient.chain" in built["python"].ids
    assert "Power(base: Expression, exponent: int | Integer)" in built["building-blocks"].text


def test_a_type_leads_to_where_it_is_explained(built):
    assert "#derive.api.Gradient" in built["python"].links
    there = set(re.findall(r"building-blocks\.html#(derive[\w.]+)", " ".join(built["python"].links)))
    assert there
    assert there <= set(built["building-blocks"].ids)


def test_a_law_is_shown_as_mathematics(built):
    html = built["building-blocks"].html
    for _, law in LAWS:
        stated = re.search(r"Law: (.+)", law.__doc__)[1]
        assert f"\\({stated}\\)</span>" in unescape(html), law.__name__


def test_labelled_parts_of_a_docstring_become_a_list():
    lines = "A first sentence. Error: DeriveError for `x < 1`.\n\n`y` is two.\nShapes: x n×1,\n    y 1×1\nLaw: a \\; b"
    assert markdown(lines) == (
        "A first sentence.\n\n"
        '<dl class="law"><div><dt>Error</dt><dd>DeriveError for <code>x &lt; 1</code>.</dd></div></dl>\n\n'
        "`y` is two.\n\n"
        '<dl class="law"><div><dt>Shapes</dt><dd>x n×1, y 1×1</dd></div>'
        '<div><dt>Law</dt><dd><span class="arithmatex">\\(a \\; b\\)</span></dd></div></dl>'
    )


@pytest.mark.parametrize("docstring", ["One sentence.", "Two.\n\nThe error: none.", "In `Error: x` nothing begins."])
def test_a_docstring_without_labels_is_left_as_it_is(docstring):
    assert markdown(docstring) == docstring


def test_a_backtick_alone_is_a_character():
    assert described("`a` and `b < c") == "`a` and `b &lt; c"
    assert described("`a` and <b>") == "<code>a</code> and &lt;b&gt;"
