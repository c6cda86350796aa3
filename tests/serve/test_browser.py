"""The page in a browser: a wrong derivation is typed, its place is seen, its repair put in; nothing bad comes alive."""

import shutil
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from derive.serve.server import Server
from derive.serve.worker import Workers
from tests.serve.judges import NASTY, repairing

CHROMIUM = shutil.which("chromium")
OPTIONS = (
    *"--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync".split(),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PHONE, SCREEN = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
READABLE = 4.5  # the contrast that WCAG 2 asks of text
NETWORK = r"$s_t = \tanh(U x_t + W s_{t-1})$, $L = \sum_t v^{\top} s_t$, so "
WRONG = r"\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}(1 - s_t^2) W^{\top}"
RIGHT = WRONG.removesuffix(r"^{\top}")
MEASURES = (Path(__file__).parents[1] / "book" / "browser.js").read_text(encoding="utf-8")  # for `contrast`
PAYLOADS = [
    "<script>window.hit=1</script>", "<img src=x onerror='window.hit=1'>", "{{7*7}}", "__import__('os').abort()",
    r"\input{/etc/passwd}", r"\href{javascript:window.hit=1}{x}", r"\text{<svg onload='window.hit=1'>}",
]  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (on Debian: apt install chromium)")


@pytest.fixture(scope="module")
def workers():
    started = Workers(repairing, 60)
    yield started
    started.close()


@pytest.fixture
def server(workers):
    with served(0, workers) as started:
        yield started


class served(Server):
    """A server in a thread of its own."""

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        started.close()


@pytest.fixture
def opened(browser, server):
    """Opens the page; whatever goes wrong there, or is asked of another machine, fails the test."""
    contexts, wrong = [], []

    def visit(size=SCREEN, **more):
        contexts.append(browser.new_context(viewport=size, **more))
        page = contexts[-1].new_page()
        page.on("request", lambda asked: asked.url.startswith(server.address) or wrong.append(asked.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: line.type in ("error", "warning") and wrong.append(line.text))
        page.on(
            "dialog", lambda dialog: dialog.accept() if dialog.type == "beforeunload" else wrong.append(dialog.type)
        )
        page.goto(server.address)
        expect(page.locator("#summary")).not_to_be_empty(timeout=30_000)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []


def write(page, text):
    """Replaces the text as a hand does."""
    page.locator("#text").press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


def test_a_wrong_derivation_is_judged_as_it_is_typed_and_repaired(opened):
    page = opened()
    text, summary, card = page.locator("#text"), page.locator("#summary"), page.locator(".card.fails")
    write(page, f"{NETWORK}${RIGHT}")
    page.keyboard.type(r"^{\top}$")
    expect(summary).to_have_text("1 fails")
    expect(card.locator("strong").first).to_have_text("✗ fails")
    expect(card.locator("code mark")).to_have_text(r"W^{\top}")
    expect(page.locator("#mirror mark")).to_have_text(r"W^{\top}")
    assert card.locator("math").first.text_content().endswith("⊤")
    expect(card.locator(".repair").first).to_contain_text("Wᵀ where W is needed")

    card.get_by_role("button", name="Put it in: Wᵀ where W is needed").click()
    expect(summary).to_have_text("1 holds")
    expect(text).to_have_value(f"{NETWORK}${RIGHT}$")
    expect(card).to_have_count(0)
    text.press("ControlOrMeta+z")
    expect(text).to_have_value(f"{NETWORK}${WRONG}$")
    expect(summary).to_have_text("1 fails")


def test_a_formula_is_found_in_the_text_and_the_text_among_the_formulas(opened):
    page = opened()
    text, selected = page.locator("#text"), "text => text.value.slice(text.selectionStart, text.selectionEnd)"
    write(page, f"𝒜 first {NETWORK}${WRONG}$")
    card = page.locator(".card.fails")
    card.get_by_role("button", name="line 1", exact=True).press("Enter")
    assert text.evaluate(selected) == WRONG
    expect(card).to_have_class("card fails here")
    text.press("ArrowRight")
    text.press("ArrowRight")
    expect(card).to_have_class("card fails")

    page.locator(".card.model math").first.click()
    assert text.evaluate(selected) == r"s_t = \tanh(U x_t + W s_{t-1})"
    text.press("ControlOrMeta+Home")
    page.keyboard.type("A line before.\n")  # the places move with the text, before it is judged again
    card.locator(".formula").first.click()
    assert text.evaluate(selected) == WRONG
    expect(card.locator(".line")).to_have_text("line 2")


def test_the_network_and_strictness_are_chosen(opened):
    page = opened()
    write(page, r"$$\frac{\partial c_t}{\partial f_t} = \operatorname{diag}(c_{t-1})$$")
    expect(page.locator("#summary")).not_to_have_text("1 holds")
    page.get_by_label("Network").select_option("lstm")
    expect(page.locator("#summary")).to_have_text("1 holds")
    page.get_by_text("the network as it was understood").click()
    expect(page.locator("#network")).to_contain_text("from given: lstm")
    page.reload()  # and the browser asks whether the text may be lost
    expect(page.locator("#summary")).to_have_text("2 hold (1 under a reading), 1 fails")
    page.get_by_label("strict").check()
    expect(page.locator("#summary")).not_to_contain_text("reading")


def test_what_a_text_plants_stays_text(opened):
    page = opened()
    for text in (NASTY, "\n\n".join(f"{one} ${one}$ and $x = {one}$" for one in PAYLOADS)):
        with page.expect_response("**/judge"):
            write(page, text)
        expect(page.locator("body")).not_to_have_class("judging")
        expect(page.locator(".card").first).to_be_visible()
        page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
        assert page.locator("#judged :is(script, img, a, svg, iframe, object, [href], [src])").count() == 0
        assert page.evaluate("window.hit") is None
        names = page.evaluate("[...document.querySelectorAll('*')].flatMap((one) => one.getAttributeNames())")
        assert not [name for name in names if name.startswith("on")]
        shown = page.locator("#judged").inner_text()
        assert "49" not in shown
        assert "root:" not in shown


def test_a_problem_is_said_and_goes(opened):
    page = opened()
    write(page, "<!-- derive: model=own.tex --> $1 = 1$")
    expect(page.locator("#problem")).to_contain_text("this page opens no file")
    page.locator("#text").evaluate("text => (text.value = 'x'.repeat(2 ** 18))")
    page.keyboard.type("y")
    expect(page.locator("#problem")).to_contain_text("too long")
    write(page, "$1 = 1$")
    expect(page.locator("#problem")).to_be_hidden()
    expect(page.locator("#summary")).to_have_text("1 holds")


def test_a_server_that_went_away_is_missed_until_it_is_back(browser, workers):
    with served(0, workers) as first:
        page = browser.new_page()
        page.goto(first.address)
        expect(page.locator("#summary")).not_to_be_empty(timeout=30_000)
    write(page, "$1 = 1$")
    expect(page.locator("#summary")).to_have_text("The server does not answer.")
    expect(page.locator("#problem")).to_contain_text("derive serve")
    with served(first.server_port, workers):
        expect(page.locator("#summary")).to_have_text("1 holds", timeout=15_000)
        expect(page.locator("#text")).to_have_value("$1 = 1$")
        page.close()


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (SCREEN, "light")], ids=["phone", "screen"])
def test_it_fits_and_can_be_read(opened, size, scheme):
    page = opened(size, color_scheme=scheme)
    page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    pale = page.evaluate(
        "(least) => {"
        + MEASURES
        + """; return [...document.querySelectorAll("body *")]
             .filter((node) => hasText(node) && node.checkVisibility({ visibilityProperty: true }))
             .filter((node) => !node.closest("#mirror, textarea, option"))
             .map((node) => [contrast(node), node.textContent])
             .filter(([ratio]) => ratio < least) }""",
        READABLE,
    )
    assert pale == []


def test_it_is_used_without_a_mouse(opened):
    page = opened()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.id"))
        if str(reached[-1]).startswith("Put it in"):
            break
    assert {"model", "kind", "strict", "text"} <= set(reached)
    page.keyboard.press("Enter")
    expect(page.locator("#summary")).to_have_text("3 hold (1 under a reading)")
