"""How fast `derive check` judges: claims a second once warm, and one formula as a whole process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

from sympy.core.cache import clear_cache

from benchmarks.measure import DERIVE, heading, paired, ratio, run, say, seconds, table, worked
from benchmarks.processes import IMPORT
from derive import check, load, resources
from derive.gradients.makers import derived
from derive.render.forms import equation_latex, formula_latex, space_latex
from derive.render.printer import latex
from derive.verdicts import Verdicts

A_SECOND = 100
"""So many claims a second are to be judged on one core."""
WITHIN = 3
"""The ratio to `import sympy` that one formula is to keep within."""
FORMS = ("chain", "jacobian", "closed")
ONE = r"""$s_t = \tanh(U x_t + W s_{t-1})$

$$\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}(1 - s_t^2) W$$
"""


def checking(runs: int) -> None:
    """Two tables: claims a second, and the ratio of whole processes."""
    heading("derive check: claims a second, once warm")
    say(
        f"Texts as Python strings, judged once unmeasured and then {runs} times, each time from the beginning; the "
        "median of processor time. What SymPy remembers is forgotten before each. Printed: the network, and its "
        f"gradients in the forms {', '.join(FORMS)}, of L, of L_t, and of L_1 to L_10."
    )
    rows = [_row(name, texts, runs) for name, texts in _texts()]
    table(["text", "claims", "judged", "s", "claims a second", "to reach"], rows)

    heading("derive check: one formula as a whole process")
    say(f"Medians of {runs} pairs, in which `import sympy` and the command alternate; the ratio is taken in each pair.")
    with tempfile.TemporaryDirectory(prefix="derive-") as folder:
        path = Path(folder) / "one.md"
        path.write_text(ONE, encoding="utf-8")
        pairs = paired(partial(run, [DERIVE, "check", str(path)]), partial(run, IMPORT), runs)
    base, task = (median(times) for times in zip(*pairs, strict=True))
    row = ["derive check one.md", f"{base:.2f}", f"{task:.2f}", f"{ratio(pairs):.2f}", str(WITHIN)]
    table(["command", "import sympy, s", "command, s", "ratio", "to reach"], [row])


def _row(name: str, texts: list[str], runs: int) -> list[str]:
    reports = [check(text, kind="md") for text in texts]  # once unmeasured
    times = []
    for _ in range(runs):
        clear_cache()
        times.append(worked(_judge, texts))
    claims = sum(len(report.claims) for report in reports)
    judged = claims - sum(report.count("not-understood") for report in reports)
    spent = median(times)
    return [name, str(claims), str(judged), seconds(spent), f"{claims / spent:.0f}", str(A_SECOND)]


def _judge(texts: list[str]) -> list[Verdicts]:
    return [check(text, kind="md") for text in texts]


def _texts() -> Iterator[tuple[str, list[str]]]:
    """Names, and the texts that are judged under them."""
    for name in ("elman", "scalar"):
        yield f"{name}, printed", [printed(name)]
    articles = sorted(resources.derivations().glob("*.md"))
    yield "articles in circulation", [path.read_text(encoding="utf-8") for path in articles]


def printed(name: str, steps: Iterable[int] = range(1, 11)) -> str:
    """A text in Markdown: a network, and what the program derives of it, of its loss and those at these steps."""
    network = load(name)
    model = network.model
    losses = (None, "L_t", *(f"L_{step}" for step in steps))
    questions = [network.question(parameter, of=loss) for loss in losses for parameter in network.parameters]
    given = (*model.parameters, *model.inputs, *(start.variable for start in model.starts))
    formulas = [rf"{latex(v)} \in {space_latex(v)}" for v in given]
    formulas += [equation_latex(equation) for equation in (*model.equations, model.loss, *model.introduced)]
    formulas += [formula_latex(form.result) for form in derived(questions, FORMS)]
    return "\n\n".join(f"$$\n{formula}\n$$" for formula in formulas)
