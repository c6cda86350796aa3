"""`derive check --watch` in a process of its own: it judges at each change, outlives what is half there, and stops."""

import os
import queue
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from derive import cli
from tests.interrupted import begun

NETWORK = r"$s_t = \tanh(U x_t + W s_{t-1})$ and so "
RIGHT = r"$\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}(1 - s_t^2) W$"
WRONG = RIGHT.replace(" W$", r" W^{\top}$")
PATIENCE = 60
TIME = re.compile(r"── \d\d:\d\d:\d\d  (.*)")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent to a process as POSIX has it")


class Watching:
    """A process that watches, and its lines as they come."""

    def __init__(self, *arguments):
        self.process = begun("check", "--watch", *arguments, stderr=subprocess.STDOUT, encoding="utf-8")
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def until(self, pattern):
        """The lines up to one in which the pattern is found."""
        found = []
        while not found or not re.search(pattern, found[-1]):
            found.append(self.lines.get(timeout=PATIENCE))
        return found

    def processor_time(self):
        """Seconds of work since it began."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@pytest.fixture
def watching(tmp_path, monkeypatch):
    """Starts the program in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    started = []

    def start(*arguments):
        started.append(Watching(*arguments))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()
        each.process.stdout.close()


def write(name, text):
    Path(name).write_text(text, encoding="utf-8")


def saved_by_renaming(name, text):
    """As many editors save: a new file takes the place of the old."""
    write(f".{name}.new", text)
    Path(f".{name}.new").replace(name)


def test_it_judges_at_each_change_and_stops(watching):
    write("a.md", NETWORK + RIGHT)
    program = watching("a.md")
    first = program.until("^1 holds$")
    assert TIME.fullmatch(first[1])[1] == "watching; Ctrl-C stops"

    write("a.md", NETWORK + WRONG)
    assert any(TIME.fullmatch(line) and line.endswith("a.md changed") for line in program.until("^1 fails$"))

    saved_by_renaming("a.md", NETWORK + RIGHT + RIGHT)
    program.until("^2 hold$")
    write("b.md", "another file")
    Path("a.md").unlink()
    program.until("cannot be read: No such file")
    Path("a.md").write_bytes("gradiënt".encode("latin-1"))
    program.until("is not a text in UTF-8")
    write("a.md", "")
    program.until("^There is no claim")
    saved_by_renaming("a.md", NETWORK + WRONG)
    program.until("^1 fails$")

    assert program.process.poll() is None
    assert program.stop() == 130
    rest = [program.lines.get() for _ in range(program.lines.qsize())]
    assert rest[-1:] in ([], ["derive: stopped"])
    assert not any("Traceback" in line for line in rest)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc to read")
def test_it_waits_without_working(watching):
    write("a.md", NETWORK + RIGHT)
    program = watching("a.md")
    program.until("^1 holds$")
    time.sleep(0.5)
    before = program.processor_time()
    time.sleep(2)
    assert program.processor_time() - before <= 0.1
    assert program.lines.empty()  # it has read the file, and that is no change


OWN = r"""x_t, s_0 \in \mathbb{R}^{n}, W \in \mathbb{R}^{n \times n}
s_t = \tanh(W s_{t-1} + x_t)
L = \sum_{t=1}^{T} x_t^{\top} s_t
"""


def test_the_network_that_a_text_names_is_watched_too(watching):
    Path("texts").mkdir()
    write("texts/own.tex", OWN.replace("+ x_t)", ""))
    write("texts/a.md", f"<!-- derive: model=own.tex --> {RIGHT}")
    program = watching("texts/a.md", "--format", "html", "--out", "report.html")
    program.until("own.tex:2:")
    write("texts/own.tex", OWN)
    program.until("own.tex changed")
    program.until("^report.html: 1 holds")
    assert Path("report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert program.stop() == 130


@pytest.mark.parametrize(("name", "said"), [("-", "standard input cannot"), ("no/a.md", "no cannot be watched")])
def test_what_cannot_be_watched_is_an_error(tmp_path, monkeypatch, capsys, name, said):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["check", "--watch", name]) == 2
    assert said in capsys.readouterr().err
