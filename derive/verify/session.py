"""A text while it is judged, and what comes of one claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from derive.algebra.expressions import Apply
from derive.algebra.functions import is_abstract
from derive.algebra.names import Name
from derive.errors import DeriveError, Span
from derive.limits import TooSlow
from derive.models.model import variables, walk
from derive.reader.naming import entry_readings, readings
from derive.reader.surface import Accent, Letter, Number, Scripted
from derive.verify.bench import Bench
from derive.verify.claims import Claim
from derive.verify.context import TextContext
from derive.verify.introduced import with_introduced
from derive.verify.judge import Outcome
from derive.verify.network import Network
from derive.verify.readings import LAYOUTS, PLAIN, Reading
from derive.verify.report import NOT_UNDERSTOOD
from derive.verify.survey import Formula
from derive.verify.understand import Understanding
from derive.verify.words import activated, variants

Found = TypeVar("Found")
MOST_STEPS = 12
"""The largest T that a text may name for its formulas to be tried at it alone."""


@dataclass
class Session:
    """A text being judged: its formulas and its understanding, a context and a bench for each reading.

    `points`: where inequalities are tried, for each network.
    """

    found: Understanding
    seed: int
    strict: bool
    contexts: dict[Any, TextContext] = field(default_factory=dict)
    benches: dict[Any, Bench] = field(default_factory=dict)
    errors: dict[int, DeriveError] = field(default_factory=dict)
    wrong: dict[Any, dict[int, DeriveError]] = field(default_factory=dict)
    formulas: tuple[Formula, ...] = ()
    points: dict[Any, Any] = field(default_factory=dict)
    prose: str = ""
    varied: dict[Any, TextContext] = field(default_factory=dict)
    sessions: dict[int | Name, Session] = field(default_factory=dict)

    @cached_property
    def variants(self) -> tuple[Mapping[str, str], ...]:
        """What the activations of the text may be, as they are written first."""
        return variants(self.found.network, self.prose)

    def at(self, steps: int) -> Session:
        """The same text where T is a number."""
        if steps not in self.sessions:
            network = replace(self.found.network, steps=steps)
            found = replace(self.found, network=network, context=replace(self.found.context, network=network))
            self.sessions[steps] = self.otherwise(found)
        return self.sessions[steps]

    def by(self, parameter: Name) -> Session:
        """The same text where θ is one of the parameters."""
        if parameter not in self.sessions:
            shape = self.found.network.shapes[parameter]
            standing = dict.fromkeys(self.found.any_parameter, parameter)
            shapes = {**self.found.context.shapes, **dict.fromkeys(standing, shape)}
            context = replace(self.found.context, shapes=shapes, standing=standing)
            self.sessions[parameter] = self.otherwise(replace(self.found, context=context))
        return self.sessions[parameter]

    def otherwise(self, found: Understanding) -> Session:
        """The same text understood otherwise."""
        session = replace(
            self, found=found, contexts={}, benches={}, errors={}, wrong={}, points={}, varied={}, sessions={}
        )
        session.context(PLAIN)
        return session

    def instead(self, old: Formula, new: Formula) -> Session:
        """The same text with another formula in the place of one."""
        return replace(self, formulas=tuple(new if formula is old else formula for formula in self.formulas))

    @cached_property
    def parameters(self) -> tuple[Name, ...]:
        """What the network is given once and for all."""
        used = [v.name for group in self.found.network.rules.values() for rule in group for v in variables(rule.right)]
        return tuple(dict.fromkeys(n for n in used if not n.arity and n not in self.found.network.rules))

    def parameters_of(self, formula: Formula) -> tuple[Name, ...]:
        """Where a formula is about any parameter, θ, those on which all that it names depends; else none."""
        if not self.found.any_parameter:
            return ()
        letters = self.found.context.letters
        nodes = [node for node in formula.nodes if isinstance(node, Letter | Scripted | Accent)]
        names = {way.name for node in nodes for way in readings(node, letters, formula.source)}
        behind = [self.found.network.behind[name] for name in names if name in self.found.network.rules]
        if not names & self.found.any_parameter:
            return ()
        return tuple(parameter for parameter in self.parameters if all(parameter in below for below in behind))

    @cached_property
    def said_steps(self) -> Mapping[int, int]:
        """For each formula, by its identity, the T that the text has named last before it: 3 after T = 3."""
        found: dict[int, int] = {}
        last: int | None = None
        for formula in self.formulas:
            if last is not None:
                found[id(formula)] = last
            last = self._number_of_steps(formula) or last
        return found

    def _number_of_steps(self, formula: Formula) -> int | None:
        match formula.link.left, formula.link.relation, formula.link.right:
            case Letter(text=letter), "=", Number(text=text) if letter == str(self.found.network.horizon):
                return int(text) if text.isdigit() and 0 < int(text) <= MOST_STEPS else None
        return None

    def context(self, reading: Reading, variant: Mapping[str, str] | None = None) -> TextContext:
        """The names of the text under a reading; what it introduces depends on it."""
        key = reading if self.found.introduced else PLAIN
        if key not in self.contexts:
            context, errors = with_introduced(self.found, key)
            self.contexts[key] = context
            self.wrong[key] = errors
            if key == PLAIN:
                self.errors = errors
        if not variant:
            return self.contexts[key]
        varied = (key, *sorted(variant.items()))
        if varied not in self.varied:
            context = self.contexts[key]
            self.varied[varied] = replace(context, network=activated(context.network, variant))
        return self.varied[varied]

    def error(self, position: int) -> DeriveError | None:
        """What is wrong with a name that the text introduces, if it is under every layout."""
        errors = []
        for layout in LAYOUTS if position in self.errors else ():
            key = Reading(layout=layout)
            self.context(key)
            errors.append(self.wrong[key].get(position))
        return next(iter(errors)) if errors and all(errors) else None

    def doubts(self, names: frozenset[Name]) -> str:
        """Why a claim about these names that seems false may be misunderstood; nothing where all is clear."""
        network = self.contexts[next(iter(self.contexts))].network
        behind = names.union(*(network.behind.get(name, frozenset()) for name in names))
        doubtful = sorted(map(str, (behind & self.found.doubtful) | (names & self.found.supplied)))
        if doubtful:
            return f"it does not hold as it was read, but what the text says of {doubtful[0]} was not understood"
        return ""

    def clear(self, formula: Formula) -> bool:
        """Whether the shape of everything in a formula is known for sure, so that what does not fit is wrong."""
        network = self.contexts[next(iter(self.contexts))].network
        fixed = self.found.shapes.dims.fixed
        context = self.found.context
        for node in formula.nodes:
            if not isinstance(node, Letter | Scripted | Accent):
                continue
            for way in readings(node, context.letters, formula.source):
                shape = network.shapes.get(way.name)
                if shape is None:
                    continue
                if way.name in self.found.doubtful | self.found.supplied or not set(shape) <= fixed:
                    return False
            for way in entry_readings(node, context.letters, formula.source, context.labels):
                if way.name in network.shapes and any(index.free_symbols for index in way.place):
                    return False  # of entries: whether an index is one is a matter of how it is read
        return not self.found.errors

    def within(self, formula: Formula, judge: Callable[[], Found]) -> Found | Finding:
        """What comes of a formula in the time that it has."""
        try:
            with self.found.context.clock.of(formula.link.statement.place(formula.link.span)):
                return judge()
        except TooSlow as slow:
            return Finding(NOT_UNDERSTOOD, reason=str(slow))

    def bench(self, context: TextContext) -> Bench:
        key = id(context.network)
        if key not in self.benches:
            self.benches[key] = Bench(context.network, functions_of(context.network), self.seed, context.clock)
        return self.benches[key]


@dataclass(frozen=True)
class Finding:
    """What came of a claim: under which reading it holds, or why it does not.

    `misshapen`: its shapes do not fit; `nowhere`: it asks for what is not there. Both may be slips.
    """

    verdict: str
    reading: Reading = PLAIN
    notes: tuple[str, ...] = ()
    reason: str = ""
    span: Span | None = None
    outcome: Outcome | None = None
    claim: Claim | None = None
    tried: int = 1
    misshapen: bool = False
    nowhere: bool = False
    evidence: Mapping[str, Any] = field(default_factory=dict)


def functions_of(network: Network) -> tuple[str, ...]:
    """The abstract functions of a network."""
    found = [
        node.function.name
        for rules in network.rules.values()
        for rule in rules
        for node in walk(rule.right)
        if isinstance(node, Apply) and is_abstract(node.function.name)
    ]
    return tuple(dict.fromkeys(found))
