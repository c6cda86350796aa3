"""The component form: the delta form entry by entry, every matrix product a sum over an index.

[∂L/∂W]_{ij} = Σ_t δ_{t,i} s_{t-1,j}. Indices count from 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Expr, Integer, Symbol

from derive.algebra import symbols
from derive.algebra.build import add, product, quotient, summation
from derive.algebra.equation import Equation
from derive.algebra.expressions import (
    Add,
    Apply,
    Diag,
    Entry,
    Expression,
    Hadamard,
    Identity,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Transpose,
    Variable,
)
from derive.algebra.shapes import ONE, is_column, is_scalar
from derive.calculus.laws import LAWS
from derive.calculus.pullback import Laws
from derive.gradients.delta import delta_form
from derive.gradients.form import Form, Formula, Question, Range, Step, names
from derive.gradients.steps import cited
from derive.models.model import walk

Place = tuple[Expr, ...]
"""The indices of an entry: one for a column or row, two for a matrix, none for a scalar."""
LETTERS = "ijlpqruvwkmnhgbceaxyz"


def component_form(question: Question, laws: Laws = LAWS, *, expanded: bool) -> Form:
    """The delta form, each formula for one entry of its left side."""
    whole = delta_form(_entrywise(question), laws, expanded=expanded)
    letters = free_letters(whole)
    formulas = tuple(in_entries(formula, letters) for formula in whole.formulas)
    return replace(whole, kind="component", question=question, formulas=formulas)


def in_entries(formula: Formula, letters: Sequence[Symbol]) -> Formula:
    """A formula for one entry, with the ranges of its indices."""
    equation = formula.equation
    place, rest = place_in(equation.left, letters)
    sizes = [size for size in equation.left.shape if size != ONE]
    ranges = tuple(Range(index, Integer(1), size) for index, size in zip(place, sizes, strict=True))
    said = Equation(entry(equation.left, place, rest), entry(equation.right, place, rest))
    beyond = tuple(Equation(entry(b.left, place, rest), Number(0)) for b in formula.boundary)
    return replace(formula, equation=said, ranges=(*formula.ranges, *ranges), boundary=beyond)


def component_steps(form: Form) -> Iterator[Step]:
    """From the delta form: each formula that is given, entry by entry."""
    question = form.question
    whole = delta_form(_entrywise(question), expanded=question.written_out)
    letters = free_letters(whole)
    for formula, said in zip(whole.formulas, form.formulas, strict=True):
        place, _ = place_in(formula.equation.left, letters)
        right = formula.equation.right
        opened = Equation(Entry(right, *place) if place else right, said.equation.right)
        if formula.kind != "definition" and opened.left != opened.right:
            claim = replace(said, equation=opened, kind="step", boundary=())
            yield Step((cited(entry),), claim, part=formula.kind != "gradient")


def _entrywise(question: Question) -> Question:
    return replace(question, manner=replace(question.manner, entrywise="hadamard"))


def place_in(expression: Expression, letters: Sequence[Symbol]) -> tuple[Place, Sequence[Symbol]]:
    """Letters for the entries of a shape, and the letters that are left."""
    count = sum(size != ONE for size in expression.shape)
    return tuple(letters[:count]), letters[count:]


def free_letters(form: Form) -> tuple[Symbol, ...]:
    """Index letters that nothing in a form is called by, nor anything in its network."""
    model = form.question.model
    taken = {symbol.name for formula in form.formulas for symbol in _symbols(formula)} | names(model)
    return tuple(symbols.index(letter) for letter in LETTERS if letter not in taken)


def _symbols(formula: Formula) -> set[Symbol]:
    bound = {
        node.args[1]
        for side in (formula.equation.left, formula.equation.right)
        for node in walk(side)
        if isinstance(node, Sum)
    }
    return {*formula.equation.left.free_symbols, *formula.equation.right.free_symbols, *bound}


def entry(node: Expression, place: Place, letters: Sequence[Symbol]) -> Expression:
    r"""One entry of an expression: sums and ⊙ entry by entry, a product of matrices as a sum over the index between.

    Law: [A B]_{ij} = \sum_{l} A_{il} B_{lj}, \quad [u \odot v]_{i} = u_i v_i
    Conditions: none
    Source: the definition of the matrix product
    """
    match node:
        case Number():
            return Number(node.value)
        case Add():
            return add(*(entry(term, place, letters) for term in node.args))
        case Hadamard():
            return product(*(entry(factor, place, letters) for factor in node.args))
        case Sum(args=(body, *bounds)):
            return summation(entry(body, place, letters), *bounds)
        case Transpose(args=(body,)):
            return entry(body, place[::-1], letters)
        case Apply():
            return Apply(node.function, entry(node.body, place, letters))
        case Power(args=(base, exponent)):
            return Power(entry(base, place, letters), exponent)
        case Quotient(args=(top, bottom)):
            under = () if is_scalar(bottom.shape) else place
            return quotient(entry(top, place, letters), entry(bottom, under, letters))
        case Product():
            return _product(node.args, place, letters)
        case Variable() if is_scalar(node.shape):
            return node
    return node if not place else Entry(node, *place)


def _product(factors: Sequence[Expression], place: Place, letters: Sequence[Symbol]) -> Expression:
    """The entry of a product from its first factor on: a scalar or diag(u) scales, any other matrix sums over l."""
    first, rest = factors[0], product(*factors[1:])
    if len(factors) == 1:
        return entry(first, place, letters)
    if is_scalar(first.shape) or is_scalar(rest.shape):
        own, others = ((), place) if is_scalar(first.shape) else (place, ())
        return product(entry(first, own, letters), entry(rest, others, letters))
    row = place[:1] if first.shape[0] != ONE else ()
    column = place[len(row) :]
    if isinstance(first, Diag):
        return product(entry(first.args[0], row, letters), entry(rest, place, letters))
    if isinstance(first, Hadamard) and any(isinstance(factor, Identity) for factor in first.args):  # A ⊙ I
        kept = (factor for factor in first.args if not isinstance(factor, Identity))
        return product(*(entry(factor, row * 2, letters) for factor in kept), entry(rest, place, letters))
    if isinstance(factors[-1], Diag):
        before = product(*factors[:-1])
        return product(entry(before, place, letters), entry(factors[-1].args[0], place[-1:], letters))
    if is_column(first.shape):  # a column times a row
        return product(entry(first, row, letters), entry(rest, column, letters))
    between, *unused = letters
    left = entry(first, (*row, between), unused)
    return summation(product(left, entry(rest, (between, *column), unused)), between, Integer(1), first.shape[1])
