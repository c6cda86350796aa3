"""`derive serve` on the command line: it says its address, and Ctrl-C ends it and all that it began."""

import os
import re
import signal
import socket
import subprocess
import time
from urllib.request import urlopen

import pytest

from derive import cli
from derive.serve import server
from tests.interrupted import begun


def run(*arguments):
    try:
        return cli.main(["serve", *arguments])
    except SystemExit as stop:
        return stop.code


@pytest.fixture
def stopped(monkeypatch):
    """A server that is interrupted as soon as it is ready, and a browser that notes what it is to open."""
    opened = []

    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(server.Server, "serve_forever", interrupted)
    monkeypatch.setattr(server.webbrowser, "open", opened.append)
    return opened


def test_the_address_is_printed_and_no_browser_opened(stopped, capsys):
    assert run("--port", "0") == 130
    out, err = capsys.readouterr()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/  \(Ctrl-C ends it\)\n", out)
    assert err == "derive: stopped\n"
    assert stopped == []


def test_a_browser_is_opened_where_it_is_wished(stopped, capsys):
    assert run("--port", "0", "--open") == 130
    assert stopped == [capsys.readouterr().out.split()[0]]


def test_a_taken_port(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run("--port", str(taken.getsockname()[1])) == 2
    err = capsys.readouterr().err
    assert err.startswith("derive: port ")
    assert "--port 0" in err


@pytest.mark.parametrize(
    "arguments",
    [["--port", "65536"], ["--port", "-1"], ["--port", "x"], ["--limit", "0"], ["--limit", "nan"], ["--limit", "inf"],
     ["--limit", "x"], ["--host", "0.0.0.0"], ["notes.md"]],
)  # fmt: skip
def test_usage(arguments, capsys):
    assert run(*arguments) == 2
    assert "usage: derive" in capsys.readouterr().err


def test_help_has_examples_and_the_exit_codes(capsys):
    assert run("--help") == 0
    out = capsys.readouterr().out
    assert "derive serve --open" in out
    assert "exit code: 130" in out


@pytest.mark.skipif(os.name != "posix", reason="there are no process groups to be interrupted here")
def test_ctrl_c_ends_it_quietly_with_its_processes():
    process = begun("serve", "--port", "0", stderr=subprocess.PIPE, start_new_session=True)
    address = process.stdout.readline().split()[0]
    with urlopen(address) as answer:
        assert answer.status == 200
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "derive: stopped\n")
    assert not alive(process.pid)


def alive(group, seconds=10.0):
    """Whether a process of the group is still there after a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True
