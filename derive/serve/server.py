"""A server for this machine only: a page, and verdicts on what is typed there. It keeps and logs no text."""

from __future__ import annotations

import json
import os
import socketserver
import sys
import threading
import webbrowser
from collections.abc import Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from derive.errors import DeriveError
from derive.limits import USUAL, Limits
from derive.serve.page import Page, pages
from derive.serve.question import MOST, judge, question_of
from derive.serve.worker import Overtaken, Workers

HOST = "127.0.0.1"
JUDGE = "/judge"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer: nothing from elsewhere, no script in the page, in no other page's frame, kept by nobody."""


def serve(port: int, limit: float, *, opened: bool = False) -> None:
    """Serves until it is interrupted. Error: DeriveError if the port cannot be had.

    After half of `limit` a text is judged no further; what goes on nevertheless is ended after all of it.
    """
    limits = Limits(formula_seconds=min(USUAL.formula_seconds, limit / 2), text_seconds=limit / 2)
    workers = Workers(partial(judge, limits=limits), limit)
    try:
        with Server(port, workers) as server:
            print(f"{server.address}  (Ctrl-C ends it)", flush=True)
            if opened:
                threading.Thread(target=webbrowser.open, args=(server.address,), daemon=True).start()
            server.serve_forever()
    finally:
        workers.close()


class Server(ThreadingHTTPServer):
    """Listens at one port of this machine. Error: DeriveError if it cannot."""

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere this would share the port with another program
    allow_reuse_port = False

    def __init__(self, port: int, workers: Workers) -> None:
        self.workers, self.pages = workers, pages()
        try:
            super().__init__((HOST, port), Handler)
        except OSError as error:
            why = f"port {port} cannot be had: {error.strerror}"
            raise DeriveError(why, hint="another one, or --port 0 for any that is free") from None

    def server_bind(self) -> None:
        """Without looking its own name up."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}/"

    @property
    def hosts(self) -> frozenset[str]:
        """By which names a browser may ask: a stranger's name that leads here is none of them."""
        names = (HOST, "localhost")
        return frozenset([f"{name}:{self.server_port}" for name in names] + list(names) * (self.server_port == 80))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away is no error; of any other only the name is told, since it may quote a text."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            print(f"derive: a request was not answered: {type(error).__name__}", file=sys.stderr)


class Refused(Exception):
    """A request that is not answered: with which status, why, and what headers belong to it."""

    def __init__(self, status: int, why: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(why)
        self.status, self.why, self.headers = status, why, headers or {}


class Handler(BaseHTTPRequestHandler):
    """One request: a file of the page, or a text to be judged."""

    server: Server
    timeout = 30

    def do_GET(self) -> None:
        self._answer(lambda: self._page("GET"))

    def do_HEAD(self) -> None:
        self._answer(lambda: self._page("HEAD"))

    def do_POST(self) -> None:
        self._answer(self._judged)

    def _answer(self, made: Any) -> None:
        try:
            if self.headers.get("Host") not in self.server.hosts:
                raise Refused(403, f"this server is asked for by {self.server.address} only")
            kind, content = made()
        except Refused as refused:
            self._send(refused.status, *problem(refused.why), refused.headers)
        else:
            self._send(200, kind, content)

    def _page(self, method: str) -> Page:
        path = self._path()
        if path == JUDGE:
            raise Refused(405, f"{method} asks for no verdict", {"Allow": "POST"})
        return self.server.pages[path]

    def _judged(self) -> Page:
        if self._path() != JUDGE:
            raise Refused(405, "nothing is to be posted here", {"Allow": "GET, HEAD"})
        own = [f"http://{host}" for host in self.server.hosts]
        if self.headers.get("Origin", own[0]) not in own or self.headers.get("Sec-Fetch-Site") not in (
            None,
            "same-origin",
        ):
            raise Refused(403, "another page may not ask for verdicts")
        if self.headers.get_content_type() != "application/json":
            raise Refused(415, "a question is application/json")
        try:
            question = question_of(self._body())
        except DeriveError as error:
            raise Refused(400, str(error)) from None
        try:
            return "application/json", self.server.workers.ask(question).encode()
        except DeriveError as error:
            return problem(str(error), again=isinstance(error, Overtaken))

    def _path(self) -> str:
        path = self.path.partition("?")[0]
        if path != JUDGE and path not in self.server.pages:
            raise Refused(404, "there is nothing here")
        return path

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal() and len(length) < 16):
            raise Refused(411, "a question says how long it is")
        if int(length) > MOST:
            self.rfile.read(min(int(length), 16 * MOST))  # a browser reads an answer only when it has sent all
            raise Refused(413, f"this text is too long: at most {MOST // 1024} kilobytes are judged as one types")
        return self.rfile.read(int(length))

    def _send(self, status: int, kind: str, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no request at all: the same words in the same manner, and nothing of it repeated."""
        self.close_connection, self.request_version = True, "HTTP/1.0"
        self._send(int(code), *problem(self.responses.get(code, ("", ""))[0] or "no"))

    def version_string(self) -> str:
        return "derive"

    def log_message(self, *arguments: Any) -> None:
        """Nothing is logged."""


def problem(why: str, *, again: bool = False) -> Page:
    """An answer that says why there is none, and whether it is worth asking again."""
    return "application/json", json.dumps({"problem": why, "again": again}).encode()
