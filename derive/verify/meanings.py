"""Stage 2 for texts from outside: what a name stands for that the text spells otherwise, and how far an index goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sympy import Expr, Integer, Symbol

from derive.algebra import build, symbols
from derive.algebra.expressions import (
    Apply,
    Expression,
    Sum,
    Variable,
)
from derive.algebra.expressions import Number as NumberValue
from derive.algebra.functions import SPELLINGS
from derive.algebra.generic import Kronecker
from derive.algebra.names import Function, Name
from derive.algebra.shapes import SCALAR, is_scalar
from derive.reader.context import Context, function_of
from derive.reader.entries import ends, entry, raised_entry
from derive.reader.naming import Reading as NameReading
from derive.reader.naming import entry_readings, index_expression, parts_of, readings
from derive.reader.scripts import raised
from derive.reader.surface import (
    Accent,
    Brackets,
    Letter,
    Node,
    Number,
    Relation,
    Row,
    Scripted,
    Word,
)
from derive.verify.choices import Script
from derive.verify.extents import extent
from derive.verify.network import Network
from derive.verify.readings import Reading

BOLD = frozenset({"mathbf", "boldsymbol", "bm", "pmb", "vec", "mathrm", "mathit", "mathsf"})


@dataclass(frozen=True)
class NamingContext(Context):
    """The names of a text with its network: `about` is the quantity of which a formula speaks, `spoken` its letters."""

    network: Network = field(default_factory=lambda: Network({}, {}))
    reading: Reading = field(default_factory=Reading)
    script: Script = field(default_factory=Script)
    about: Variable | None = None
    spoken: frozenset[Symbol] = frozenset()

    # ---- bounds

    def range_of(self, item: Node, following: Sequence[Node]) -> tuple[Symbol, Expr, Expr] | None:
        """Bounds written in another way: k ≤ t, t ≥ i > k, downward from t; a letter alone runs over all it may."""
        assert isinstance(item, Scripted)
        match item.sub:
            case Letter(text=letter):
                return self._whole_range(letter, following)
            case Relation(sides=(Letter(text=letter), start), relations=("=",)):
                return self._written(letter, start, item.sup, following)
            case Relation(sides=sides, relations=relations) if relations != ("=",):
                return self._compared(sides, relations)
        return None

    def _written(
        self, letter: str, start: Node, end: Node | None, following: Sequence[Node]
    ) -> tuple[Symbol, Expr, Expr] | None:
        """Of a letter that counts entries: to a size, however the text calls it, or to what is written."""
        lower = index_expression(start, self.letters)
        size = None if lower is None else self._extent(letter, following)
        if lower is None or size is None:
            return None
        if end is None or self._is_some_size(end, following):
            return symbols.index(letter), lower, size
        named = {symbols.index(str(known)): known for known in self.sizes}
        upper = index_expression(end, self.letters | frozenset(map(str, self.sizes)))
        return None if upper is None else (symbols.index(letter), lower, upper.xreplace(named))

    def _is_some_size(self, end: Node, following: Sequence[Node]) -> bool:
        """Whether an upper bound is a name that means nothing else here: no known size, no step, no index beside it."""
        if isinstance(end, Brackets) and end.opening == "|":  # |V|, the words of a vocabulary
            return True
        if not isinstance(end, Letter | Word | Accent | Scripted):
            return False
        if not isinstance(end, Letter):
            return index_expression(end, self.letters) is None
        others = {self.network.horizon, self.network.time, *self.ranges, *self.sizes, *self.spoken}
        indices = {part.text for root in following for node in root.walk() if isinstance(node, Scripted)
                   and node.sub is not None for part in node.sub.walk() if isinstance(part, Letter)}  # fmt: skip
        return end.text not in {"t", "T", *indices, *map(str, others)}

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

    def _whole_range(self, letter: str, following: Sequence[Node]) -> tuple[Symbol, Expr, Expr] | None:
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
        """A name that the text spells otherwise too: ŷ for ŷ_t, W^{(t)} for the W of step t."""
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

    def counted(self, name: Name) -> Expression | None:
        """A letter that Σ or ∏ binds, or T, as a number: no other k is meant by the k of Σₖ k²."""
        letter = symbols.index(name.base)
        if name != Name(name.base):
            return None
        if letter in self.ranges:
            return _number_of(letter)
        given = name in self.network.rules or not is_scalar(self.shapes.get(name, SCALAR))
        return _number_of(letter) if letter == self.network.horizon and not given else None

    def _count(self, node: Node) -> Expression | None:
        """An index letter as a number: the T of 1/T."""
        return _number_of(symbols.index(node.text)) if isinstance(node, Letter) and node.text in self.letters else None

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
        named = any(name.base == "delta" for name in self.shapes)
        steps = any(index is not None and (index == self.network.time or index.is_Integer) for index in found)
        apart = not isinstance(node.sub, Row)  # δ_{3,i} is an entry of δ_3 rather, though nothing in the text says so
        return None if None in found or (steps and (named or apart)) else Kronecker(*found)

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
        place = self._place(node)
        self.script.note(f"{name}' stands for its value at the argument of {name} in {left.name}")
        letter = left.time
        moved = build.substitute(argument, {letter: place}) if isinstance(letter, Symbol) else argument
        assert isinstance(moved, Expression)
        return Apply(Function(name, node.primes), moved)

    def _place(self, node: Scripted) -> Expr:
        """The step of a slope without argument: its own index, that of the nearest ∏, or the left side's."""
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


def _number_of(letter: Symbol) -> Expression:
    """An index as a sum of that many ones."""
    other = next(x for x in map(symbols.index, "ijqr") if x != letter)
    return Sum(NumberValue(1), other, Integer(1), letter)


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
