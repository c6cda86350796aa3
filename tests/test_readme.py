"""What the README shows is what the program prints.

    .venv/bin/python tests/test_readme.py

puts the real output into the README: under each `$ .venv/bin/derive …` of a ```console block, up to the next `$`
or the block's end. `>>>` lines in ```pycon blocks are doctests.
"""

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PROMPT = "$ .venv/bin/derive "


def examples(text: str) -> list[tuple[str, str]]:
    """The console examples, as (command's arguments, what the README says it prints)."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    pieces = [piece for block in blocks for piece in re.split(r"^(?=\$ )", block, flags=re.MULTILINE) if piece]
    return [(head.removeprefix(PROMPT), rest) for head, _, rest in (piece.partition("\n") for piece in pieces)]


def output(arguments: str) -> str:
    """What derive prints; its exit code is 1 where a text does not hold, and that may be what is shown."""
    start = "from derive.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", start, *shlex.split(arguments)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    return run.stdout + run.stderr


@pytest.mark.parametrize(("arguments", "shown"), examples(README.read_text(encoding="utf-8")))
def test_an_example_prints_what_is_shown(arguments, shown):
    assert unrounded(shown) == unrounded(output(arguments))


def unrounded(text: str) -> str:
    """The text without the figures that differ from one processor to the next: the sizes of rounding errors."""
    return re.sub(r"largest relative error \S+", "largest relative error …", text)


def test_the_text_that_is_checked_is_shown():
    """The one that `derive check` is shown with is the one in the README."""
    (shown,) = re.findall(
        r"^```markdown\n(.*?)^```", README.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    assert shown == (ROOT / "templates" / "notes.md").read_text(encoding="utf-8")


def test_the_python_examples():
    blocks = re.findall(r"^```pycon\n(.*?)^```", README.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    session = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README.md", str(README), 0)
    result = doctest.DocTestRunner().run(session)
    assert result.attempted
    assert not result.failed


def fill(text: str) -> str:
    """The text with each example's real output in its place."""
    for arguments, shown in examples(text):
        head = f"{PROMPT}{arguments}\n"
        text = text.replace(head + shown, head + output(arguments))
    return text


if __name__ == "__main__":
    README.write_text(fill(README.read_text(encoding="utf-8")), encoding="utf-8")
