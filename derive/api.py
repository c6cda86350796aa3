"""The Python interface: `load("elman").gradient("W", steps=3).chain.latex()`. What it gives is checked or it raises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sympy import Integer, Symbol

from derive import resources
from derive.algebra.expressions import Variable
from derive.check.claims import LONGEST
from derive.check.judge import judge
from derive.errors import DeriveError, Source, shortened
from derive.gradients.chain import propagation_form
from derive.gradients.form import Form, Question
from derive.gradients.makers import FORMS, MAKERS, derived, jacobians
from derive.models.graph import Graph, check_steps
from derive.models.lookup import find
from derive.models.model import Model
from derive.models.read import read_file, read_model
from derive.render.answers import KINDS, Checked, together, with_evidence
from derive.render.forms import model_latex

__all__ = [
    "FORMS", "KINDS", "MAKERS", "Checked", "Gradient", "Network", "answers", "cells", "check", "load", "loads",
    "together",
]  # fmt: skip


def cells() -> tuple[str, ...]:
    """The names of the networks that come with the program."""
    return tuple(path.stem for path in resources.networks())


def load(name: str | Path, activation: str = "f") -> Network:
    """A network by name, or from a file of the user's own. Error: DeriveError saying what is wrong and where."""
    if str(name) in cells():
        return Network(read_file(resources.cells() / f"{name}.tex", activation))
    path = Path(name)
    if not path.is_file():
        raise DeriveError(f"{shortened(str(name))} is neither a known network nor a file", expected=", ".join(cells()))
    return Network(read_file(path, activation))


def loads(text: str, name: str = "cell", activation: str = "f") -> Network:
    """A network from a text."""
    return Network(read_model(Source(name, text), name, activation))


@dataclass(frozen=True, eq=False)
class Network:
    """A network that was read, ready to be unrolled and differentiated."""

    model: Model

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters' names as they are typed: `W`, `W_f`."""
        return tuple(parameter.name.plain for parameter in self.model.parameters)

    def unroll(self, steps: int | None = None) -> Graph:
        """The graph over a number of steps, or its generic step."""
        return Graph(self.model, steps)

    def gradient(self, by: str, *, steps: int | None = None, of: str | None = None) -> Gradient:
        """∂L/∂by for T = `steps` (None: any T); `of` may name the loss of one step, `L_t` or `L_2`.

        `by` is a parameter, a start such as `s_0`, or a quantity at a step such as `s_t` or `s_2`.
        """
        return Gradient(self.question(by, steps=steps, of=of))

    def question(self, by: str, *, steps: int | None = None, of: str | None = None) -> Question:
        check_steps(steps)
        model = self.model
        loss = model.loss.left if of is None else self.quantity(of)
        if loss == model.summand and steps is not None:
            loss = loss.at(Integer(steps))  # of L_t over T steps: the loss of the last one
        variable = self.quantity(by)
        if steps is not None and loss.time == steps and variable.time == model.time:
            variable = variable.at(loss.time)  # t is that step
        return Question(model, variable, loss, steps)

    def quantity(self, name: str) -> Variable:
        """A quantity by its name as it is typed. Error: DeriveError naming those that there are."""
        return find(self.model, name)

    def jacobians(self) -> tuple[Checked, ...]:
        """The state's Jacobian block by block, the state by any earlier one, each equation by each of its arguments."""
        return check(jacobians(self.model))

    def propagation(self, typed: str) -> Checked:
        """∂S_t/∂S_k, as typed: `s_t/s_k`, or `S_t/S_k` where the state has several components."""
        t = self.model.time
        own = self.model.carried if len(self.model.carried) == 1 else ()
        states = [f"{self.model.state_name}_{t}", *map(str, own)]
        if typed.partition("/")[0] not in states or typed.count("/") != 1:
            expected = f"{states[-1]}/{states[-1][:-1]}k"
            raise DeriveError(f"{typed} is not the state by an earlier state", expected=expected)
        return check([propagation_form(self.model)])[0]

    def _repr_latex_(self) -> str:
        return f"${model_latex(self.model)}$"


@dataclass(frozen=True, eq=False)
class Gradient:
    """The answer to one question, in each form; a form is derived and checked when it is asked for."""

    question: Question

    @cached_property
    def chain(self) -> Checked:
        return answers([self.question], ["chain"])[0]

    @cached_property
    def delta(self) -> Checked:
        return answers([self.question], ["delta"])[0]

    def _repr_latex_(self) -> str:
        return self.chain._repr_latex_()


def answers(questions: Sequence[Question], kinds: Sequence[str]) -> tuple[Checked, ...]:
    """Each question in each form, derived and checked together.

    Up to T = LONGEST a form is written out step by step. Beyond, it is derived and checked for the symbol T, and the
    number is put in afterwards.
    """
    general = [_general(question) for question in questions]
    forms = derived([question for question, _ in general], kinds)
    values = [value for _, value in general for _ in kinds]
    return tuple(_with(checked, value) for checked, value in zip(check(forms), values, strict=True))


def _general(question: Question) -> tuple[Question, dict[Symbol, Integer]]:
    """A question for the symbol T, and the numbers to be put in, where T is too large to be written out."""
    if question.steps is None or question.steps <= LONGEST:
        return question, {}
    model, number = question.model, Integer(question.steps)
    values = {model.horizon: number}
    of = question.of
    if not question.whole and of.time == number:
        of, values = model.summand, {**values, model.time: number}
    return Question(model, question.by, of), values


def _with(checked: Checked, values: dict[Symbol, Integer]) -> Checked:
    if not values:
        return checked
    form = checked.form
    formulas = tuple(formula.at(values) for formula in form.formulas)
    return Checked(Form(form.kind, form.question, formulas, form.meanings), checked.evidence)


def check(forms: Sequence[Form]) -> tuple[Checked, ...]:
    """The forms with their evidence, judged together. Error: CheckFailed where one is refuted."""
    return with_evidence(forms, judge(forms))
