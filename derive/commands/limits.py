"""The limits as they are typed: how long one formula and one text may take, and how much memory."""

from __future__ import annotations

import argparse
import math

from derive.limits import Limits


def add_limits(command: argparse.ArgumentParser) -> None:
    """What one may change of them; `derive.limits` has all that there are."""
    usual = Limits()
    command.add_argument(
        "--timeout", metavar="SECONDS", type=seconds, default=usual.formula_seconds,
        help=f"of computing for one formula, which is not understood else ({usual.formula_seconds:g})",
    )  # fmt: skip
    command.add_argument(
        "--limit", metavar="SECONDS", type=seconds, default=usual.text_seconds,
        help=f"of computing for one file ({usual.text_seconds:g})",
    )  # fmt: skip
    command.add_argument(
        "--memory", metavar="MB", type=megabytes, default=None, help="the most that judging may take (no limit)"
    )


def limits_of(options: argparse.Namespace) -> Limits:
    """Those that were chosen."""
    return Limits(options.timeout, options.limit, options.memory)


def seconds(text: str) -> float:
    """A time as typed."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= 10**6:
        raise argparse.ArgumentTypeError("a limit is a number of seconds, more than 0")
    return number


def megabytes(text: str) -> int:
    """An amount of memory as typed; with less than LEAST nothing can be judged."""
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and int(text) >= LEAST):
        raise argparse.ArgumentTypeError(f"a limit of memory is a whole number of megabytes, {LEAST} at least")
    return int(text)


LEAST = 256
"""Megabytes of address space: the program itself takes about half of it."""
