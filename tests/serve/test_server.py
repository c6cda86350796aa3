"""The server as any program may speak to it: only this machine, only its own page, and no text outlives its answer."""

import http.client
import json
import re
import socket
import threading
import time

import pytest

from derive import api
from derive.serve.question import MOST, Question
from derive.serve.server import Server
from derive.serve.worker import Overtaken, Workers
from tests.serve.judges import stub

LIMIT = 2.0
SECRET = "a text that nobody keeps"


@pytest.fixture(scope="module")
def server():
    workers = Workers(stub, LIMIT)
    with Server(0, workers) as started:
        threading.Thread(target=started.serve_forever, daemon=True).start()
        yield started
        started.shutdown()
    workers.close()


@pytest.fixture
def ask(server):
    """Sends a request; gives the response and what it holds."""

    def request(method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in named.items():
            connection.putheader(name, value)
        if body is not None and "Content_Length" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return response, response.read()

    return request


@pytest.fixture
def judged(ask):
    """The answer to a text."""

    def answer(text, **more):
        response, content = ask("POST", "/judge", json.dumps({"text": text, **more}).encode(), **JSON)
        assert response.status == 200
        return json.loads(content)

    return answer


JSON = {"Content_Type": "application/json"}
QUESTION = json.dumps({"text": SECRET}).encode()


# ---- the page


@pytest.mark.parametrize("path", ["/", "/?x=1", "/page.css", "/page.js", "/icon.svg", "/nothing", "/judge"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_every_answer_lets_nothing_in(ask, path, method):
    response, content = ask(method, path)
    policy = response.getheader("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert response.getheader("X-Content-Type-Options") == "nosniff"
    assert response.getheader("Referrer-Policy") == "no-referrer"
    assert response.getheader("Cache-Control") == "no-store"
    assert response.getheader("Access-Control-Allow-Origin") is None
    assert response.getheader("Server") == "derive"
    assert int(response.getheader("Content-Length")) == len(content) or method == "HEAD"


def test_the_page_has_no_script_of_its_own_and_asks_for_nothing_from_elsewhere(ask):
    page = ask("GET", "/")[1].decode()
    assert re.findall(r"<script([^>]*)>(.*?)</script>", page) == [(' src="page.js" defer', "")]
    assert not re.search(r"<style|\son\w+=|style=|://", page)
    files = set(re.findall(r'(?:src|href)="([^"]*)"', page))
    assert files == {"page.js", "page.css", "icon.svg"}
    for name in files:
        assert ask("GET", f"/{name}")[0].status == 200
    for name in ("page.js", "page.css"):
        assert set(re.findall(rb"\w+://[^\"]*", ask("GET", f"/{name}")[1])) <= {b"http://www.w3.org/1998/Math/MathML"}
    assert not re.search(
        rb"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(", ask("GET", "/page.js")[1]
    )


def test_the_page_starts_with_the_example_and_offers_the_networks(ask):
    page = ask("GET", "/")[1].decode()
    assert r"$o_t = \operatorname{softmax}(V s_t)$. With" in page
    assert re.findall(r"<option>(\w+)</option>", page) == list(api.cells())


# ---- who may ask for what


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:{}", 200), ("localhost:{}", 200), ("127.0.0.1", 403), ("evil.test:{}", 403), ("evil.test", 403),
     ("127.0.0.1:1", 403), ("", 403), (None, 403), ("127.0.0.1.evil.test:{}", 403)],
)  # fmt: skip
def test_a_stranger_s_name_that_leads_here_is_refused(server, ask, host, status):
    host = host and host.format(server.server_port)
    assert ask("GET", "/", Host=host)[0].status == status
    assert ask("POST", "/judge", QUESTION, Host=host, **JSON)[0].status == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Sec_Fetch_Site": "none"},
    ],
)  # fmt: skip
def test_another_page_may_not_ask(ask, headers):
    response, content = ask("POST", "/judge", QUESTION, **JSON, **headers)
    assert response.status == 403
    assert SECRET.encode() not in content


def test_its_own_page_may_ask(server, ask):
    for host in ("127.0.0.1", "localhost"):
        own = f"http://{host}:{server.server_port}"
        headers = {**JSON, "Origin": own, "Sec_Fetch_Site": "same-origin"}
        assert ask("POST", "/judge", QUESTION, **headers)[0].status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/judge", 405), ("POST", "/", 405), ("POST", "/page.js", 405), ("GET", "/nothing", 404),
        ("GET", "/../pyproject.toml", 404), ("GET", "/%2e%2e/etc/passwd", 404), ("GET", "//evil.test/", 404),
        ("GET", "http://evil.test/", 403), ("GET", "/page.html.j2", 404), ("POST", "/nothing", 404),
        ("PUT", "/judge", 501), ("DELETE", "/", 501), ("OPTIONS", "/judge", 501), ("TRACE", "/", 501),
    ],
)  # fmt: skip
def test_there_are_no_other_methods_and_paths(ask, method, path, status):
    response, content = ask(method, path)
    assert response.status == status
    assert json.loads(content).keys() == {"problem", "again"}
    assert b"evil" not in content


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (QUESTION, {}, 415), (QUESTION, {"Content_Type": "text/plain"}, 415), (b"{", JSON, 400), (b"[]", JSON, 400),
        (b'{"text": "x", "model": "/etc/passwd"}', JSON, 400), (None, JSON, 411),
        (b"x", {**JSON, "Content_Length": "-1"}, 411), (b"x", {**JSON, "Content_Length": "9" * 30}, 411),
        (b"1\r\nx\r\n0\r\n\r\n", {**JSON, "Content_Length": None, "Transfer_Encoding": "chunked"}, 411),
    ],
)  # fmt: skip
def test_a_question_that_is_none_is_refused(ask, body, headers, status):
    response, content = ask("POST", "/judge", body, **headers)
    assert response.status == status
    assert json.loads(content)["problem"]


def test_a_text_that_is_too_long_is_refused_with_what_is_allowed(ask, judged):
    response, content = ask("POST", "/judge", b"x" * (MOST + 1), **JSON)
    assert response.status == 413
    assert "256 kilobytes" in json.loads(content)["problem"]
    assert judged("x" * (MOST - 100))["summary"] == "1 holds (1 under a reading)"


def test_what_is_no_request_is_answered_in_the_same_manner(server):
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(b"<script>alert(1)</script> / HTTP/9.9 x\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(9999), b""))
    assert answer.startswith(b"HTTP/1.0 400 ")
    assert b"default-src 'none'" in answer
    assert b"script>" not in answer


def test_it_listens_to_this_machine_only(server):
    assert server.socket.getsockname()[0] == "127.0.0.1"


# ---- judging


def test_the_wishes_of_the_page_reach_the_judge(judged):
    (formula,) = judged(SECRET, kind="tex", model="lstm", strict=True)["formulas"]
    assert formula["latex"] == SECRET
    assert formula["reading"] == "tex lstm True"


def test_a_refused_text_says_why(judged):
    assert judged("refuse") == {"problem": "this is refused\n  try: another text"}


def test_one_process_judges_many_texts(judged):
    assert len({judged(text)["notes"][0] for text in ("a", "b", "c")}) == 1


@pytest.mark.parametrize(("text", "why"), [("sleep 60", "after 2 seconds"), ("hog", "memory"), ("die", "broke off")])
def test_a_text_that_takes_too_much_is_ended_and_stops_no_other(judged, text, why):
    start = time.monotonic()
    before = judged("a")["notes"]
    assert why in judged(text)["problem"]
    assert judged("b")["notes"] != before
    assert time.monotonic() - start < 20


def test_the_newest_text_wins():
    workers = Workers(stub, limit=60)
    overtaken = []

    def older():
        with pytest.raises(Overtaken) as error:
            workers.ask(Question("sleep 60"))
        overtaken.append(error.value.message)

    thread = threading.Thread(target=older)
    thread.start()
    time.sleep(0.5)
    assert json.loads(workers.ask(Question("newer")))["summary"]
    thread.join(10)
    workers.close()
    assert overtaken == ["a newer text took the place of this one"]


def test_nothing_is_written_and_nothing_is_logged(judged, ask, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    judged(SECRET)
    judged("refuse")
    ask("POST", "/judge", b"{" + SECRET.encode(), **JSON)
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_browser_that_goes_away_is_no_error(server, judged, capfd):
    lines = ["POST /judge HTTP/1.1", f"Host: 127.0.0.1:{server.server_port}", "Content-Type: application/json"]
    head = "\r\n".join([*lines, f"Content-Length: {len(QUESTION)}", "", ""])
    with socket.create_connection(("127.0.0.1", server.server_port)) as connection:
        connection.sendall(head.encode() + QUESTION)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # away at once
    assert any("summary" in judged("a") for _ in range(3))  # the text that was sent before may come later
    assert capfd.readouterr() == ("", "")
