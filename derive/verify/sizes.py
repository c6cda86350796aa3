"""Shapes from the forward equations of a text, from what it declares, and for what only claims speak of from these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from sympy import Expr

from derive.algebra import symbols
from derive.algebra.names import Name
from derive.algebra.shapes import ONE, Shape, is_vector
from derive.errors import ShapeError, Span
from derive.reader.naming import Reading, read_name
from derive.reader.surface import (
    Accent,
    Big,
    Brackets,
    Letter,
    Node,
    Operator,
    Row,
    Scripted,
    Table,
    Terms,
    Word,
)
from derive.verify import surfaces, ways
from derive.verify.declared import declared_shapes
from derive.verify.habits import KNOWN
from derive.verify.infer import Shapes
from derive.verify.kinds import Equation, Uses, is_loss, names
from derive.verify.names import occurrences
from derive.verify.survey import CLAIM, DECLARATION, DEFINITION, Formula, Survey


def infer(equations: Mapping[int, Equation], survey: Survey, formulas: Sequence[Formula]) -> Shapes:
    """The shapes of all names in the forward equations, as far as they fit."""
    declared = _one_example(declared_shapes([f for f in formulas if f.kind == DECLARATION], survey))
    shapes = Shapes(survey.habits, declared)
    shapes.defined = {equation.name.name: equation.right for equation in equations.values()}
    shapes.equations = {equation.name.name: equation for equation in equations.values()}
    _by_entries(shapes, survey)
    for equation in equations.values():
        for _, node in names(equation, survey.habits):
            reading = shapes.reading(node, equation)
            if reading is not None:
                shapes.uses.setdefault(reading.name, Uses())
        gather(equation.right, equation, shapes)
    shapes.rows = not survey.extents and _rows(shapes, declared)
    shapes.scalars = (
        not declared
        and not survey.extents
        and not survey.habits.bold
        and not _vectors(list(equations.values()), shapes)
    )
    for _ in range(2):
        for equation in equations.values():
            try:
                shapes.unify(equation)
            except ShapeError:
                continue
    _from_claims(shapes, survey, formulas)
    return shapes


def _by_entries(shapes: Shapes, survey: Survey) -> None:
    """The arrays that are given by entries, with the sizes that their sums name: n in Σ_{l=1}^{n} W_{jl} s_l."""
    running: dict[tuple[str, Span], Expr] = {}
    for extent in survey.extents:
        reading = read_name(extent.node, survey.habits.letters, extent.source)
        if reading is None or reading.name in shapes.declared:
            continue
        sizes = []
        for size in extent.sizes:
            if isinstance(size, str):
                sizes.append(symbols.size(size))
            else:
                fresh = shapes.dims.new()
                sizes.append(fresh if size is None else running.setdefault((extent.source.text, size), fresh))
        shape = (sizes[0], sizes[1] if len(sizes) == 2 else ONE)
        if reading.name not in shapes.found:
            shapes.found[reading.name] = shape
            shapes.origins[reading.name] = "by its entries"
        with suppress(ShapeError):
            shapes.dims.same(shapes.found[reading.name], shape)


def _from_claims(shapes: Shapes, survey: Survey, formulas: Sequence[Formula]) -> None:
    """Sizes of names that only claims speak of: ŷ - y makes them alike. What the network says is not touched."""
    shapes.dims.fix(s for n, s in shapes.found.items() if n in shapes.defined or not n.arity)
    for whole in (False, True):
        for formula in formulas:
            if formula.kind != CLAIM and (
                formula.kind != DEFINITION or not surfaces.has_derivative(formula.link.right)
            ):
                continue
            for side, other in ((formula.link.left, formula.link.right), (formula.link.right, formula.link.left)):
                name = Reading(Name("claim"), ())
                equation = Equation(name, side, formula.source, survey.habits.letters)
                for part in [side] if whole else [node for node in side.walk() if isinstance(node, Terms)]:
                    with suppress(ShapeError):
                        found = shapes.infer(part, equation)
                        if whole and found is not None and not surfaces.has_derivative(other):
                            beside = shapes.infer(other, replace(equation, right=other))
                            if beside is not None:
                                shapes.dims.same(found, beside)


def _one_example(declared: dict[Name, Shape]) -> dict[Name, Shape]:
    """A batch of states, n×h, is one example, a row: what holds for each holds for their sum."""
    batches = {shape[0] for name, shape in declared.items() if name.arity and not is_vector(shape)}
    if len(batches) != 1:
        return declared
    (batch,) = batches
    return {name: (ONE, shape[1]) if name.arity and shape[0] == batch else shape for name, shape in declared.items()}


def gather(node: Node, equation: Equation, shapes: Shapes) -> None:
    """How each name stands in an equation, for what kind of thing it may be."""
    if isinstance(node, Terms):
        for part in node.summands:
            reading = _bare(part, equation, shapes)
            if reading is not None:
                shapes.uses.setdefault(reading.name, Uses()).summand = True
    if isinstance(node, Row):
        _gather_row(node, equation, shapes)
    for child in node.children():
        if not (isinstance(node, Scripted) and child is not node.base):
            gather(child, equation, shapes)


def _bare(node: Node, equation: Equation, shapes: Shapes) -> Reading | None:
    if isinstance(node, Letter) and node.text in equation.letters:
        return None
    if isinstance(node, Letter | Accent | Scripted | Word) and surfaces.function_name(node) not in KNOWN:
        return shapes.reading(node, equation)
    return None


def _gather_row(node: Row, equation: Equation, shapes: Shapes) -> None:
    groups = [[]]  # type: list[list[Node]]
    entrywise = False
    for item in node.items:
        if isinstance(item, Operator) and item.name in ("odot", "circ"):
            groups.append([])
            entrywise = True
        elif not isinstance(item, Operator):
            groups[-1].append(item)
    for group in groups:
        if entrywise and len(group) == 1 and (reading := _bare(group[0], equation, shapes)) is not None:
            shapes.uses.setdefault(reading.name, Uses()).entrywise = True
        for before, item, after in zip([None, *group], group, [*group[1:], None], strict=False):
            reading = _bare(item, equation, shapes)
            if reading is None or surfaces.function_name(item) in shapes.habits.functions:
                continue
            uses = shapes.uses.setdefault(reading.name, Uses())
            uses.transposed |= any(isinstance(s, Letter) and s.text in ("top", "T", "intercal") for s in reading.above)
            uses.left_of |= after is not None
            if before is not None and surfaces.function_name(before) not in shapes.habits.functions:
                state = any(
                    r.name.arity for r, _ in occurrences(before, equation.letters, shapes.habits, equation.source)
                )
                uses.right_of_state |= state
                uses.right_of_weight |= not state


def _rows(shapes: Shapes, declared: Mapping[Name, Shape]) -> bool:
    """Whether states are rows: weights stand to the right of what has a step."""
    weights = {n: u for n, u in shapes.uses.items() if n not in shapes.defined and not n.arity and not u.summand}
    right = sum(uses.right_of_state and not uses.left_of for uses in weights.values())
    left = sum(uses.left_of for uses in weights.values())
    stated = [s for n, s in declared.items() if n.arity and is_vector(s)]
    if stated:
        return all(shape[0] == ONE for shape in stated)
    return right > left


def _vectors(equations: Sequence[Equation], shapes: Shapes) -> bool:
    """Whether the forward equations have anything that only vectors and matrices have."""
    for node in (part for equation in equations for part in equation.right.walk()):
        match node:
            case Operator(name="odot" | "circ" | "otimes"):
                return True
            case Word(text="softmax" | "diag" | "Diag"):
                return True
            case Scripted(base=base, sup=Letter(text="top" | "intercal" | "T")) if not isinstance(base, Big):
                return True
            case Brackets(opening="‖") | Table(name=ways.CONCATENATION):
                return True
    return any(
        (uses.left_of or uses.right_of_state) and name.base[:1].isupper() and not is_loss(name)
        for name, uses in shapes.uses.items()
        if name not in shapes.defined
    )
