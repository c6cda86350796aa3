"""What a reader does with a page: follows links into tabs and folds, picks a number of steps, prints."""

import re

import pytest
from playwright.sync_api import sync_playwright

from tests.book.test_browser import CHROMIUM, OPTIONS, PHONE, SCREEN

BELOW_HEADER = range(40, 90)
"""Where the top of what a link leads to may be, in pixels."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (on Debian: apt install chromium)")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        started.close()


@pytest.fixture(params=[SCREEN, PHONE], ids=["screen", "phone"])
def opened(browser, book, request):
    """Opens a page of the site at a fragment, and waits until what is on the screen is typeset."""
    with browser.new_context(viewport=request.param) as context:

        def at(fragment, name="lstm"):
            page = context.new_page()
            page.goto(f"{book[0].as_uri()}/cells/{name}.html{fragment}")
            page.wait_for_function(TYPESET)
            return page

        yield at


TYPESET = """() => window.MathJax?.typesetPromise && [...document.querySelectorAll(".arithmatex")].every((formula) => {
  const { top, bottom } = formula.getBoundingClientRect();
  return !formula.checkVisibility() || bottom < 0 || top > innerHeight || formula.querySelector("mjx-container");
})"""


def top(page, name):
    return round(page.evaluate("(name) => document.getElementById(name).getBoundingClientRect().top", name))


def seen(page, selector):
    return page.evaluate("(selector) => document.querySelector(selector).checkVisibility()", selector)


@pytest.mark.parametrize("name", ["U_c", "V-delta", "b_o-closed-T2", "jacobians-state", "shared-delta-T1"])
def test_a_link_from_elsewhere_leads_to_its_formula(opened, name):
    page = opened(f"#{name}")
    assert seen(page, f"#{name}")
    assert top(page, name) in BELOW_HEADER


@pytest.mark.parametrize("anchoring", ["auto", "none"], ids=["scroll anchoring", "without"])
def test_a_link_within_the_page_leads_to_its_formula(opened, anchoring):
    """Typesetting moves what stands below, and not every browser makes up for it."""
    page = opened("")
    page.add_style_tag(content=f"* {{ overflow-anchor: {anchoring} !important }}")
    for name in ("V-delta", "W_f-closed-T2", "jacobians-state", "U_i-chain"):
        page.evaluate("(name) => { location.hash = name }", name)
        page.wait_for_function(TYPESET)
        assert seen(page, f"#{name}")
        assert top(page, name) in BELOW_HEADER


def test_a_link_into_what_is_folded_opens_it(opened):
    page = opened("")
    page.evaluate("document.querySelector('#W_f-chain .steps li').id = 'a-step'")
    assert not seen(page, "#a-step")
    page.evaluate("location.hash = 'a-step'")
    page.wait_for_function("document.querySelector('#W_f-chain .steps').open")
    assert top(page, "a-step") in BELOW_HEADER


def test_one_number_of_steps_for_the_whole_page(opened):
    page = opened("#U_c")
    page.add_style_tag(content="* { overflow-anchor: none !important }")
    before = top(page, "U_c")
    page.locator("label[for=tab-U_c-T2]").click()
    page.wait_for_function(TYPESET)
    chosen = page.evaluate("[...document.querySelectorAll('.tabbed-set > input:checked')].map((input) => input.id)")
    assert {name for name in chosen if "graph" not in name} == {
        name for name in chosen if re.fullmatch(r"tab-\w+-T2", name)
    }
    assert abs(top(page, "U_c") - before) <= 2, "what was pressed stays where it is"


def test_tabs_are_turned_from_the_keyboard(opened):
    page = opened("")
    page.locator("#tab-W_f-any").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.id === 'tab-W_f-T1'")
    assert seen(page, "#W_f-T1")


def test_without_scripts_the_first_tab_is_shown(browser, book):
    with browser.new_context(viewport=SCREEN, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{book[0].as_uri()}/cells/elman.html")
        assert page.locator("#W-any").is_visible()
        assert not page.locator("#W-T1").is_visible()
        assert "\\frac" in page.locator("#W-chain").inner_text()


def test_what_is_printed_is_typeset_and_what_is_hidden_is_not_printed(opened):
    page = opened("", name="elman")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.wait_for_function("document.querySelector('.steps').open")  # the theme opens all that is folded
    for selector, shown in (("#W-any", True), ("#W-T1", False), (".steps > ol", False), (".formula-copy", False)):
        assert seen(page, selector) == shown
    left = "[...document.querySelectorAll('.waiting')].filter((formula) => formula.checkVisibility()).length"
    assert page.evaluate(left) == 0
