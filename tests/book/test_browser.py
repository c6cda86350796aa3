"""The site in a browser: every page that a build makes, from disk and from a server, with nothing from elsewhere."""

import re
import shutil
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from derive.errors import Source
from derive.reader.statements import read_statements

CHROMIUM = shutil.which("chromium")
OPTIONS = (
    *"--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync".split(),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # a request that leaves the machine fails, and is told
)
PHONE, SCREEN = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
AT_HOME = re.compile(r"(file|data|blob|about):|http://127\.0\.0\.1[:/]")
READABLE = 4.5  # the contrast that WCAG 2 asks of text

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (on Debian: apt install chromium)")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@dataclass
class Visit:
    """What one page did while it was open, and what was seen there."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    seen: dict = field(default_factory=dict)


@pytest.fixture(scope="module")
def folder(book):
    return book[0]


@pytest.fixture(scope="module")
def names(folder):
    """Every page. (404.html is a server's answer and no page of its own.)"""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.html") if p.name != "404.html")


@pytest.fixture(scope="module")
def origins(folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {"disk": folder.as_uri(), "server": f"http://127.0.0.1:{server.server_port}"}
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def window(browser):
    """Makes a window of that size, with functions of `browser.js` on every page."""

    def opened(size):
        context = browser.new_context(viewport=size, permissions=["clipboard-read", "clipboard-write"])
        context.add_init_script(path=Path(__file__).with_name("browser.js"))
        return context

    return opened


@pytest.fixture
def page(window):
    """A tab in a window that nothing was opened in before."""
    with window(SCREEN) as context:
        yield context.new_page()


def visited(context, url):
    """The page at that address, and a record of what it does."""
    page, visit = context.new_page(), Visit()
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("console", lambda line: line.type == "error" and visit.complaints.append(f"{line.text} {line.location}"))
    page.goto(url)
    return page, visit


@pytest.fixture(scope="module")
def on_a_phone(window, origins, names):
    """Every page, opened from disk and read here and there until all its formulas are typeset."""
    visits = {}
    with window(PHONE) as context:
        for name in names:
            page, visits[name] = visited(context, f"{origins['disk']}/{name}")
            visits[name].seen = page.evaluate("readThrough()")
            page.close()
    return visits


@pytest.fixture(scope="module")
def on_a_screen(window, origins, names):
    """Every page, opened from a server; all buttons are pressed, and colours measured."""
    visits = {}
    with window(SCREEN) as context:
        for name in names:
            page, visits[name] = visited(context, f"{origins['server']}/{name}")
            visits[name].seen = {
                "title": page.evaluate("document.querySelector('h1').firstChild.textContent.trim()"),
                "copied": page.evaluate("copyAll()"),
                "pale": page.evaluate("(least) => paleText(least)", READABLE),
            }
            page.close()
    return visits


@pytest.fixture(params=["on_a_phone", "on_a_screen"])
def visits(request):
    return request.getfixturevalue(request.param)


def by_page(visits, what):
    """What was found, by page, without the pages on which nothing was."""
    found = {name: what(visit) for name, visit in visits.items()}
    return {name: value for name, value in found.items() if value}


def test_nothing_goes_wrong(visits):
    assert by_page(visits, lambda visit: visit.complaints) == {}


def test_nothing_is_asked_of_another_machine(visits):
    assert all(visit.requests for visit in visits.values())
    assert by_page(visits, lambda visit: [url for url in visit.requests if not AT_HOME.match(url)]) == {}


def test_a_formula_is_typeset_when_it_comes_into_view(on_a_phone):
    assert by_page(on_a_phone, lambda visit: visit.seen["late"]) == {}
    assert any(visit.seen["read"] for visit in on_a_phone.values())


def test_no_formula_has_an_error(on_a_phone):
    assert by_page(on_a_phone, lambda visit: visit.seen["broken"]) == {}


def test_no_latex_is_left_as_text(on_a_phone):
    assert by_page(on_a_phone, lambda visit: visit.seen["raw"]) == {}


def test_no_page_is_wider_than_a_phone(on_a_phone):
    assert by_page(on_a_phone, lambda visit: visit.seen["overhang"]) == {}


def test_a_copy_button_gives_the_latex_of_its_formula(on_a_screen):
    wrong = by_page(on_a_screen, lambda visit: [pair for pair in visit.seen["copied"] if pair[0] != pair[1]])
    assert wrong == {}
    assert any(visit.seen["copied"] for visit in on_a_screen.values())


def test_what_is_copied_can_be_read_back(on_a_screen):
    for name, visit in on_a_screen.items():
        for _, copied in visit.seen["copied"]:
            assert read_statements(Source(name, copied)).statements


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_text_stands_out_from_what_is_behind_it(on_a_screen, scheme):
    assert by_page(on_a_screen, lambda visit: visit.seen["pale"][scheme]) == {}


def search(page, words):
    """The pages that a search finds, the best first."""
    results = page.locator("a.md-search-result__link")
    box = page.locator("[data-md-component=search-query]")
    box.click()
    box.fill("")
    results.first.wait_for(state="detached")
    box.press_sequentially(words)
    results.first.wait_for(state="attached")
    seen = None
    while seen != (found := results.evaluate_all("links => links.map((link) => link.pathname)")):
        seen = found  # each letter is searched for, and what is shown at first is of fewer of them
        page.wait_for_timeout(400)
    return found


@pytest.mark.parametrize("origin", ["disk", "server"])
def test_a_search_finds_a_page_by_words(page, origins, origin):
    page.goto(f"{origins[origin]}/index.html")
    assert search(page, "long short-term memory")[0].endswith("cells/lstm.html")


def test_a_search_finds_every_page_by_its_title(page, origins, on_a_screen):
    page.goto(f"{origins['server']}/index.html")
    for name, visit in on_a_screen.items():
        assert any(found.endswith(name) for found in search(page, visit.seen["title"])), name


def test_a_formula_is_copied_from_the_keyboard(page, origins, on_a_screen):
    name = next(name for name, visit in on_a_screen.items() if visit.seen["copied"])
    page.goto(f"{origins['server']}/{name}")
    for _ in range(300):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.formula-copy')"):
            break
    page.keyboard.press("Enter")
    wanted = page.evaluate("document.activeElement.closest('figure').dataset.latex")
    page.wait_for_function("wanted => navigator.clipboard.readText().then((text) => text === wanted)", arg=wanted)


def test_the_colours_are_switched_and_stay_so(page, origins, names):
    ground, switch = "getComputedStyle(document.body).backgroundColor", "[data-md-component=palette] label:visible"
    page.goto(f"{origins['server']}/{names[0]}")
    light = page.evaluate(ground)
    page.locator(switch).click()
    page.wait_for_function(f"light => {ground} !== light", arg=light)
    dark = page.evaluate(ground)
    page.goto(f"{origins['server']}/{names[-1]}")
    assert page.evaluate(ground) == dark
    page.locator(switch).click()
    page.wait_for_function(f"light => {ground} === light", arg=light)
