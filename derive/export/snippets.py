"""What is exported of a network: each formula as a snippet with a name that stays, its evidence, and its LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from derive.algebra.expressions import Variable
from derive.errors import DeriveError, shortened
from derive.evidence.evidence import Evidence, summary
from derive.evidence.judge import judge
from derive.gradients.carry import carry_forms
from derive.gradients.form import Form, Question
from derive.gradients.makers import FORMS, derived, jacobians
from derive.gradients.manner import Manner
from derive.models.model import Model
from derive.reader.symbols import SYMBOLS
from derive.render.answers import Checked, with_evidence
from derive.render.forms import equation_latex, model_latex

DIGITS = dict(zip("0123456789", "Zero One Two Three Four Five Six Seven Eight Nine".split(), strict=True))
"""A command of TeX has letters only."""
JACOBIANS = {
    "state": "the state by the state before it",
    "propagation": "the state by any earlier state",
    "local": "each equation by each of its arguments",
}
KNOWN = frozenset(spelling for spelling, (kind, _) in SYMBOLS.items() if kind not in ("skip", "math"))
"""What a formula is made of, as far as TeX could take it for more than a letter."""
PIECES = re.compile(r"\\text[a-z]*\{[^{}]*[\\{_^&]|\\[A-Za-z]+|[%#$~]|\^\^")


@dataclass(frozen=True)
class Snippet:
    """A formula to be read by `\\input`. `name` is the stem of its file and, after the cell's, of its label.

    Error: DeriveError where a name of the network has TeX in it that no formula has: a stranger's `\\input` is not run.
    """

    cell: str
    name: str
    about: str
    latex: str
    checked: Checked | None = None

    def __post_init__(self) -> None:
        for name in (self.cell, self.name):
            if not re.fullmatch(r"[\w-]+", name, flags=re.ASCII):
                raise ValueError(f"{name!r} is no name for a file and a label")
        if not self.about.isprintable():
            raise ValueError("what a formula is about is said in one line")
        for found in PIECES.findall(self.latex):
            if found not in KNOWN:
                raise DeriveError(f"{shortened(found)} in a name cannot be exported", expected="letters and digits")

    @property
    def label(self) -> str:
        return f"eq:{self.cell}-{self.name}"

    @property
    def command(self) -> str:
        """The name of a TeX command for the formula: `\\ElmanWChainThree`."""
        words = re.split(r"[^A-Za-z0-9]+", f"{self.cell} {self.name}")
        spelled = ("".join(DIGITS.get(character, character) for character in word) for word in words)
        return "\\" + "".join(word[:1].upper() + word[1:] for word in spelled)

    @property
    def evidence(self) -> tuple[str, ...]:
        """One line for each oracle; none for what is given and not derived."""
        return () if self.checked is None else summary(self.checked.evidence)


def snippets(
    model: Model, steps: Sequence[int | None], forms: Sequence[str] = FORMS, manner: Manner | None = None
) -> tuple[Snippet, ...]:
    """The equations, the Jacobians, and the gradient by each parameter in each form for each number of steps.

    Error: CheckFailed where a formula is refuted; DeriveError where a name of the network is no name for TeX.
    """
    questions = [
        Question(model, parameter, model.asked(number), number, manner or Manner())
        for number in steps
        for parameter in model.parameters
    ]
    gradients = checked([form for question in questions for form in derived([question], forms)])
    return (*_given(model), *_jacobians(model), *(_gradient(model, answer) for answer in gradients))


def checked(forms: Sequence[Form]) -> tuple[Checked, ...]:
    """The forms with their evidence, judged together. Error: CheckFailed where one is refuted."""
    evidence: list[tuple[Evidence, ...]] = judge(forms)
    return with_evidence(forms, evidence)


def _given(model: Model) -> Iterator[Snippet]:
    yield Snippet(cell(model), "equations", "the equations of the network", model_latex(model))
    for equation in model.introduced:
        name = names(model)[equation.left]
        about = f"the name {name} for what a function is applied to"
        yield Snippet(cell(model), f"definition-{name}", about, equation_latex(equation))


def _jacobians(model: Model) -> Iterator[Snippet]:
    for answer in checked(jacobians(model)):
        about = JACOBIANS[answer.form.kind]
        yield Snippet(cell(model), f"jacobian-{answer.form.kind}", about, answer.latex(), answer)
    for answer in checked(carry_forms(model)):
        name = names(model)[answer.form.question.by]
        yield Snippet(cell(model), f"carried-{name}", f"what {name} hands on by itself", answer.latex(), answer)


def _gradient(model: Model, answer: Checked) -> Snippet:
    question, kind = answer.form.question, answer.form.kind
    name = names(model)[question.by]
    number = "" if question.steps is None else f"-T{question.steps}"
    steps = "any number of steps" if question.steps is None else f"T = {question.steps}"
    about = f"the gradient by {name}, {kind} form, {steps}"
    return Snippet(cell(model), f"{name}-{kind}{number}", about, answer.latex(), answer)


def cell(model: Model) -> str:
    """A network's name for labels: letters, digits, _ and -."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", model.name).strip("-") or "network"


def names(model: Model) -> Mapping[Variable, str]:
    """Names for files, labels and commands: letters, digits, _ and -; none like another but for _, - and capitals."""
    found: dict[Variable, str] = {}
    taken: set[str] = set()
    states = (part for part in model.carried if part.time == model.time)
    for variable in (*model.parameters, *(equation.left for equation in model.introduced), *states):
        plain = re.sub(r"[^A-Za-z0-9_-]+", "", variable.name.plain.replace("'", "prime")) or "quantity"
        tries = (plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3)))
        found[variable] = next(name for name in tries if _alike(name) not in taken)
        taken.add(_alike(found[variable]))
    return found


def _alike(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.casefold())
