"""What is kept of a page, and when it is made again."""

import json
from dataclasses import replace
from functools import cache

import pytest

from derive import api
from derive.book import build
from derive.book import cache as kept_pages
from derive.book.cache import kept, key, restored
from derive.book.pages import CellPage
from derive.book.views import cell_view


@cache
def page() -> CellPage:
    return cell_view(api.load("scalar").model, 1)


def never() -> CellPage:
    raise AssertionError("derived again")


def test_a_page_is_what_it_was(tmp_path):
    assert kept(CellPage, "text", page, tmp_path) == page()
    assert kept(CellPage, "text", never, tmp_path) == page()


@pytest.mark.parametrize("text", ["text ", "1\0text", ""])
def test_another_text_or_another_question_is_another_page(tmp_path, text):
    kept(CellPage, "text", page, tmp_path)
    with pytest.raises(AssertionError, match="derived again"):
        kept(CellPage, text, never, tmp_path)


def test_another_program_keeps_nothing(tmp_path, monkeypatch):
    kept(CellPage, "text", page, tmp_path)
    monkeypatch.setattr(kept_pages, "fingerprint", lambda: "a changed line")
    with pytest.raises(AssertionError, match="derived again"):
        kept(CellPage, "text", never, tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"name": 3}', "null"])
def test_a_spoiled_page_is_made_again(tmp_path, content):
    (tmp_path / f"{key(CellPage, 'text')}.json").write_text(content)
    assert kept(CellPage, "text", page, tmp_path) == page()
    assert kept(CellPage, "text", never, tmp_path) == page()


def test_a_place_where_nothing_can_be_kept_does_no_harm(tmp_path):
    (tmp_path / "file").touch()
    assert kept(CellPage, "text", page, tmp_path / "file") == page()
    assert kept(CellPage, "text", page, None) == page()


def test_only_so_many_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_pages, "MOST", 3)
    small = replace(page(), parameters=())
    for number in range(5):
        kept(CellPage, str(number), lambda: small, tmp_path)
    assert len(list(tmp_path.glob("*.json"))) == 3


@pytest.mark.parametrize("data", [{"name": "x"}, [], "text", None])
def test_what_does_not_fit_is_refused(data):
    with pytest.raises((TypeError, KeyError)):
        restored(CellPage, json.loads(json.dumps(data)))


def test_a_second_build_derives_nothing(tmp_path, monkeypatch):
    """Whatever happens to a template: the pages are rendered from what is kept."""
    monkeypatch.setattr(build.resources, "networks", lambda: [api.resources.cells() / "scalar.tex"])
    first = build.make_pages(1, cache=tmp_path)
    monkeypatch.setattr(build, "cell_view", lambda *_: never())
    monkeypatch.setattr(build, "circulation", never)
    assert build.make_pages(1, cache=tmp_path) == first
