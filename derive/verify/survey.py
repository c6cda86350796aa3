"""What each formula of a text is for: a declaration, an equation that defines a name, a claim, or none of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise

from sympy import Symbol

from derive.algebra import symbols
from derive.algebra.functions import SPELLINGS
from derive.algebra.names import Name
from derive.errors import DeriveError, Source
from derive.limits import Clock, untimed
from derive.reader.naming import Reading
from derive.reader.surface import (
    Big,
    Brackets,
    Empty,
    Node,
    Number,
    Row,
    Scripted,
    Terms,
    Word,
)
from derive.verify import losses, normal, surfaces
from derive.verify.arrays import by_arrays
from derive.verify.chains import cleaned, spelled_out
from derive.verify.entrywise import Extent
from derive.verify.habits import KNOWN, habits, labelled
from derive.verify.indexed import entries_as_such, entry_letters, unprimed
from derive.verify.manner import Habits
from derive.verify.names import defined_name, labelled_bases, occurrences
from derive.verify.passages import EQUAL, Link, Statement, links
from derive.verify.rewriting import Change, Rewritten
from derive.verify.shorthand import with_arguments
from derive.verify.sorts import is_limit, is_number, is_setting, is_space, is_zero, primed
from derive.verify.stepless import with_steps
from derive.verify.surfaces import function_name
from derive.verify.typed import by_type

EXTREMES = frozenset("sup inf max min lim argmax argmin mathbb E".split())
"""Words with which a right side says what no rule computes."""


ORDERED = frozenset({"le", "<", "ge", ">", "ll", "gg"})


DEFINITION, CLAIM, BOUND, DECLARATION, FUNCTION, OTHER, UNREAD = (
    "definition", "claim", "bound", "declaration", "function", "other", "unread",
)  # fmt: skip


@dataclass(frozen=True)
class Formula:
    """A relation of the text, its sides in the one way of writing. `name` is what a definition defines."""

    link: Link
    kind: str
    name: Reading | None = None
    error: DeriveError | None = None

    @property
    def source(self) -> Source:
        return self.link.statement.source

    @property
    def nodes(self) -> Iterator[Node]:
        """All that stands on the left, then on the right."""
        yield from self.link.left.walk()
        yield from self.link.right.walk()

    @property
    def has_product(self) -> bool:
        """Whether a ∏ stands in it."""
        return any(isinstance(node, Big) and node.name == "prod" for node in self.nodes)


@dataclass(frozen=True)
class Survey:
    """All formulas of a text in order, and its habits.

    `extents`: the arrays that are given by entries; `called`: that of which a loss is a function, as in L(h_T);
    `changes`: how the formulas were brought into one way of writing; `statements`: as they stand in the text; `clock`:
    how long all of it may take.
    """

    formulas: tuple[Formula, ...]
    habits: Habits
    source: Source
    prose: str = ""
    extents: tuple[Extent, ...] = ()
    called: tuple[Node, ...] = ()
    changes: tuple[Change, ...] = ()
    statements: tuple[Statement, ...] = ()
    clock: Clock = field(default_factory=untimed, compare=False, repr=False)

    def read(self, statement: Statement) -> Statement:
        """A further statement as this text would have it."""
        for change in self.changes:
            statement = change(statement)[0]
        return statement

    def claims(self, statement: Statement) -> list[Formula]:
        """The relations of a further statement, each as a claim."""
        chain = [cleaned(link) for link in links(self.read(statement))]
        return [Formula(x, CLAIM) if x.relation in EQUAL else _formula(x, self.habits, {}) for x in chain]


def survey(statements: Sequence[Statement], *, named: bool = False) -> Survey:
    """Sorts the statements of a text. A name is defined where it first stands alone on the left.

    `named`: the network is given beside the text, so that no equation by entries defines an array.
    """
    read = Rewritten(tuple(statements)).by(surfaces.words_joined)
    change, primes = unprimed(read.nodes)
    read = read.by(change)
    change, classes = losses.classes_named(read.nodes)
    joined = read = read.by(change)
    found = habits(read.nodes)
    found = replace(found, letters=found.letters | classes, classes=classes)
    read = read.by(partial(normal.normal, habits=found))
    read = read.by(with_arguments(read.nodes, found))
    entries = frozenset() if named else entry_letters(read.nodes)
    found = replace(found, letters=found.letters | {letter for letter in entries if "'" not in letter})
    if entries:
        read = read.by(partial(entries_as_such, letters=entries, habits=found))
        read = read.each(by_type(read.statements, entries, primes, found))
    arrays, extents, marked = by_arrays(read.statements, entries, found)
    read = replace(read.each(lambda statement: [marked(statement)]), statements=tuple(arrays))
    read = read.by(with_steps(read.nodes, found))
    bases = labelled_bases([s for s in read.statements if s.node is not None], found)
    read = read.by(partial(labelled, bases=bases))
    whole = statements[0].passage.source if statements else Source("", "")
    called = [
        brackets
        for node in joined.nodes
        for item, brackets, _ in surfaces.applied(node.walk())
        if surfaces.head(item) in found.called
    ]
    formulas = tuple(_sorted(read.statements, found))
    return Survey(
        formulas, found, whole, whole.text.lower(), tuple(extents), tuple(called), read.changes, tuple(statements)
    )


def _with_meaning(statements: Sequence[Statement], found: Habits) -> dict[Name, list[tuple[object, ...]]]:
    """The gradients dW of which W is a name of the text: they are known, and what is said of them is a claim."""
    known: dict[Name, list[tuple[object, ...]]] = {}
    if not found.gradients:
        return known
    plain: set[tuple[str, tuple[str, ...], str]] = set()
    marked: dict[tuple[str, tuple[str, ...], str], list[Reading]] = {}
    for statement in statements:
        if statement.node is None:
            continue
        for reading, _ in occurrences(statement.node, found.letters, found, statement.source):
            name = reading.name
            if name.accents[-1:] == (losses.GRADIENT,):
                marked.setdefault((name.base, name.accents[:-1], name.label), []).append(reading)
            else:
                plain.add((name.base, name.accents, name.label))
    for key in marked.keys() & plain:
        for reading in marked[key]:
            indices = tuple(i if not i.is_Integer else symbols.index("t") for i in reading.indices)
            known.setdefault(reading.name, []).append(tuple(symbols.index("t") for _ in indices))
    return known


def _sorted(statements: Sequence[Statement], found: Habits) -> Iterator[Formula]:
    defined: dict[Name, list[tuple[object, ...]]] = _with_meaning(statements, found)
    last: Link | None = None
    for statement in statements:
        node = statement.node
        chain = links(statement)
        if node is None or not chain:
            empty = Empty(statement.span)
            kind = UNREAD if node is None and _relates(statement) else OTHER
            yield Formula(Link(statement, node or empty, "", empty, True), kind, error=statement.error)
            last = None
            continue
        for link in spelled_out(chain, found):
            if isinstance(link.left, Empty) and last is not None and last.statement.passage is statement.passage:
                link = replace(link, left=last.right, first=False)
            link = cleaned(link)
            last = link
            yield _formula(link, found, defined)


def _relates(statement: Statement) -> bool:
    return "=" in statement.source.text[statement.span.start : statement.span.end]


def _formula(link: Link, found: Habits, defined: dict[Name, list[tuple[object, ...]]]) -> Formula:
    left, right = link.left, link.right
    if isinstance(left, Empty) or isinstance(right, Empty):
        return Formula(link, OTHER)
    if link.relation == "in":
        return Formula(link, DECLARATION if is_space(right) else BOUND if isinstance(right, Brackets) else OTHER)
    if link.relation in ORDERED:
        return Formula(link, BOUND if _says_something(left) or _says_something(right) else OTHER)
    if link.relation == "to" and is_limit(right) and _says_something(left):
        return Formula(link, BOUND)
    if link.relation not in EQUAL:
        return Formula(link, OTHER)
    if is_setting(link, found) or any(isinstance(n, Word) and n.text in EXTREMES for n in right.walk()):
        return Formula(link, OTHER)
    name = defined_name(left, found, link.statement.source)
    if name is not None and is_number(right) and not any(i.is_Integer and i < 1 for i in name.indices):
        return Formula(link, OTHER)  # a value in an example
    named = name is not None and function_name(left) not in found.functions | KNOWN
    if link.first and named and name is not None and not surfaces.is_derivative(left):
        if is_entry(name, defined):
            return Formula(link, CLAIM)
        known = defined.setdefault(name.name, [])
        starts = is_zero(right) and any(index.is_Integer and index < 1 for index in name.indices)  # h_0 = 0
        if name.indices not in known and (starts or not any(_covers(indices, name.indices) for indices in known)):
            known.append(name.indices)
            return Formula(link, DEFINITION, name)
        return Formula(link, CLAIM, name)
    if (
        link.first
        and isinstance(left, Row)
        and function_name(left.items[0]) in found.functions
        and len(left.items) == 2
    ):
        slope = isinstance(left.items[0], Scripted) and left.items[0].primes
        return Formula(link, CLAIM if slope else FUNCTION)
    return Formula(link, CLAIM)


def is_entry(reading: Reading, defined: Mapping[Name, object]) -> bool:
    """Whether a left side is an entry of what is defined: δ_{t,i} where there is δ_t."""
    name = reading.name
    fewer = (Name(name.base, name.accents, name.label, count) for count in range(1, name.arity))
    return any(other in defined for other in fewer)


def _covers(known: tuple[object, ...], new: tuple[object, ...]) -> bool:
    return all(isinstance(a, Symbol) or a == b for a, b in zip(known, new, strict=True))


def _says_something(node: Node) -> bool:
    """Whether an inequality is about more than the letters of a condition."""
    return any(
        surfaces.is_derivative(part)
        or (isinstance(part, Brackets) and part.opening in "‖|")
        or primed(part)
        or _is_value(part)
        for part in node.walk()
    )


def _is_value(node: Node) -> bool:
    """tanh(x), 1 - tanh²(x), or 1 - h²: what a bounded function, or its slope, may be."""
    match node:
        case Row(items=items):
            return any(function_name(a) in SPELLINGS and isinstance(b, Brackets) for a, b in pairwise(items))
        case Terms(signs=(1, -1), summands=(Number(text="1"), Scripted(sup=Number(text="2")))):
            return True
    return False
