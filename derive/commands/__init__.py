"""The commands, one module each: `add` is its part of the command line's grammar, `run` does it.

`run` returns the exit code or raises DeriveError, and imports what it needs itself: `check` does not wait for `show`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from derive.commands import build, cells, check, code, exercise, export, figure, grade, serve, show

COMMANDS: Mapping[str, ModuleType] = {
    "cells": cells,
    "show": show,
    "check": check,
    "grade": grade,
    "serve": serve,
    "figure": figure,
    "export": export,
    "code": code,
    "exercise": exercise,
    "build": build,
}
"""In the order of `derive --help`."""
