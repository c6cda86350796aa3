"""The hook for other repositories: what it says is valid, and in a repository it stops what fails and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pre_commit.clientlib import load_manifest

from derive.cli import parser

MANIFEST = Path(__file__).parents[1] / ".pre-commit-hooks.yaml"
NETWORK = r"$s_t = \tanh(U x_t + W s_{t-1})$ and so "
RIGHT = NETWORK + r"$\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}(1 - s_t^2) W$"
WRONG = RIGHT.replace(" W$", r" W^{\top}$")
UNCLEAR = RIGHT.replace(" W$", r" \star W$")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository of a user's, with the hook; gives what a run of it says for texts by their names.

    The hook runs the program that is tested, where elsewhere it is installed from the repository of the program.
    """
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / ".cache"))
    (hook,) = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    program = f"'{sys.executable}' -m {hook['entry']}"
    subprocess.run(["git", "init", "--quiet"], check=True)

    def run(texts, **more):
        for name, text in texts.items():
            Path(name).write_text(text, encoding="utf-8")
        local = {"repo": "local", "hooks": [hook | {"language": "system", "entry": program} | more]}
        Path(".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [local]}), encoding="utf-8")
        command = [sys.executable, "-m", "pre_commit", "run", "--color", "never", "--files", *texts]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    return run


def test_it_is_a_hook():
    (hook,) = load_manifest(MANIFEST)
    name, command, *entry = hook["entry"].split()
    assert (name, command, entry) == ("derive", "check", [])
    options = parser().parse_args([command, *hook["args"], "a.md", "b.tex"])
    assert (options.fail_on, options.files) == ("fails", ["a.md", "b.tex"])


def test_what_fails_stops_a_commit(repository):
    run = repository({"a.md": WRONG, "b.md": RIGHT, "c.py": WRONG})
    assert run.returncode == 1
    assert "a.md:1:" in run.stdout
    assert "b.md: line 1 holds" in run.stdout
    assert "c.py" not in run.stdout


def test_nothing_else_stops_a_commit(repository):
    texts = {"a.md": RIGHT, "b.tex": UNCLEAR, "c.md": "no claim", "d.py": WRONG}
    run = repository(texts)
    assert (run.returncode, "Passed" in run.stdout) == (0, True)
    assert repository(texts, args=["--fail-on", "not-understood"]).returncode == 1


def test_without_a_text_it_is_skipped(repository):
    assert "no files to check" in repository({"a.py": WRONG}).stdout
