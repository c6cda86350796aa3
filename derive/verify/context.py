"""Stage 2 for texts from outside: what they leave open is filled in, in a stated way, under one reading at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr, Integer, Symbol

from derive.algebra import build, shapes, symbols
from derive.algebra.expressions import (
    Apply,
    Chain,
    Derivative,
    Diag,
    Entry,
    Expression,
    Kronecker,
    State,
    Sum,
    Transpose,
    Variable,
)
from derive.algebra.expressions import Number as NumberValue
from derive.algebra.functions import SPELLINGS
from derive.algebra.names import Function, Name
from derive.algebra.shapes import ONE, Shape
from derive.errors import Span
from derive.reader.context import Context, function_of, located
from derive.reader.entries import ends, entry, raised_entry
from derive.reader.naming import Reading as NameReading
from derive.reader.naming import entry_readings, index_expression, parts_of, readings
from derive.reader.scripts import raised
from derive.reader.surface import (
    Accent,
    Big,
    Brackets,
    Dots,
    Fraction,
    Letter,
    Node,
    Number,
    Relation,
    Row,
    Scripted,
    Table,
    Terms,
    Word,
)
from derive.verify.choices import Script
from derive.verify.network import Network
from derive.verify.products import SLOPE, fits, is_slope
from derive.verify.readings import COLUMN, DENOMINATOR, ROW, STATE, TOTAL, Reading
from derive.verify.trees import below

BOLD = frozenset({"mathbf", "boldsymbol", "bm", "pmb", "vec", "mathrm", "mathit", "mathsf"})


@dataclass(frozen=True)
class TextContext(Context):
    """The names of a text, and one way of reading what it leaves open.

    `wanted` gives the shapes that parts of the formula must have, `ends` the derivatives at the ends of paths, `about`
    the quantity of which the formula speaks, `extents` how far entries go that a letter counts.
    """

    network: Network = field(default_factory=lambda: Network({}, {}))
    reading: Reading = field(default_factory=Reading)
    script: Script = field(default_factory=Script)
    wanted: Mapping[Span, Shape] = field(default_factory=dict)
    ends: frozenset[Span] = frozenset()
    about: Variable | None = None

    # ---- derivatives

    def differentiated(self, derivative: Expression, node: Node) -> Expression:
        """A derivative with what the reading holds fixed, laid out as the reading has it."""
        if isinstance(derivative, Entry):
            return Entry(self._held(derivative.body, node), *derivative.args[1:])
        derivative = self._held(derivative, node)
        if not isinstance(derivative, Derivative) or len(derivative.shape) != 2:
            return derivative
        top, bottom = derivative.top.shape, derivative.bottom.shape
        if not shapes.is_vector(bottom) or shapes.is_scalar(derivative.shape):
            return derivative
        of_scalar = shapes.is_scalar(top)
        turned = self.reading.layout == DENOMINATOR or (self.reading.layout == COLUMN and of_scalar)
        if of_scalar and bottom[0] == ONE:  # a gradient by a row is a row, whichever layout
            turned = False
        return build.transpose(derivative) if turned else derivative

    def _held(self, derivative: Expression, node: Node) -> Expression:
        if not isinstance(derivative, Derivative) or derivative.held:
            return derivative
        top, bottom = derivative.top, derivative.bottom
        if isinstance(top, Entry):
            inner = self._held(Derivative(top.body, bottom), node)
            return Derivative(top, bottom, inner.held) if isinstance(inner, Derivative) else derivative
        if not isinstance(top, Variable | State):
            return Derivative(top, bottom, self._beside(top, bottom))
        if self.reading.partial == STATE and self._is_step(top, bottom):
            return Derivative(top, bottom, self.network.before(top, bottom))
        if self.reading.partial != TOTAL and node.span in self.ends:
            return Derivative(top, bottom, self.network.before(top, bottom))
        return derivative

    def _beside(self, top: Expression, bottom: Expression) -> tuple[Variable, ...]:
        """What else stands in an expression that is differentiated by something in it: ∂f(x_t, h_{t-1})/∂h_{t-1}."""
        named = [node for node in below(top) if isinstance(node, Variable)]
        if bottom not in named:
            return ()
        return tuple(dict.fromkeys(node for node in named if node != bottom))

    def _is_step(self, top: Variable | State, bottom: Expression) -> bool:
        """Whether one differentiates by a part of the state one step before."""
        if not isinstance(bottom, Variable | State) or top.time is None or bottom.time is None:
            return False
        return bool(top.time - bottom.time == 1)

    def differentiable(self, expression: Expression, node: Node) -> Expression:
        """An expression may be differentiated as it stands; what is named in it is held fixed or not."""
        return expression

    def entry_by(
        self, top: Expression, bottom: Expression, held: tuple[Expression, ...], node: Node
    ) -> Expression:  # fmt: skip
        """∂h_i/∂W_jk is the entry j, k of ∂h_i/∂W, which has the shape of W."""
        if isinstance(top, Entry) and shapes.is_scalar(top.shape):
            by = bottom.body if isinstance(bottom, Entry) else bottom
            whole = Derivative(top, by, held)
            return Entry(whole, *bottom.args[1:]) if isinstance(bottom, Entry) else whole
        return super().entry_by(top, bottom, held, node)

    def chained(self, parts: Sequence[Node], node: Node, resolve: Callable[[Node, Context], Expression]) -> Expression:
        """Everything laid out by the numerator, columns turned to rows where they come first."""
        inside = replace(self, reading=replace(self.reading, layout=ROW))
        found = [resolve(part, inside) for part in parts]
        turned = [build.transpose(p) if shapes.is_column(p.shape) and len(p.shape) == 2 else p for p in found[:1]]
        with located(self, node.span):
            made = build.product(*turned, *found[1:])
        row = len(made.shape) == 2 and made.shape[0] == ONE and not shapes.is_scalar(made.shape)
        return build.transpose(made) if row and self.reading.layout != ROW else made

    def at_step(self, derivative: Expression, sub: Node) -> Expression | None:
        """The derivative by a parameter as it is used at one step, the others being held fixed."""
        inner = derivative.args[0] if isinstance(derivative, Transpose) else derivative
        index = index_expression(sub.body if isinstance(sub, Brackets) else sub, self.letters)
        if not isinstance(inner, Derivative) or index is None or not isinstance(inner.bottom, Variable):
            return None
        if inner.bottom.name.arity or inner.bottom.name in self.network.rules:
            return None
        self.script.note("a bar with a step takes the parameter as it is used at that step")
        placed = Derivative(inner.top, Variable(inner.bottom.name, (index,), inner.bottom.shape), inner.held)
        return build.transpose(placed) if isinstance(derivative, Transpose) else placed

    def sum_of_entries(self, body: Expression, item: Node) -> Expression:
        """Σ exp(y) over all entries of a column or row."""
        if len(body.shape) != 2 or not shapes.is_vector(body.shape) or shapes.is_scalar(body.shape):
            return super().sum_of_entries(body, item)
        self.script.note("Σ without an index adds up all entries")
        ones = build.ones(shapes.length(body.shape))
        if body.shape[1] == ONE:
            return build.product(build.transpose(ones), body)
        return build.product(body, ones)

    def is_bare(self, item: Node, following: Sequence[Node]) -> bool:
        """A slope with no brackets behind it: what follows is a factor."""
        if not isinstance(item, Scripted) or not item.primes:
            return False
        after = (
            following[0].base
            if following and isinstance(following[0], Scripted)
            else following[0]
            if following
            else None
        )
        return not (isinstance(after, Brackets) and after.opening in "([")

    def equal(self, asked: Relation) -> Expression | None:
        """1_{i=j}"""
        letters = self.letters | {part.text for part in asked.walk() if isinstance(part, Letter)}
        found = [index_expression(side, letters) for side in asked.sides]
        return Kronecker(*found) if len(found) == 2 and None not in found else None

    # ---- products

    def side_by_side(self, factors: list[Any], places: list[Node], operators: list[str], span: Span) -> list[Any]:
        """The factors, with what is left out filled in where they do not fit."""
        wanted = self.wanted.get(span)
        if any(not isinstance(factor, Expression) for factor in factors):
            return self._with_dots(factors)
        found = fits(factors, operators, wanted)
        if not found:
            return factors
        chosen = found[self.script.pick(len(found))] if len(found) > 1 else found[0]
        for words in filter(None, chosen.notes):
            self.script.note(words)
        return list(chosen.factors)

    def _with_dots(self, factors: list[Any]) -> list[Any]:
        made = list(factors)
        if not any(isinstance(factor, Dots) for factor in factors):
            return made
        for position, factor in enumerate(factors[:-1]):
            if isinstance(factor, Expression) and is_slope(factor) and shapes.is_column(factor.shape):
                if not shapes.is_scalar(factor.shape):
                    made[position] = Diag(factor)
                    self.script.note(SLOPE)
        return made

    def product_over(self, body: Expression, letter: Symbol, lower: Expr, upper: Expr) -> Expression:
        """∏ rises from left to right, or falls; of numbers, and of what is the same for each index, it is all one."""
        if letter not in body.free_symbols or shapes.is_scalar(body.shape):
            return build.descending(body, letter, lower, upper)
        if self.reading.falling:
            return build.descending(body, letter, lower, upper)
        from sympy import false

        return Chain(body, letter, lower, upper, false)

    # ---- bounds

    def range_of(self, item: Node, following: Sequence[Node]) -> tuple[Symbol, Expr, Expr] | None:
        """Bounds written in another way: k ≤ t, t ≥ i > k, downward from t; a letter alone runs over all it may."""
        assert isinstance(item, Scripted)
        match item.sub:
            case Letter(text=letter):
                return self._whole_range(letter, item, following)
            case Relation(sides=(Letter(text=letter), start), relations=("=",)):
                return self._written(letter, start, item.sup, item, following)
            case Relation(sides=sides, relations=relations) if relations != ("=",):
                return self._compared(sides, relations)
        return None

    def _written(
        self, letter: str, start: Node, end: Node | None, item: Node, following: Sequence[Node]
    ) -> tuple[Symbol, Expr, Expr] | None:
        lower = index_expression(start, self.letters)
        if lower is None:
            return None
        size = self._extent(letter, following)
        if size is not None and lower == 1:  # an entry: whatever letter stands above is how many there are
            return symbols.index(letter), Integer(1), size
        upper = None if end is None else index_expression(end, self.letters)
        if upper is not None and (lower - upper).is_positive and not self.script.notes:  # ∏ written from the top down
            return None
        return None

    def _compared(self, sides: Sequence[Node], relations: Sequence[str]) -> tuple[Symbol, Expr, Expr] | None:
        if any(relation in ("ge", ">") for relation in relations):
            sides, relations = sides[::-1], tuple({"ge": "le", ">": "<"}.get(r, r) for r in reversed(relations))
        if any(relation not in ("le", "<") for relation in relations):
            return None
        if len(sides) == 2:
            sides, relations = (Number(sides[0].span, "1"), *sides), ("le", *relations)
        if len(sides) != 3 or not isinstance(sides[1], Letter):
            return None
        low, high = (index_expression(side, self.letters) for side in (sides[0], sides[2]))
        if low is None or high is None:
            return None
        return symbols.index(sides[1].text), low + int(relations[0] == "<"), high - int(relations[1] == "<")

    def _whole_range(self, letter: str, item: Node, following: Sequence[Node]) -> tuple[Symbol, Expr, Expr] | None:
        size = self._extent(letter, following)
        if size is not None:
            return symbols.index(letter), Integer(1), size
        return symbols.index(letter), Integer(1), self.network.horizon

    def _extent(self, letter: str, following: Sequence[Node]) -> Expr | None:
        """How many entries a letter counts, from the first name that bears it as such an index."""
        return extent(letter, following, self)

    # ---- names

    def unknown(self, node: Node) -> Expression | None:
        """δ_ij, 1_{i=j}, and the slope of a function whose argument is left out."""
        found = self._kronecker(node) or self._count(node) or self._otherwise_spelled(node)
        if found is not None:
            return found
        return self._slope(node)

    def _otherwise_spelled(self, node: Node) -> Expression | None:
        """A name that the text spells otherwise too: o_i for an entry of **o**, ŷ for ŷ_t, W^{(t)} for the W of step t."""
        ways = [*readings(node, self.letters, self.source)]
        ways += [*entry_readings(node, self.letters, self.source, self.labels)]
        for way in ways:
            for known in self.shapes:
                if _letters_of(known) != _letters_of(way.name) or way.name.accents[-1:] == ("grad",):
                    continue
                found = self._as_known(way, known, node)
                if found is not None:
                    return found
        return None

    def _as_known(self, way: NameReading, known: Name, node: Node) -> Expression | None:
        shape = self.shapes[known]
        if known.arity == way.name.arity:
            whole = Variable(known, way.indices, shape)
        elif known.arity == 1 and way.name.arity == 0:
            whole = Variable(known, (self._here(),), shape)
            self.script.note(f"{known.plain} without a step stands for {whole}")
        elif known.arity == 0 and way.name.arity == 1 and known not in self.network.rules:
            whole = Variable(known, way.indices, shape)  # as it is used at that step
        else:
            return None
        if not way.place:
            return raised(whole, way.above, node, self)
        if len(way.place) != len(ends(shape)):
            return None
        return raised_entry(entry(whole, way.place, node, self), way.above, node, self)

    def _here(self) -> Expr:
        """The step of which a formula speaks."""
        inner = [letter for letter, (_, upper) in self.ranges.items() if not upper.free_symbols & self.sizes]
        if inner:
            return inner[-1]
        if self.about is not None and self.about.time is not None:
            time: Expr = self.about.time
            return time
        return self.network.time

    def _count(self, node: Node) -> Expression | None:
        """An index letter as a number: the T of 1/T, as a sum of that many ones."""
        if not isinstance(node, Letter) or node.text not in self.letters:
            return None
        letter = next(x for x in map(symbols.index, "ijqr") if str(x) != node.text)
        return Sum(NumberValue(1), letter, Integer(1), symbols.index(node.text))

    def _kronecker(self, node: Node) -> Expression | None:
        match node:
            case Scripted(base=Letter(text="delta"), sub=Row(items=(one, other)), sup=None):
                parts = (one, other)
            case Scripted(base=Letter(text="delta"), sub=sub, sup=None) if sub is not None and len(parts_of(sub)) == 2:
                parts = parts_of(sub)  # type: ignore[assignment]
            case _:
                return None
        letters = self.letters | {part.text for part in node.walk() if isinstance(part, Letter)}
        found = [index_expression(part, letters) for part in parts]
        return Kronecker(*found) if None not in found else None

    def _slope(self, node: Node) -> Expression | None:
        if not isinstance(node, Scripted) or not node.primes or node.sup is not None:
            return None
        name = function_of(replace(node, sub=None), self)
        if name is None:
            return None
        rules = self._applications(name)
        if not rules:
            return None
        left, argument = rules[self.script.pick(len(rules))] if len(rules) > 1 else rules[0]
        place = self._place(node, left)
        self.script.note(f"{name}' stands for its value at the argument of {name} in {left.name}")
        letter = left.time
        moved = build.substitute(argument, {letter: place}) if isinstance(letter, Symbol) else argument
        assert isinstance(moved, Expression)
        return Apply(Function(name, node.primes), moved)

    def _place(self, node: Scripted, left: Variable) -> Expr:
        """The step at which a slope without argument is meant: its own index, that of the nearest ∏, or the left side's."""
        if node.sub is not None:
            index = index_expression(node.sub, self.letters)
            if index is not None:
                return index
        return self._here()

    def _applications(self, name: str) -> list[tuple[Variable, Expression]]:
        """The equations in which a function is applied, with its argument; that of what the formula is about first."""
        found: list[tuple[Variable, Expression]] = []
        for rules in self.network.rules.values():
            for rule in rules:
                for node in applications(rule.right, name):
                    if (rule.left, node.body) not in found:
                        found.append((rule.left, node.body))
        if self.about is not None:
            own = [pair for pair in found if pair[0].name == self.about.name]
            found = own or found
        return found[:4]


def _letters_of(name: Name) -> tuple[str, tuple[str, ...], str]:
    """A name without what only makes it bold."""
    return name.base, tuple(accent for accent in name.accents if accent not in BOLD), name.label


def applications(expression: Expression, name: str) -> Iterable[Apply]:
    """Every place where a function, or any function that might be it, is applied."""
    for argument in expression.args:
        if isinstance(argument, Expression):
            yield from applications(argument, name)
    if isinstance(expression, Apply) and expression.function.order == 0:
        other = expression.function.name
        if other == name or (name in SPELLINGS.values() and other not in SPELLINGS.values()):
            yield expression


def extent(letter: str, nodes: Sequence[Node], context: Context) -> Expr | None:
    """The number of values of a letter that counts entries somewhere in these nodes; None if it counts none."""
    letters = context.letters | {letter}
    index = symbols.index(letter)
    if _counts_steps(index, letters, nodes, context):
        return None
    for root in nodes:
        for node in root.walk():
            if not isinstance(node, Scripted) or isinstance(node.base, Big):
                continue
            if isinstance(node.base, Brackets) and node.sub is not None:
                continue
            for reading in entry_readings(node, letters, context.source, context.labels):
                shape = context.shapes.get(reading.name)
                if shape is None or index not in reading.place:
                    continue
                ends = [size for size in shape if size != ONE]
                if len(ends) == len(reading.place):
                    return ends[reading.place.index(index)]
    return None


def _counts_steps(index: Symbol, letters: frozenset[str], nodes: Sequence[Node], context: Context) -> bool:
    """Whether a letter stands as the index of a name that has steps."""
    for root in nodes:
        for node in root.walk():
            if isinstance(node, Scripted | Accent) and not isinstance(node, Brackets):
                for way in readings(node, letters, context.source):
                    if way.name in context.shapes and any(index in i.free_symbols for i in way.indices):
                        return True
    return False


def ends_of_paths(right: Node, left: Node, context: Context) -> frozenset[Span]:
    """The derivatives on a right side that are immediate where a path ends, by their role.

    In a recursion, ∂h_t/∂w = ∂h_t/∂w + ∂h_t/∂h_{t-1} ∂h_{t-1}/∂w, it is the one that stands alone; else the last of each
    product.
    """
    from derive.verify.normal import is_derivative

    summands = list(_summands(right))
    alone = [s for s in summands if is_derivative(s)]
    if len(summands) > 1 and any(_same_top(s, left) for s in alone):
        return frozenset(s.span for s in alone if _same_top(s, left))
    ends = set()
    for summand in summands:
        derivatives = [item for item in _factors(summand) if is_derivative(item)]
        by_parameter = [item for item in derivatives if _by_parameter(item, context)]
        ends |= {item.span for item in by_parameter or derivatives[:1]}
    return frozenset(ends)


def _by_parameter(node: Node, context: Context) -> bool:
    """Whether one differentiates by something without a step: a path begins there, and not at a loss."""
    if not isinstance(node, Fraction):
        return True
    below = node.bottom.items[-1] if isinstance(node.bottom, Row) else node.bottom
    ways = [*readings(below, context.letters, context.source), *entry_readings(below, context.letters, context.source,
            context.labels)]  # fmt: skip
    return any(way.name in context.shapes and not way.indices for way in ways)


def _summands(node: Node) -> Iterable[Node]:
    if isinstance(node, Terms):
        for part in node.summands:
            yield from _summands(part)
    elif isinstance(node, Row) and any(isinstance(_base(i), Big) and _base(i).name == "sum" for i in node.items):  # type: ignore[attr-defined]
        last = node.items[-1]
        if isinstance(last, Terms):
            yield from _summands(last)
        else:
            yield node
    else:
        yield node


def _base(node: Node) -> Node:
    return node.base if isinstance(node, Scripted) else node


def _factors(node: Node) -> Iterable[Node]:
    if isinstance(node, Table) and node.name == "prod":
        node = Row(node.span, (node, node))
    if isinstance(node, Row):
        for item in node.items:
            core = item.base if isinstance(item, Scripted) else item
            if isinstance(core, Brackets) and core.opening in "([{":
                yield from _factors(core.body)
            elif isinstance(core, Table) and core.name == "prod":
                for cells in core.rows:
                    yield from _factors(cells[0])
            else:
                yield item
    else:
        yield node


def _same_top(one: Node, other: Node) -> bool:
    """Whether two derivatives are of the same quantity by the same, as they are written."""
    if not isinstance(one, Fraction) or not isinstance(other, Fraction):
        return False
    pairs = zip(_behind(one), _behind(other), strict=True)
    return all(len(a) == len(b) and all(map(alike, a, b)) for a, b in pairs)


def _behind(node: Fraction) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """What is differentiated, and by what: ∂h/∂w and dh/dw are of the same."""
    top, bottom = (part.items[1:] if isinstance(part, Row) else (part,) for part in (node.top, node.bottom))
    return top, bottom


def alike(one: Node, other: Node) -> bool:
    """Whether two trees are the same but for their places."""
    if type(one) is not type(other):
        return False
    from dataclasses import fields

    return all(_alike(getattr(one, f.name), getattr(other, f.name)) for f in fields(one) if f.name != "span")


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, Node) and isinstance(other, Node):
        return alike(one, other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == other)


__all__ = ["Accent", "Name", "TextContext", "Word"]
