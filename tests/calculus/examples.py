"""The example in a law's docstring, read by the reader: declarations and one equation, `;` between them."""

from __future__ import annotations

from dataclasses import dataclass

from derive.algebra.expressions import Expression, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import Shape
from derive.calculus.laws import Law
from derive.calculus.pullback import sections
from derive.errors import Source
from derive.models.functions import abstract_functions
from derive.models.model import variables
from derive.models.statements import Declaration, Definition, classify
from derive.reader.context import Context
from derive.reader.parse import parse
from derive.reader.resolve import resolve


@dataclass(frozen=True)
class Example:
    """The right side of an example, and the abstract functions in it."""

    right: Expression
    functions: frozenset[str]

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(dict.fromkeys(variables(self.right)))


def example(law: Law) -> Example:
    """The example of a law."""
    *declared, equation = (text.strip() for text in sections(law)["Example"].split(";"))
    known: dict[Name, Shape] = {}
    for text in declared:
        (declaration,) = _said(text, known)
        assert isinstance(declaration, Declaration), text
        known[declaration.reading.name] = declaration.shape
    (definition,) = _said(equation, known)
    assert isinstance(definition, Definition), equation
    context = _context(equation, known)
    functions = abstract_functions([definition], frozenset(known), context)
    context = Context(context.source, known, frozenset(), functions=functions)
    return Example(resolve(definition.right, context), functions)


def _said(text: str, known: dict[Name, Shape]) -> tuple[Declaration | Definition, ...]:
    context = _context(text, known)
    return tuple(classify([parse(context.source)], context))  # type: ignore[arg-type]


def _context(text: str, known: dict[Name, Shape]) -> Context:
    return Context(Source("the example", text), known, frozenset())
