"""An inequality under one reading: both sides as expressions, and what its letters are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from derive.algebra import shapes
from derive.algebra.expressions import Diag, Expression, Norm, Number, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import SCALAR
from derive.errors import DeriveError
from derive.models.model import walk
from derive.reader.naming import Reading as NameReading
from derive.reader.naming import read_name
from derive.reader.resolve import resolve
from derive.reader.surface import Brackets, Node, Row, Scripted
from derive.verify.bounds_functions import abstract_in
from derive.verify.bounds_letters import BOUNDS, LARGEST, RADIUS, STEEPEST, Meaning, in_words, key
from derive.verify.bounds_parts import Fact
from derive.verify.bounds_points import LetterKey, Point
from derive.verify.bounds_text import Goal, with_argument
from derive.verify.choices import Script, ways
from derive.verify.claims import Claim, ranges
from derive.verify.context import TextContext
from derive.verify.habits import USUAL
from derive.verify.readings import Reading
from derive.verify.surfaces import function_name, has_derivative
from derive.verify.survey import Formula

MOST_LETTERS = 8
RADIUS_OF = re.compile(r"\\mathrm\{radius of (.*)\}")


@dataclass(frozen=True)
class Inequality:
    """left ≤ right of `claim`, or < where `strict`.

    `letters`: what bounding letters are at a point, `facts` what is said of them; `arguments` are letters that stand
    for any number, `radii` those for a spectral radius.
    """

    claim: Claim
    strict: bool
    letters: Mapping[LetterKey, Callable[[Point], float]] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    arguments: frozenset[Name] = frozenset()
    radii: frozenset[Variable] = frozenset()

    def noted(self, notes: Sequence[str]) -> Inequality:
        """The same with something said of how it was read."""
        return replace(self, claim=replace(self.claim, notes=(*notes, *self.claim.notes)))

    @property
    def functions(self) -> frozenset[str]:
        """The functions in it that the program does not know."""
        return abstract_in(self.claim.left, self.claim.right)


def inequalities(
    goal: Goal, formula: Formula, context: TextContext, reading: Reading, said: Mapping[LetterKey, Meaning]
) -> Iterator[Inequality | DeriveError]:
    """The inequality under a reading, in each way that its text allows."""
    plain = not any(_is_norm(node) or has_derivative(node) for node in (goal.small, goal.large))
    sides = [with_argument(side, context.functions, plain) for side in (goal.small, goal.large)]
    inside = replace(context, source=formula.source, reading=reading, held=context.network.before)
    inside = _with_slopes(sides, inside)
    try:
        inside, letters = _with_letters(sides, formula, inside, said)
    except DeriveError as error:
        yield error
        return
    for way in ways(lambda script: _claim(sides, goal.strict, replace(inside, script=script), letters)):
        if isinstance(way, DeriveError):
            yield way
        else:
            yield from _with_bars(way[0].noted(way[1]), any(map(_is_norm, sides)))


def _with_bars(found: Inequality, norms: bool) -> Iterator[Inequality]:
    """|v| of a column as its length, and entry by entry; ‖v‖ is its length."""
    yield found
    columns = {
        node: Norm(Diag(node.args[0]))
        for side in (found.claim.left, found.claim.right) for node in walk(side)
        if isinstance(node, Norm) and shapes.is_column(node.args[0].shape) and not shapes.is_scalar(node.args[0].shape)
    }  # fmt: skip
    if columns and not norms:
        claim = replace(found.claim, left=found.claim.left.xreplace(columns), right=found.claim.right.xreplace(columns))
        yield replace(found, claim=claim).noted(("|·| is meant entry by entry",))


def _with_slopes(sides: Sequence[Node], context: TextContext) -> TextContext:
    """The context in which σ is a function where σ'(x) stands, though it is a quantity elsewhere, as in dσ/dx."""
    rows = [node for side in sides for node in side.walk() if isinstance(node, Row)]
    pairs = [pair for row in rows for pair in zip(row.items, row.items[1:], strict=False)]
    primed = {
        function_name(item)
        for item, after in pairs
        if isinstance(item, Scripted) and item.primes and isinstance(after, Brackets)
    }
    found = frozenset(name for name in primed if name in USUAL and Name(name) in context.shapes)
    known = {name: shape for name, shape in context.shapes.items() if name not in map(Name, found)}
    return replace(context, functions=context.functions | found, shapes=known) if found else context


def _is_norm(side: Node) -> bool:
    return any(isinstance(node, Brackets) and node.opening == "‖" for node in side.walk())


@dataclass
class Letters:
    """The letters of one formula that its network does not have."""

    replaced: dict[Expression, Expression] = field(default_factory=dict)
    values: dict[LetterKey, Callable[[Point], float]] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    arguments: set[Name] = field(default_factory=set)
    radii: set[Variable] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def _with_letters(
    sides: Sequence[Node], formula: Formula, context: TextContext, said: Mapping[LetterKey, Meaning]
) -> tuple[TextContext, Letters]:
    """The context in which the letters are known that the network lacks. Error: DeriveError where nothing is said."""
    letters = Letters()
    for side in sides:
        for _ in range(MOST_LETTERS):
            try:
                resolve(side, replace(context, script=Script()))
                break
            except DeriveError as error:
                found = _unknown(side, error, context, formula)
                if found is None:
                    raise
                context = _known(found, side, formula, context, said, letters)
    known = {name for name, _ in letters.values}
    for (name, indices), meaning in said.items():  # M_2 where M_1 is known
        if name in known and (name, indices) not in letters.values:
            context = _add(NameReading(name, indices), meaning, formula, context, letters)
    return context, letters


def _unknown(side: Node, error: DeriveError, context: TextContext, formula: Formula) -> tuple[NameReading, Node] | None:
    for node in side.walk():
        if error.span == node.span and "neither declared" in error.message:
            reading = read_name(node, context.letters, formula.source)
            if reading is not None and reading.name not in context.shapes:
                return reading, node
        if error.span == node.span and "not a name or function" in error.message:
            reading = read_name(node, context.letters, formula.source)
            if reading is not None and RADIUS_OF.match(reading.name.base):
                return reading, node
    return None


def _known(
    found: tuple[NameReading, Node],
    side: Node,
    formula: Formula,
    context: TextContext,
    said: Mapping[LetterKey, Meaning],
    letters: Letters,
) -> TextContext:
    """The context with one letter more."""
    reading, node = found
    radius = RADIUS_OF.match(reading.name.base)
    meaning = said.get(key(reading)) or in_words(reading, formula, context)
    if radius:
        meaning = Meaning(RADIUS, matrix=radius.group(1))
    if meaning is not None:
        return _add(reading, meaning, formula, context, letters)
    if not _is_argument(node, side):
        raise DeriveError(
            f"nothing in the text says what {reading.name.letter} is", source=formula.source, span=node.span
        )
    letters.arguments.add(reading.name)
    letters.values[reading.name, ()] = lambda point: point.any_number(reading.name)
    return _extended(context, reading)


def _extended(context: TextContext, reading: NameReading) -> TextContext:
    return replace(context, shapes={**context.shapes, reading.name: SCALAR})


def _add(
    reading: NameReading,
    meaning: Meaning,
    formula: Formula,
    context: TextContext,
    letters: Letters,
) -> TextContext:
    """The context with a letter of which something is said."""
    own = Variable(reading.name, reading.indices, SCALAR)
    if meaning.kind in (LARGEST, RADIUS):
        matrix = _matrix(meaning.matrix, context)
        if matrix is None:
            raise DeriveError(f"the text does not say of which matrix {reading.name.letter} is", source=formula.source)
        if meaning.kind == LARGEST:
            letters.replaced[own] = Norm(matrix)
            letters.notes.append(f"{own} is the largest singular value of {matrix}")
        else:
            letters.values[key(reading)] = lambda point: _radius(point, matrix)
            letters.radii.add(own)
            letters.notes.append(f"{own} is the spectral radius of {matrix}")
    elif meaning.kind == STEEPEST:
        letters.values[key(reading)] = lambda point: point.steepest(meaning.function)
        letters.facts.append(Fact(Number(1), own, meaning.function))
        letters.notes.append(f"{own} is an upper bound of |{meaning.function}'|")
    elif meaning.kind == BOUNDS:
        node, where = meaning.bounded[0]
        bounded = resolve(node, replace(context, source=where.source, script=Script()))
        if not shapes.is_scalar(bounded.shape):
            raise DeriveError(f"what {own} bounds is no number", source=formula.source)
        letters.values[key(reading)] = lambda point: max(point.every(bounded), default=float("nan"))
        letters.facts.append(Fact(bounded, own))
        letters.notes.append(f"{own} is an upper bound, as the text says")
    return _extended(context, reading)


def _matrix(plain: str, context: TextContext) -> Variable | None:
    wanted = plain.replace("_", "")
    for name, shape in context.shapes.items():
        if not name.arity and name.plain.replace("_", "") == wanted and len(shape) == 2:
            return Variable(name, (), shape)
    return None


def _radius(point: Point, matrix: Variable) -> float:
    value = np.real(point.quantity(matrix.name, ()))
    return float(max(abs(np.linalg.eigvals(value)))) if value.shape[0] == value.shape[1] else float("nan")


def _is_argument(node: Node, side: Node) -> bool:
    """Whether a letter stands within the brackets of a function."""
    return any(
        isinstance(part, Row) and any(isinstance(item, Brackets) and item.opening == "(" and node in list(item.walk())
                                      for item in part.items[1:])
        for part in side.walk()
    )  # fmt: skip


def _claim(sides: Sequence[Node], strict: bool, context: TextContext, letters: Letters) -> Inequality:
    left, right = (resolve(side, context).xreplace(letters.replaced) for side in sides)
    for side in (left, right):
        for node in walk(side):
            if isinstance(node, Norm) and len(node.args[0].shape) > 2:
                raise DeriveError(
                    "the norm of an array with three indices can be several things", source=context.source
                )
    if left.shape != right.shape and not (shapes.is_scalar(left.shape) or shapes.is_scalar(right.shape)):
        raise DeriveError(
            f"the left side is {shapes.show(left.shape)}, the right side {shapes.show(right.shape)}",
            source=context.source, span=sides[0].span,
        )  # fmt: skip
    if any(len(side.shape) == 2 and not shapes.is_vector(side.shape) for side in (left, right)):
        raise DeriveError(
            "a matrix is neither larger nor smaller than another", source=context.source, span=sides[0].span
        )
    claim = Claim(left, right, "<" if strict else "le", tuple(letters.notes), ranges(left, right, context))
    return Inequality(claim, strict, letters.values, tuple(letters.facts), frozenset(letters.arguments),
                      frozenset(letters.radii))  # fmt: skip
