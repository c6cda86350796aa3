"""Shapes that nobody declares: which names are scalars, columns, rows or matrices, and which sizes are equal.

What a name is follows from how it is written and used; sizes follow from the equations, by unification.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Basic, Expr

from derive.algebra import shapes
from derive.algebra.names import Name
from derive.algebra.shapes import ONE, SCALAR, Shape
from derive.errors import ShapeError
from derive.reader.naming import Reading, read_name
from derive.reader.rows import split_entrywise
from derive.reader.surface import (
    Accent,
    Big,
    Brackets,
    Fraction,
    Items,
    Letter,
    Node,
    Number,
    Operator,
    Root,
    Row,
    Scripted,
    Table,
    Terms,
    Word,
)
from derive.verify import surfaces
from derive.verify.dims import Dims, Term, is_scalar, product
from derive.verify.habits import KNOWN
from derive.verify.kinds import GREEK, Equation, Uses, entry_of, is_loss, is_transpose, small, transposes
from derive.verify.manner import Habits
from derive.verify.surfaces import function_name

BOLD = frozenset({"mathbf", "boldsymbol", "bm", "pmb", "vec", "mathbb"})


@dataclass
class Shapes:
    """The shapes of all names, found from the forward equations of a text."""

    habits: Habits
    declared: Mapping[Name, Shape]
    scalars: bool = False
    rows: bool = False
    dims: Dims = field(default_factory=Dims)
    found: dict[Name, Shape] = field(default_factory=dict)
    uses: dict[Name, Uses] = field(default_factory=dict)
    defined: dict[Name, Node] = field(default_factory=dict)
    origins: dict[Name, str] = field(default_factory=dict)
    generics: dict[str, Shape] = field(default_factory=dict)
    equations: dict[Name, Equation] = field(default_factory=dict)
    pending: set[Name] = field(default_factory=set)

    # ---- names

    def of(self, name: Name) -> Shape:
        """The shape of a name, made when it is first met."""
        if name not in self.found:
            made = self._first(name)
            if name in self.found:  # met again on the way to its own shape
                self.dims.same(self.found[name], made)
            self.found[name] = made
        return self.dims.shape(self.found[name])

    def _first(self, name: Name) -> Shape:
        if name in self.declared:
            self.origins[name] = "declared"
            return self.declared[name]
        similar = next((s for n, s in self.declared.items() if n.base == name.base and n.accents == name.accents
                        and n.label == name.label), None)  # fmt: skip
        if similar is not None:
            self.origins[name] = "declared with another index"
            return similar
        found = self._from_right(name)
        if found is not None:
            self.origins[name] = "from its equation"
            return found
        kind, origin = self.kind(name)
        self.origins[name] = origin
        if kind == "scalar":
            return SCALAR
        if kind == "vector":
            size = self.dims.new()
            return (ONE, size) if self.rows else (size, ONE)
        if kind == "column":
            return (self.dims.new(), ONE)
        return (self.dims.new(), self.dims.new())

    def _from_right(self, name: Name) -> Term:
        """The shape that the right side of its equation has, where that can be said before its own is known."""
        equation = self.equations.get(name)
        if equation is None or is_loss(name) or self.scalars or name in self.pending:
            return None
        self.pending.add(name)
        try:
            return self.infer(equation.right, equation)
        except ShapeError:
            return None
        finally:
            self.pending.discard(name)

    def kind(self, name: Name) -> tuple[str, str]:
        """Scalar, vector, column or matrix, and why."""
        uses = self.uses.get(name, Uses())
        if is_loss(name):
            return "scalar", "a loss"
        if self.scalars:
            return "scalar", "no vector or matrix is written anywhere"
        weight = name.base in "WUV" or (name.base in "wuv" and uses.left_of and not uses.entrywise)
        if name.arity and not weight:
            return "vector", "it has a step"
        if name in self.defined:
            return ("matrix", "it is computed") if not small(name) else ("vector", "it is computed")
        if name.base in GREEK and not uses.summand and not name.accents:
            return "scalar", "a Greek coefficient"
        if uses.summand or uses.entrywise:
            return "vector", "it is added to a vector" if uses.summand else "it is multiplied entry by entry"
        if uses.transposed and small(name):
            return "column", "a small letter, transposed"
        if uses.left_of or uses.right_of_state or not small(name):
            return "matrix", "it multiplies a vector" if uses.left_of or uses.right_of_state else "a capital letter"
        return "vector", "it is multiplied by a matrix" if uses.right_of_weight else "a small letter"

    # ---- formulas

    def unify(self, equation: Equation) -> None:
        """Makes equal what an equation makes equal. Error: ShapeError where that cannot be."""
        left = self.of(equation.name.name)
        right = self.infer(equation.right, equation, left)
        if right is not None:
            self.dims.same(left, right)

    def infer(self, node: Node, equation: Equation, wanted: Term = None) -> Term:
        """The shape of a part of a formula. `wanted` is what it must be, if that is known."""
        match node:
            case Number():
                return None
            case Accent(body=Number()):
                return None
            case Scripted(base=Accent(body=Number())):
                return None
            case Terms(summands=summands):
                return self._alike([self.infer(part, equation, wanted) for part in summands])
            case Row():
                return self._row(node, equation, wanted)
            case Fraction(top=top, bottom=bottom):
                if surfaces.is_derivative(node):
                    return wanted
                self.infer(bottom, equation)
                return self.infer(top, equation, wanted)
            case Brackets(opening="‖" | "|", body=body):
                self.infer(body, equation)
                return SCALAR
            case Brackets(body=body) | Root(body=body):
                return self.infer(body, equation, wanted)
            case Table(rows=parts):
                return self._stacked([self.infer(cell, equation) for row in parts for cell in row])
            case Letter() | Accent() | Word() | Scripted():
                return self._named(node, equation, wanted)
        return wanted

    def _alike(self, parts: Sequence[Term]) -> Term:
        known = [part for part in parts if part is not None]
        whole = next((part for part in known if not is_scalar(part)), None)
        if whole is None:
            return known[0] if known else None
        for part in known:
            if not is_scalar(part) or len(part) != 2:
                self.dims.same(whole, part)
        return whole

    def _stacked(self, parts: Sequence[Term]) -> Term:
        known = [part for part in parts if part is not None]
        if not known:
            return None
        if all(part[0] == ONE and part[1] != ONE for part in known):
            return (ONE, sum((part[1] for part in known), ONE - 1))
        return (sum((part[0] for part in known), ONE - 1), ONE)

    def _named(self, node: Node, equation: Equation, wanted: Term) -> Term:
        if isinstance(node, Scripted) and isinstance(node.base, Brackets | Table | Fraction | Row):
            if node.sub is not None and not isinstance(node.base, Table):
                self.infer(node.base, equation)
                return SCALAR
            body = self.infer(node.base, equation)
            return body[::-1] if body is not None and transposes(node) else body
        found = self.reading(node, equation)
        if found is None:
            return wanted
        if isinstance(node, Letter) and node.text in equation.letters and found.name not in self.defined:
            return SCALAR  # a number of steps
        if found.place:
            self.of(found.name)
            return SCALAR
        shape = self.of(found.name)
        return shape[::-1] if any(is_transpose(script) for script in found.above) else shape

    def reading(self, node: Node, equation: Equation) -> Reading | None:
        """The name that a node is, an entry of a name that is known included."""
        reading = read_name(node, equation.letters, equation.source)
        if reading is None:
            return None
        if len(reading.indices) > 1:
            last = reading.indices[-1]
            own = _letters(equation) or {letter for other in self.equations.values() for letter in _letters(other)}
            bound = last.free_symbols and not last.free_symbols & own
            whole = Name(reading.name.base, reading.name.accents, reading.name.label, reading.name.arity - 1)
            if bound and own:
                return entry_of(node, equation, {whole}) or reading
            known = {*self.defined, *self.uses, *self.found}
            alike = {Name(n.base, reading.name.accents, n.label, n.arity) for n in known if n.base == reading.name.base}
            return entry_of(node, equation, known | {n for n in alike if n.arity < reading.name.arity}) or reading
        if reading.name in self.found or reading.name in self.uses or reading.name in self.defined:
            return reading
        return entry_of(node, equation, {*self.defined, *self.uses, *self.found}) or reading

    def _row(self, node: Row, equation: Equation, wanted: Term) -> Term:
        for position, item in enumerate(node.items):
            big = item.base if isinstance(item, Scripted) else item
            if isinstance(big, Big):
                rest = node.items[position + 1 :]
                inside = Equation(equation.name, equation.right, equation.source, equation.letters | _bound(item))
                body = self.infer(surfaces.row(rest), inside, wanted if not position else None) if rest else None
                self._count_alike(_bound(item), rest, inside)
                before = self._product(node.items[:position], equation, None) if position else None
                return product(self.dims, [before, body], wanted) if position else body
        groups, operators = split_entrywise(node.items)
        if operators and all(groups):
            return self._alike([self._product(group, equation, wanted) for group in groups])
        return self._product(node.items, equation, wanted)

    def _count_alike(self, letters: frozenset[str], items: Sequence[Node], equation: Equation) -> None:
        """A letter that Σ binds counts as many entries wherever it stands: y_k and p_k are of one size."""
        sizes: dict[str, Expr] = {}
        for node in (below for item in items for below in item.walk() if isinstance(below, Scripted)):
            found = self.reading(node, equation)
            ends = [size for size in self.of(found.name) if size != ONE] if found and found.place else []
            if found and len(ends) == len(found.place):
                for index, size in zip(map(str, found.place), ends, strict=True):
                    if index in letters:
                        self.dims.unify(sizes.setdefault(index, size), size)

    def _product(self, items: Sequence[Node], equation: Equation, wanted: Term) -> Term:
        terms: list[Term] = []
        rest = list(items)
        while rest:
            item = rest.pop(0)
            if isinstance(item, Operator):
                continue
            name = function_name(item)
            if name in self.habits.functions or name in KNOWN:
                brackets = rest[0].base if rest and isinstance(rest[0], Scripted) else rest[0] if rest else None
                argument = [rest.pop(0)] if isinstance(brackets, Brackets) else rest
                if not argument:
                    continue
                terms.append(self._applied(name or "", surfaces.row(argument), equation, wanted))
                if argument is rest:
                    break
            else:
                terms.append(self.infer(item, equation))
        return product(self.dims, terms, wanted)

    def _applied(self, name: str, argument: Node, equation: Equation, wanted: Term) -> Term:
        scripted = isinstance(argument, Scripted) and isinstance(argument.base, Brackets)
        body = argument.base if scripted and isinstance(argument, Scripted) else argument
        body = body.body if isinstance(body, Brackets) else body
        if isinstance(body, Items):
            for part in body.items:
                self.infer(part, equation)
            if name in self.habits.functions:
                self.generics.setdefault(name, wanted or SCALAR)
            return wanted
        inner = self.infer(body, equation)
        if name in ("diag", "Diag") and inner is not None:
            return (shapes.length(inner), shapes.length(inner)) if len(inner) == 2 else None
        if name in self.generics:
            return self.generics[name]
        array = inner is not None and not is_scalar(self.dims.shape(inner))
        if array and wanted is not None and is_scalar(wanted) and name in self.habits.functions:
            self.generics[name] = SCALAR
            return SCALAR
        return inner


def _letters(equation: Equation) -> set[Basic]:
    return {letter for index in equation.name.indices for letter in index.free_symbols}


def _bound(item: Node) -> frozenset[str]:
    sub = item.sub if isinstance(item, Scripted) else None
    return frozenset(part.text for part in (sub.walk() if sub else ()) if isinstance(part, Letter))
