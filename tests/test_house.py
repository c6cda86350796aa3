"""House rules that no linter knows: what the texts promise exists, files stay small, text from outside stays data."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from derive.version import __version__

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "derive"
SOURCES = sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.lark")])

# Each of them runs a text as a program. Method names such as `_eval_rewrite` are something else.
FORBIDDEN = ("eval", "exec", "sympify", "parse_expr", "parse_latex", "lambdify", "from_string")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_every_make_command_that_is_named_exists(name):
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), flags=re.MULTILINE))
    code = re.findall(r"```.*?```|`[^`]+`", read(name), flags=re.DOTALL) if name.endswith(".md") else [read(name)]
    named = {target for piece in code for target in re.findall(r"\bmake (?:PYTHON=\S+ )?([a-z]+)\b", piece)}
    assert named
    assert named <= targets


def test_ci_runs_the_tests_the_lint_and_the_site():
    steps = re.findall(r"^step (.+)$", read(".ci/run"), flags=re.MULTILINE)
    assert {"make lint", "make test", "make site", ".ci/wheel"} <= set(steps)


def test_the_change_log_and_the_citation_have_this_version():
    assert f"\n## [{__version__}]" in read("CHANGELOG.md")
    assert f"\nversion: {__version__}\n" in read("CITATION.cff")


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_file_holds_one_thing(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


RUNS_ITS_OWN = PACKAGE / "code" / "evidence.py"
"""Runs a program that this one wrote, in which a user's text is names of letters and digits, and words in comments."""


@pytest.mark.parametrize("path", [path for path in SOURCES if path != RUNS_ITS_OWN], ids=relative)
def test_no_text_is_run_as_a_program(path):
    calls = re.findall(rf"\b(?:{'|'.join(FORBIDDEN)})\s*\(", path.read_text(encoding="utf-8"))
    assert not calls


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=relative)
def test_every_package_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_imports_run_one_way():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
