"""Texts that nobody would write, for minutes: does `derive.check` show a traceback, hang, or contradict itself?

    python -m tests.verify.fuzz --minutes 10
    python -m tests.verify.fuzz --minutes 600 --short 1000000

They are derivations with random edits and formulas put together at random (`fuzz_texts`). Half of the time hypothesis
draws them blindly; half of the time atheris does, by what parts of the program a text reaches, where it is installed
(it is no requirement of this project: `pip install atheris`). What is found is made smaller before it is shown.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from derive.limits import Limits, limit_memory
from tests.verify.faults import PLANTED, faults
from tests.verify.fuzz_short import shorts
from tests.verify.fuzz_texts import NOTEBOOKS, TEXTS
from tests.verify.watched import CRASHED, HUNG, MEGABYTES, Answer, Watched, asked

SECONDS = 10.0
"""Longer than this is a hang; in atheris' process, seconds of computing."""
BATCH = 400
ASKED = st.one_of(st.tuples(TEXTS, st.sampled_from(["md", "md", "tex", None])), st.tuples(NOTEBOOKS, st.just("ipynb")))
UNTIMED = settings(
    max_examples=BATCH, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@dataclass
class Tally:
    """What was asked and what came of it; of each fault the shortest text."""

    texts: int = 0
    formulas: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    cases: dict[str, tuple[str, str | None, str]] = field(default_factory=dict)
    slowest: list[tuple[float, str]] = field(default_factory=list)

    def add(self, text: str, kind: str | None, answer: Answer) -> None:
        """Counts one answer."""
        self.texts += 1
        self.formulas += len(answer.formulas)
        self.kinds[answer.kind] += 1
        self.verdicts.update(str(verdict) for verdict in answer.verdicts)
        self.slowest = sorted([*self.slowest, (answer.seconds, text)], reverse=True)[:5]
        for fault in dict.fromkeys(faults(text, answer)):
            self.faults[fault] += 1
            if fault not in self.cases or len(text) < len(self.cases[fault][0]):
                self.cases[fault] = (text, kind, answer.why)

    def merge(self, other: Tally) -> None:
        """Counts all that another has counted."""
        self.texts += other.texts
        self.formulas += other.formulas
        for mine, its in zip(self.counters, other.counters, strict=True):
            mine.update(its)
        self.slowest = sorted([*self.slowest, *other.slowest], reverse=True)[:5]
        for fault, case in other.cases.items():
            if fault not in self.cases or len(case[0]) < len(self.cases[fault][0]):
                self.cases[fault] = case

    @property
    def counters(self) -> tuple[Counter[str], ...]:
        return self.kinds, self.verdicts, self.faults

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return vars(self)

    @classmethod
    def from_dict(cls, read: dict[str, Any]) -> Tally:
        counters = {name: Counter(read[name]) for name in ("kinds", "verdicts", "faults")}
        cases = {fault: tuple(case) for fault, case in read["cases"].items()}
        return cls(**{**read, **counters, "cases": cases, "slowest": [tuple(one) for one in read["slowest"]]})


# ---- hypothesis


def drawn(minutes: float, first: int) -> Tally:
    """Texts that hypothesis draws, each in a process that is watched."""
    tally = Tally()
    end = time.monotonic() + 60 * minutes
    with Watched(SECONDS) as watched:
        while time.monotonic() < end:

            @seed(first)
            @UNTIMED
            @given(ASKED)
            def batch(one: tuple[str, str | None]) -> None:
                if time.monotonic() < end:
                    tally.add(*one, watched.ask(*one))

            batch()
            first += 1
    return tally


# ---- atheris


class Overtime(BaseException):
    """A text took longer than `SECONDS` in a process that nobody watches."""


def _over(*_: object) -> None:
    raise Overtime


def timed(text: str, kind: str | None, *, repair: bool = True) -> Answer:
    """The answer in this process, or where it was when the time was over."""
    signal.signal(signal.SIGVTALRM, _over)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        return asked(text, kind, repair=repair)
    except Overtime as over:
        frames, trace = [], over.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f'File "{code.co_filename}", line {trace.tb_lineno}, in {code.co_name}')
            trace = trace.tb_next
        return Answer(HUNG, SECONDS, "\n".join(frames))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def guided(minutes: float, first: int) -> Tally:
    """Texts to which atheris finds its way, in processes of their own: it never comes back from its search."""
    end = time.monotonic() + 60 * minutes
    tally = Tally()
    with tempfile.TemporaryDirectory() as directory:
        corpus = Path(directory, "corpus")
        corpus.mkdir()
        while (left := end - time.monotonic()) > 5:
            found = Path(directory, f"{first}.json")
            command = [sys.executable, "-m", "tests.verify.fuzz", "--search", found, "--minutes", str(left / 60)]
            command += ["--seed", str(first), "--corpus", corpus]
            try:
                subprocess.run(command, capture_output=True, check=False, timeout=left + 60)
            except subprocess.TimeoutExpired:
                tally.faults["hung: atheris' whole process"] += 1
            if not found.is_file():
                tally.faults["crashed: atheris' process died before its first text"] += 1
                break
            tally.merge(Tally.from_dict(json.loads(found.read_text())))
            first += 1
    return tally


def search(found: Path, corpus: Path, minutes: float, number: int) -> None:
    """One process of `guided`: never returns."""
    import atheris

    with atheris.instrument_imports(include=["derive"]):
        import derive.api  # noqa: F401

    tally = Tally()
    end = time.monotonic() + 60 * minutes

    @UNTIMED
    @given(ASKED)
    def one(drawn: tuple[str, str | None]) -> None:
        tally.add(*drawn, timed(*drawn))

    def judge(data: bytes) -> None:
        one.hypothesis.fuzz_one_input(data)
        over = time.monotonic() > end
        if tally.texts % 20 == 0 or over:
            found.write_text(json.dumps(tally.as_dict()))
        if over:
            raise SystemExit

    options = [f"-seed={number + 1}", "-timeout=300", "-max_len=4096", "-rss_limit_mb=4096", "-len_control=0"]
    options.append(f"-artifact_prefix={corpus.parent}/")
    atheris.Setup([sys.argv[0], *options, str(corpus)], judge)
    atheris.Fuzz()


# ---- short texts


def quick(minutes: float, first: int, count: int) -> Tally:
    """Short texts by the hundred, in this process."""
    limit_memory(Limits(megabytes=MEGABYTES))
    tally = Tally()
    for text, kind in shorts(minutes, first, count):
        known = set(tally.faults)
        tally.add(text, kind, timed(text, kind, repair=False))
        for fault in set(tally.faults) - known:  # a long run may be stopped before its end
            print(f"{fault}\n  {text!r} ({kind})", flush=True)
        if tally.texts % 10_000 == 0:
            print(f"{tally.texts} texts, {tally.faults.total()} faults", flush=True)
    return tally


# ---- what is found, made smaller


def smaller(text: str, still: Callable[[str], bool], seconds: float = 60.0) -> str:
    """A shorter text of which the same is true: lines, then characters are left out while it stays so."""
    end = time.monotonic() + seconds
    for split in (str.splitlines, list):
        parts = split(text, True) if split is str.splitlines else list(text)  # type: ignore[call-arg,arg-type]
        size = max(1, len(parts) // 2)
        while parts and time.monotonic() < end:
            at = 0
            before = len(parts)
            while at < len(parts) and time.monotonic() < end:
                without = [*parts[:at], *parts[at + size :]]
                if still("".join(without)):
                    parts = without
                else:
                    at += size
            if size == 1 and len(parts) == before:
                break
            size = max(1, size // 2)
        text = "".join(parts)
    return text


def reduced(tally: Tally) -> dict[str, str]:
    """For each fault a short text that has it; as it was found where it does not come again."""
    found = {}
    with Watched(SECONDS) as watched:
        for fault, (text, kind, _) in tally.cases.items():

            def still(shorter: str, fault: str = fault, kind: str | None = kind) -> bool:
                return fault in faults(shorter, watched.ask(shorter, kind))

            bare = text.removesuffix(PLANTED)
            text = bare if still(bare) else text
            found[fault] = smaller(text, still) if still(text) else text
    return found


# ---- words


def described(tally: Tally, name: str, seconds: float) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in tally.kinds.most_common())
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in tally.verdicts.most_common())
    each = f"{tally.texts / seconds:.1f} a second" if seconds else ""
    lines = [f"{name}: {tally.texts} texts, {each} ({kinds}); {tally.formulas} formulas ({verdicts})"]
    lines += [f"  {took:.2f} s: {text[:100]!r}" for took, text in tally.slowest]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.verify.fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--short", type=int, metavar="COUNT", default=0, help="so many short texts, and no others")
    parser.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.search:
        search(given.search, given.corpus, given.minutes, given.seed)
    has_atheris = importlib.util.find_spec("atheris") is not None
    ways = {"hypothesis": drawn, **({"atheris": guided} if has_atheris else {})}
    if given.short:
        ways = {"short": partial(quick, count=given.short)}
    elif not has_atheris:
        print("atheris is not installed (pip install atheris): nothing looks for new parts of the program")
    tally = Tally()
    for name, way in ways.items():
        start = time.monotonic()
        part = way(given.minutes / len(ways), given.seed)
        print(described(part, name, time.monotonic() - start), flush=True)
        tally.merge(part)
    crashes = sum(tally.kinds[kind] for kind in (CRASHED, HUNG))
    print(f"{tally.texts} texts: {crashes} crashes and hangs, {len(tally.faults)} kinds of faults")
    shortest = reduced(tally)
    for fault, count in tally.faults.most_common():
        print(f"\n{count} × {fault}")
        if fault in shortest:
            print(f"  {shortest[fault]!r}\n  {tally.cases[fault][2][-600:]}".rstrip())
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
