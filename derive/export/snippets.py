"""What is exported of a network: each formula as a snippet with a name that stays, its evidence, and its LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.algebra.expressions import Variable
from derive.check.evidence import Evidence, summary
from derive.check.judge import judge
from derive.gradients.form import Form, Question
from derive.gradients.makers import FORMS, derived, jacobians
from derive.gradients.manner import Manner
from derive.models.model import Model
from derive.render.answers import Checked, with_evidence
from derive.render.forms import equation_latex, model_latex

DIGITS = dict(zip("0123456789", "Zero One Two Three Four Five Six Seven Eight Nine".split(), strict=True))
"""A command of TeX has letters only."""
JACOBIANS = {
    "state": "the state by the state before it",
    "propagation": "the state by any earlier state",
    "local": "each equation by each of its arguments",
}


@dataclass(frozen=True)
class Snippet:
    """A formula to be read by `\\input`. `name` is the stem of its file and, after the cell's, of its label."""

    cell: str
    name: str
    about: str
    latex: str
    checked: Checked | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w-]+", self.name, flags=re.ASCII):
            raise ValueError(f"{self.name!r} is no name for a file and a label")

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
    """The equations, the Jacobians, and the gradient by each parameter in each form for each number of steps."""
    questions = [
        Question(model, parameter, model.loss.left, number, manner or Manner())
        for number in steps
        for parameter in model.parameters
    ]
    gradients = checked([form for question in questions for form in derived([question], forms)])
    found = (*_given(model), *_jacobians(model), *(_gradient(model, answer) for answer in gradients))
    names = [snippet.name for snippet in found]
    if len(set(names)) != len(names):
        raise ValueError("two formulas have one name")
    return found


def checked(forms: Sequence[Form]) -> tuple[Checked, ...]:
    """The forms with their evidence, judged together. Error: CheckFailed where one is refuted."""
    evidence: list[tuple[Evidence, ...]] = judge(forms)
    return with_evidence(forms, evidence)


def _given(model: Model) -> Iterator[Snippet]:
    yield Snippet(model.name, "equations", "the equations of the network", model_latex(model))
    for equation in model.introduced:
        about = f"the name {equation.left} for what a function is applied to"
        yield Snippet(model.name, f"definition-{plain(equation.left)}", about, equation_latex(equation))


def _jacobians(model: Model) -> Iterator[Snippet]:
    for answer in checked(jacobians(model)):
        about = JACOBIANS[answer.form.kind]
        yield Snippet(model.name, f"jacobian-{answer.form.kind}", about, answer.latex(), answer)


def _gradient(model: Model, answer: Checked) -> Snippet:
    question, kind = answer.form.question, answer.form.kind
    number = "" if question.steps is None else f"-T{question.steps}"
    steps = "any number of steps" if question.steps is None else f"T = {question.steps}"
    about = f"the gradient by {question.by}, {kind} form, {steps}"
    return Snippet(model.name, f"{plain(question.by)}-{kind}{number}", about, answer.latex(), answer)


def plain(variable: Variable) -> str:
    """A name for files: letters, digits, _ and -."""
    return re.sub(r"[^A-Za-z0-9_-]+", "", variable.name.plain) or "quantity"
