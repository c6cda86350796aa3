"""The Python interface: `load("elman").gradient("W", steps=3).chain.latex()`, `check("$…$")`.

What is derived is checked or it raises; what somebody else has derived gets verdicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from sympy import Integer, Symbol

from derive import resources
from derive.algebra.expressions import Variable
from derive.errors import DeriveError, Source, shortened
from derive.evidence.claims import LONGEST
from derive.evidence.judge import judge
from derive.gradients.chain import propagation_form
from derive.gradients.form import Form, Question
from derive.gradients.makers import FORMS, MAKERS, derived, jacobians
from derive.gradients.manner import USUAL, Manner
from derive.gradients.nested import nested_form
from derive.models.graph import Graph, check_steps
from derive.models.lookup import find
from derive.models.model import Model
from derive.models.read import read_model
from derive.render.answers import KINDS, Checked, together, with_evidence
from derive.render.forms import model_latex
from derive.verdicts import Verdicts, check, network

__all__ = [
    "FORMS", "KINDS", "MAKERS", "Checked", "Gradient", "Manner", "Network", "Verdicts", "answers", "cells",
    "check", "load", "loads", "together", "verified",
]  # fmt: skip


def cells() -> tuple[str, ...]:
    """The names of the networks that come with the program."""
    return tuple(path.stem for path in resources.networks())


def load(name: str | Path, activation: str = "f") -> Network:
    """A network by name, or from a file of the user's own. Error: DeriveError saying what is wrong and where."""
    return Network(network(name, activation))


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

    def unroll(self, steps: int | None = None) -> Unrolled:
        """The graph over a number of steps, or its generic step."""
        return Unrolled(self.model, steps)

    def gradient(self, by: str, *, steps: int | None = None, of: str | None = None, manner: Manner = USUAL) -> Gradient:
        """∂L/∂by for T = `steps` (None: any T); `of` may name the loss of one step, `L_t`, `L_2` or `L_T`.

        `by` is a parameter, a start such as `s_0`, or a quantity at a step such as `s_t` or `s_2`. `manner` chooses
        between slopes by value and with a prime, and between ⊙ and diag.
        """
        return Gradient(self.question(by, steps=steps, of=of, manner=manner))

    def question(self, by: str, *, steps: int | None = None, of: str | None = None, manner: Manner = USUAL) -> Question:
        """The same, not answered yet."""
        check_steps(steps)
        model = self.model
        last = f"{model.summand.name.plain}_{model.horizon}"
        loss = model.asked(steps) if of is None else model.summand if of == last else self.quantity(of)
        if of == last and steps is None:
            loss = loss.at(model.horizon)
        if loss == model.summand and steps is not None:
            loss = loss.at(Integer(steps))  # of L_t over T steps: the loss of the last one
        variable = self.quantity(by)
        if steps is not None and loss.time == steps and variable.time == model.time:
            variable = variable.at(loss.time)  # t is that step
        return Question(model, variable, loss, steps, manner)

    def quantity(self, name: str) -> Variable:
        """A quantity by its name as it is typed. Error: DeriveError naming those that there are."""
        return find(self.model, name)

    def nested(self, quantity: str, *, explain: bool = False) -> Checked:
        """The forward pass of a quantity at a step that is a number, `s_3`, nested into one expression."""
        form = nested_form(self.model, self.quantity(quantity))
        return verified([form if explain else replace(form, steps=())])[0]

    def jacobians(self) -> tuple[Checked, ...]:
        """The state's Jacobian block by block, the state by any earlier one, each equation by each of its arguments."""
        return verified(jacobians(self.model))

    def code(self, target: str = "numpy", *, clip: float | None = None, truncate: int | None = None) -> str:
        """A module that computes the loss and its gradients, for many sequences at once, run and found to be right.

        With `clip` it has functions that clip the gradients at that, by norm and by value. With `truncate` the loss of
        a step says nothing of states more than so many steps before it. Error: DeriveError for a network for which no
        code is written, for another target, for a `clip` that is no positive number, a `truncate` below 0.
        """
        from derive.code.module import module
        from derive.code.targets import TARGETS  # only who asks for code waits for it

        if target not in TARGETS:
            raise DeriveError(f"no code is written for {target}", expected=", ".join(TARGETS))
        if clip is not None and not 0 < clip < float("inf"):
            raise DeriveError(f"gradients are clipped at a number above 0, not at {clip:g}")
        if truncate is not None and truncate < 0:
            raise DeriveError(f"a gradient goes 0 steps back or more, not {truncate}")
        return module(self.model, TARGETS[target], clip, truncate)

    def propagation(self, typed: str) -> Checked:
        """∂S_t/∂S_k, as typed: `s_t/s_k`, or `S_t/S_k` where the state has several components."""
        t = self.model.time
        own = self.model.carried if len(self.model.carried) == 1 else ()
        states = [f"{self.model.state_name}_{t}", *map(str, own)]
        if typed.partition("/")[0] not in states or typed.count("/") != 1:
            expected = f"{states[-1]}/{states[-1][:-1]}k"
            raise DeriveError(f"{typed} is not the state by an earlier state", expected=expected)
        return verified([propagation_form(self.model)])[0]

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {model_latex(self.model)}$"

    def _repr_html_(self) -> str:
        from derive.render.notebook import model_html  # what draws is imported where something is drawn

        return model_html(self.model)


class Unrolled(Graph):
    """A graph that a notebook can show: drawn for a few steps, as its equations else."""

    def _repr_latex_(self) -> str:
        from derive.render.notebook import graph_latex

        return f"$\\displaystyle {graph_latex(self)}$"

    def _repr_html_(self) -> str:
        from derive.render.notebook import graph_html

        return graph_html(self)


@dataclass(frozen=True, eq=False)
class Gradient:
    """The answer to one question, in each form; a form is derived and checked when it is asked for."""

    question: Question

    def form(self, kind: str, *, explain: bool = False) -> Checked:
        """The gradient in one form: chain, jacobian, closed, delta or component; with `explain` its steps too."""
        if kind not in FORMS:
            raise DeriveError(f"{shortened(kind)} is no form of a gradient", expected=", ".join(FORMS))
        return answers([self.question], [kind], explain=explain)[0]

    @cached_property
    def chain(self) -> Checked:
        """Σ over the paths in Leibniz's symbols."""
        return self.form("chain")

    @cached_property
    def jacobian(self) -> Checked:
        """The same with the Jacobians put in."""
        return self.form("jacobian")

    @cached_property
    def closed(self) -> Checked:
        """In the parameter's shape, with outer products."""
        return self.form("closed")

    @cached_property
    def delta(self) -> Checked:
        """By the backward recursion."""
        return self.form("delta")

    @cached_property
    def component(self) -> Checked:
        """The backward recursion entry by entry."""
        return self.form("component")

    def _repr_latex_(self) -> str:
        return self.chain._repr_latex_()

    def _repr_html_(self) -> str:
        return "".join(self.form(kind)._repr_html_() for kind in ("chain", "delta"))


def answers(questions: Sequence[Question], kinds: Sequence[str], *, explain: bool = False) -> tuple[Checked, ...]:
    """Each question in each form, derived and checked together; with `explain` the steps that lead there too.

    Up to T = LONGEST a form is written out step by step. Beyond, it is derived and checked for the symbol T, and the
    number is put in afterwards.
    """
    general = [_general(question) for question in questions]
    forms = derived([question for question, _ in general], kinds)
    if explain:
        from derive.gradients.explain import explained

        forms = [explained(form) for form in forms]
    values = [value for _, value in general for _ in kinds]
    return tuple(_with(checked, value) for checked, value in zip(verified(forms), values, strict=True))


def _general(question: Question) -> tuple[Question, dict[Symbol, Integer]]:
    """A question for the symbol T, and the numbers to be put in, where T is too large to be written out."""
    if question.steps is None or question.steps <= LONGEST:
        return question, {}
    model, number = question.model, Integer(question.steps)
    values = {model.horizon: number}
    of = question.of
    if not question.whole and of.time == number:
        of, values = model.summand, {**values, model.time: number}
    return Question(model, question.by, of, manner=question.manner), values


def _with(checked: Checked, values: dict[Symbol, Integer]) -> Checked:
    if not values:
        return checked
    form = checked.form
    formulas = tuple(formula.at(values) for formula in form.formulas)
    steps = tuple(replace(step, formula=step.formula.at(values)) for step in form.steps)
    put_in = replace(form, formulas=formulas, steps=steps)
    return Checked(put_in, checked.evidence, checked.step_evidence)


def verified(forms: Sequence[Form]) -> tuple[Checked, ...]:
    """The forms with their evidence, judged together. Error: CheckFailed where one is refuted."""
    return with_evidence(forms, judge(forms))
