"""How the author of a text writes: each name with its indices, the sign of a transpose, how diag is spelled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations

from sympy import Expr

from derive.algebra.expressions import Entry, Expression, Variable
from derive.algebra.functions import SPELLINGS
from derive.algebra.generic import Generic, Kronecker
from derive.algebra.names import Name
from derive.algebra.shapes import Shape, is_scalar, is_vector
from derive.algebra.symbols import index
from derive.errors import DeriveError, Source
from derive.models.model import walk
from derive.reader.naming import entry_readings, index_expression, parts_of, readings
from derive.reader.surface import Accent, Big, Brackets, Letter, Node, Row, Scripted, Word
from derive.render.printer import FormulaPrinter
from derive.render.styles import Latex
from derive.verify.passages import Statement, reread
from derive.verify.readings import PLAIN
from derive.verify.session import Session, functions_of
from derive.verify.surfaces import function_name, words_joined
from derive.verify.survey import Survey

_CONSTANT = re.compile(r"\s*[+-]\s*\d+\s*\Z")
_SCRIPT = re.compile(r"[_^](?:\{([^{}\\]*)\}|(\w))")
TRANSPOSES = ("top", "intercal", "T")
PRINTER = FormulaPrinter(Latex())


def printed(expression: Expression) -> str:
    """LaTeX of an expression. Error: DeriveError for a function that a text speaks of and does not give."""
    if any(isinstance(node, Generic | Kronecker) for node in walk(expression)):
        raise DeriveError("this is not written out anywhere")
    return PRINTER.doprint(expression)


@dataclass(frozen=True)
class Slot:
    """A place for an index in the text of a name: its characters, and what stands there."""

    start: int
    end: int
    value: Expr


@dataclass(frozen=True)
class Spelling:
    """A name as its author writes it; the slots of its own indices first, then those of an entry."""

    name: Name
    shape: Shape
    text: str
    slots: tuple[Slot, ...]

    def at(self, values: Sequence[Expr]) -> str:
        """The same name with other indices."""
        return filled(self.text, self.slots, values)


def filled(text: str, slots: Sequence[Slot], values: Sequence[Expr]) -> str:
    """A text with other indices in its slots, in braces where they need them."""
    for slot, value in sorted(zip(slots, values, strict=True), key=lambda pair: -pair[0].start):
        if value != slot.value:
            new = index_text(text[slot.start : slot.end], slot.value, value)
            text = text[: slot.start] + in_script(text, slot.start, new) + text[slot.end :]
    return text


def index_text(text: str, old: Expr, new: Expr) -> str:
    """Another index in the place of one; a whole number more or less leaves the author's letters as they are."""
    step = new - old
    constant, rest = old.as_coeff_Add()
    if not step.is_Integer or not rest:
        return PRINTER.index(new)
    letters = _CONSTANT.sub("", text)
    if letters == text and constant:
        return PRINTER.index(new)
    return letters + (f"{int(constant + step):+d}" if constant + step else "")


def in_script(text: str, start: int, new: str) -> str:
    """An index as it must stand at a place: in braces after a bare _ or ^."""
    bare = text[:start].rstrip().endswith(("_", "^"))
    return f"{{{new}}}" if bare and len(new) > 1 else new


def slots_of(node: Node, letters: frozenset[str], start: int = 0) -> Iterator[Slot]:
    """The indices of a name, below and in brackets above, in the order of the text; places count from `start`."""
    if isinstance(node, Accent):
        yield from slots_of(node.body, letters, start)
    if not isinstance(node, Scripted):
        return
    yield from slots_of(node.base, letters, start)
    found = []
    for script in (node.sub, node.sup):
        for part in parts_of(script):
            bare = script is node.sup and not isinstance(part, Brackets)
            if bare and not (isinstance(part, Letter) and part.text in letters - {"T"}):
                continue
            found += list(_slots(part.body if isinstance(part, Brackets) else part, letters, start))
    yield from sorted(found, key=lambda slot: slot.start)


def _slots(part: Node, letters: frozenset[str], start: int) -> Iterator[Slot]:
    value = index_expression(part, letters)
    if value is not None:
        yield Slot(part.span.start - start, part.span.end - start, value)
    elif isinstance(part, Row) and len(part.items) == 2:  # W_{ij}
        both = [index_expression(item, letters) for item in part.items]
        if None not in both:
            for item, inner in zip(part.items, both, strict=True):
                assert inner is not None
                yield Slot(item.span.start - start, item.span.end - start, inner)


@dataclass(frozen=True)
class Writing:
    """The habits of a text, found in what it has."""

    survey: Survey
    session: Session
    known: dict[str, Spelling | None] = field(default_factory=dict)
    shapes: dict[str, Shape | None] = field(default_factory=dict)
    misshapen: set[str] = field(default_factory=set)

    @cached_property
    def letters(self) -> frozenset[str]:
        """What counts steps or entries."""
        return self.survey.habits.letters | {"T"}

    def part(self, text: str) -> Statement:
        """A part of a formula by itself, in the text's one way of writing. Error: DeriveError where it is none."""
        return self.survey.read(reread(self.survey.statements[0], text))

    def indices(self, text: str) -> frozenset[str]:
        """The letters of steps and entries in a piece of the text: t, j of δ_{t,j}."""
        scripts = [braced or bare for braced, bare in _SCRIPT.findall(text)]
        return frozenset(letter for script in scripts for letter in script) & self.letters

    @cached_property
    def atoms(self) -> Mapping[str, Node]:
        """Every name, function and index of the text by its characters, as it stands first."""
        found: dict[str, Node] = {}
        for statement in self.survey.statements:
            for node in _outermost(words_joined(statement.node)) if statement.node is not None else ():
                found.setdefault(statement.source.text[node.span.start : node.span.end], node)
        return found

    @cached_property
    def transpose(self) -> str:
        r"""What stands above a transposed matrix: `\top`, `T`, `\mathsf{T}`."""
        for statement in self.survey.statements:
            for node in statement.node.walk() if statement.node is not None else ():
                if isinstance(node, Scripted) and is_transpose(node):
                    assert node.sup is not None
                    return statement.source.text[node.sup.span.start : node.sup.span.end]
        return r"\top"

    @cached_property
    def diag(self) -> str:
        """How the author writes the diagonal matrix of a column."""
        for statement in self.survey.statements:
            for node in statement.node.walk() if statement.node is not None else ():
                if isinstance(node, Word) and node.text.lower() == "diag":
                    return statement.source.text[node.span.start : node.span.end]
        return r"\operatorname{diag}"

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The functions of the text as it writes them, without primes."""
        known = self.survey.habits.functions | frozenset(SPELLINGS) | {"softmax"}
        return tuple(text for text, node in self.atoms.items()
                     if isinstance(node, Letter | Word | Accent) and function_name(node) in known)  # fmt: skip

    @cached_property
    def applied(self) -> frozenset[str]:
        """The letters that the text applies to something, but for those that name quantities: f_t (1 - f_t)."""
        network = self.session.found.network
        quantities = {name.base for name in network.shapes} - set(functions_of(network))
        return frozenset(name for name in self.survey.habits.functions if name.partition("_")[0] not in quantities)

    @cached_property
    def spellings(self) -> tuple[Spelling, ...]:
        """Each name of the network as the text writes it, or as the program does where the text never does."""
        found: dict[tuple[Name, int], Spelling] = {}
        for text in self.atoms:
            spelling = self.spelling(text)
            if spelling is not None:
                found.setdefault((spelling.name, len(spelling.slots)), spelling)
        slots = [slot for (name, _), spelling in found.items() for slot in spelling.slots[name.arity :]]
        letters = list(dict.fromkeys(slot.value for slot in slots if slot.value.is_Symbol))
        known = {**self.session.found.network.shapes, **{name: spelling.shape for (name, _), spelling in found.items()}}
        for name, shape in known.items():
            for text in _printed(name, shape, letters):
                spelling = self.spelling(text)
                if spelling is not None and spelling.name == name:
                    found.setdefault((name, len(spelling.slots)), spelling)
        return tuple(found.values())

    def spelling(self, text: str) -> Spelling | None:
        """What name a piece of the text is; None where it is none of the network."""
        if text not in self.known:
            self.known[text] = self._spelling(text)
        return self.known[text]

    def _spelling(self, text: str) -> Spelling | None:
        try:
            statement = reread(self.survey.statements[0], text)
        except DeriveError:
            return None
        if statement.node is None:
            return None
        slots = tuple(slots_of(statement.node, self.letters))
        node = self.survey.read(statement).node or statement.node
        source = Source("", text)
        shapes = self.session.context(PLAIN).shapes
        for way in (*readings(node, self.letters, source), *entry_readings(node, self.letters, source, frozenset())):
            if way.name in shapes and not way.above:
                values = (*way.indices, *way.place)
                named = [some for some in permutations(slots, len(values)) if tuple(s.value for s in some) == values]
                if named:
                    return Spelling(way.name, shapes[way.name], text, named[-1])
        return None


def _printed(name: Name, shape: Shape, letters: Sequence[Expr]) -> Iterator[str]:
    """A name as the program writes it, and where the text has letters for entries, an entry of it."""
    if name.arity < 2:
        whole = Variable(name, (index("t"),) * name.arity, shape)
        yield PRINTER.doprint(whole)
        if letters and not is_scalar(shape) and len(shape) == 2:
            places = letters[:1] if is_vector(shape) else (letters[0], letters[-1])
            yield PRINTER.doprint(Entry(whole, *places))


def is_transpose(node: Scripted) -> bool:
    """Whether what stands above a node is the sign of a transpose."""
    if isinstance(node.base, Big):  # of Σ it is where it ends
        return False
    sup = node.sup.body if isinstance(node.sup, Accent) else node.sup
    return isinstance(sup, Letter | Word) and sup.text in TRANSPOSES


def _outermost(node: Node) -> Iterator[Node]:
    """The names of a tree: a letter with its accents and scripts is one, and none within it."""
    if isinstance(node, Letter | Word | Accent):
        yield node
        return
    if isinstance(node, Scripted) and not any(isinstance(part, Brackets | Row) for part in [node.base]):
        if is_transpose(node) and node.sub is None:
            yield from _outermost(node.base)
        elif is_transpose(node):
            yield node.base
        else:
            yield node
        return
    for child in node.children():
        yield from _outermost(child)
