"""Processes of the program that hear Ctrl-C, which what runs in the background does not."""

import signal
import subprocess
import sys


def begun(*arguments, **options):
    """`derive` with these arguments, its output as text; `options` are those of Popen."""
    return subprocess.Popen(
        [sys.executable, "-m", "derive", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )
