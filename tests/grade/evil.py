"""A judge that does what hostile texts might make a judge do, by the text's name."""

import itertools
import os
import signal

from derive.errors import DeriveError
from derive.verify.report import FileReport


def hang():
    while True:
        pass


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def refuse():
    raise DeriveError("refused")


DEEDS = {
    "hang": hang,
    "stuck": lambda: sum(itertools.count()),  # in C, where no exception comes
    "eat": lambda: bytearray(10**10),
    "crash": crash,
    "leave": lambda: os._exit(7),
    "fault": lambda: {}["no key"],
    "deep": lambda: deep(0),
    "refuse": refuse,
    "talk": lambda: os.write(1, b"said by accident"),
    "fine": lambda: None,
}


def deep(number):
    return deep(number + 1)


def judge(path, model, terms):
    DEEDS[path]()
    return FileReport(path, None, ())
