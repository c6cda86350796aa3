"""The network of a text: its forward equations, the shapes of its names, and what was taken for granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from derive.algebra import symbols
from derive.algebra.expressions import Expression, Softmax
from derive.algebra.names import Function, Name
from derive.algebra.shapes import Shape, letters_of
from derive.errors import DeriveError
from derive.models.model import variables, walk
from derive.reader.naming import entry_readings, readings
from derive.reader.surface import Number, Row
from derive.verify import surfaces
from derive.verify.alike import alike
from derive.verify.context import TextContext
from derive.verify.indexed import bound
from derive.verify.infer import Shapes
from derive.verify.kinds import Equation
from derive.verify.missing import with_missing
from derive.verify.names import occurrences, own_letters
from derive.verify.network import Network, Rule
from derive.verify.rules import (
    classes_of,
    horizon_of,
    marks,
    named_parts,
    resolve_side,
    rule_of,
    stacked_at,
    stacks_of,
    time_of_rules,
    with_summand,
)
from derive.verify.sizes import infer
from derive.verify.stepless import over_its_letter, stepped_inputs, with_its_step
from derive.verify.survey import DEFINITION, Formula, Survey


@dataclass
class Understanding:
    """What is known of a text before its claims are judged. `forward` are the formulas that are its network.

    `doubtful`: names of which the text says something that was not understood; `supplied`: of which it says nothing.
    What is said of them may hold, but where it seems not to, that may be our fault. `at_the_end`: the loss depends on
    the last step alone; `any_parameter`: what stands for each parameter in turn, θ.
    """

    network: Network
    context: TextContext
    shapes: Shapes
    forward: dict[int, Rule] = field(default_factory=dict)
    errors: dict[int, DeriveError] = field(default_factory=dict)
    introduced: dict[int, Formula] = field(default_factory=dict)
    origin: str = "the text"
    doubtful: set[Name] = field(default_factory=set)
    supplied: set[Name] = field(default_factory=set)
    target: Expression | None = None
    at_the_end: bool = False
    any_parameter: frozenset[Name] = frozenset()
    notes: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)


def understand(survey: Survey) -> Understanding:
    """The network that the definitions of a text give. What cannot be understood is kept with its error."""
    formulas = with_missing(survey)
    forward, introduced = _split(formulas, survey)
    equations = {i: _equation(formula, survey) for i, formula in forward.items()}
    stepped = stepped_inputs([node for f in formulas for node in (f.link.left, f.link.right)])
    equations = {i: replace(e, right=with_its_step(e.right, _letter(e), stepped)) for i, e in equations.items()}
    shapes = infer(equations, survey, formulas)
    context = TextContext(
        source=survey.source,
        shapes={},
        letters=frozenset(),
        functions=survey.habits.functions,
        outer="otimes",
        clock=survey.clock,
    )
    network = Network({}, {}, horizon=symbols.index(survey.habits.horizon))
    found = Understanding(network, replace(context, network=network), shapes, introduced=introduced)
    for i, equation in equations.items():
        if not alike(equation.right, forward[i].link.right):
            text = forward[i].link.statement.text(forward[i].link.span)
            found.assumptions.append(f"in {text} an index that is left out, or written otherwise, is that of the step")
    _resolve(equations, found, survey)
    found.doubtful |= _added_up(survey)
    return found


def _added_up(survey: Survey) -> set[Name]:
    """The names to which the text adds bit by bit, δc += …: what one formula says of them is not all."""
    added = [f for f in survey.formulas if f.link.relation in ("←", "leftarrow", "gets")]
    ways = (next(readings(f.link.left, survey.habits.letters, f.source), None) for f in added)
    return {way.name for way in ways if way is not None}


def _split(formulas: Sequence[Formula], survey: Survey) -> tuple[dict[int, Formula], dict[int, Formula]]:
    """Definitions that make the forward pass, and those that speak of derivatives or of what does."""
    forward: dict[int, Formula] = {}
    introduced: dict[int, Formula] = {}
    backward: set[Name] = set()
    for i, formula in enumerate(formulas):
        if formula.kind != DEFINITION or formula.name is None:
            continue
        right = formula.link.right
        used = {
            r.name
            for r, _ in occurrences(right, own_letters(formula.link.left, survey.habits), survey.habits, formula.source)
        }
        ahead = _uses_later(formula, survey)
        if surfaces.has_derivative(right) or used & backward or ahead:
            introduced[i] = formula
            backward.add(formula.name.name)
        else:
            forward[i] = formula
    return forward, introduced


def _uses_later(formula: Formula, survey: Survey) -> bool:
    """Whether a definition needs itself at a later step, as adjoints do."""
    assert formula.name is not None
    letters = own_letters(formula.link.left, survey.habits)
    for reading, _ in occurrences(formula.link.right, letters, survey.habits, formula.source):
        if reading.name == formula.name.name:
            for own, other in zip(formula.name.indices, reading.indices, strict=False):
                if (other - own).is_Integer and other - own > 0:
                    return True
    return False


def _letter(equation: Equation) -> str:
    """The one index letter of a generic equation; nothing where it has none or more."""
    own = {str(s) for index in equation.name.indices for s in index.free_symbols}
    return own.pop() if len(own) == 1 else ""


def _equation(formula: Formula, survey: Survey) -> Equation:
    assert formula.name is not None
    letters = frozenset(str(s) for index in formula.name.indices for s in index.free_symbols)
    right = over_its_letter(formula.link.right, letters, survey.habits)
    bound = surfaces.bound_letters(right.walk())
    letters |= bound | survey.habits.classes | {"T"} & survey.habits.letters
    return Equation(formula.name, right, formula.source, letters)


def _resolve(equations: Mapping[int, Equation], found: Understanding, survey: Survey) -> None:
    """The rules of the network, from the equations that can be read with the shapes that were found."""
    shapes = found.shapes
    named = {**{n: shapes.of(n) for n in (*shapes.uses, *shapes.defined)}}
    named = {name: shapes.dims.shape(shape) for name, shape in named.items()}
    generics = {f: shapes.dims.shape(s) for f, s in shapes.generics.items()}
    sizes = letters_of(named.values())
    rules: dict[Name, list[Rule]] = {}
    for i, equation in survey.clock.over(equations.items()):
        context = replace(
            found.context, source=equation.source, shapes=named, letters=equation.letters | {"T"}, generics=generics,
            wanted=marks(equation.right, named[equation.name.name]),
        )  # fmt: skip
        try:
            right = resolve_side(equation.right, context, named[equation.name.name])
            rule = rule_of(equation, right, named, sizes)
        except DeriveError as error:
            found.errors[i] = error
            found.doubtful.add(equation.name.name)
            continue
        found.forward[i] = rule
        rules.setdefault(rule.left.name, []).append(rule)
    with_summand(rules, named)
    rules = named_parts(rules)
    ordered = {
        n: tuple(sorted(r, key=lambda rule: not all(i.is_Integer for i in rule.left.indices))) for n, r in rules.items()
    }
    horizon = horizon_of(ordered, survey.habits.horizon)
    stacks = stacks_of(ordered)
    ordered = {name: group for name, group in ordered.items() if name not in stacks}
    found.network = Network(
        ordered,
        {name: shape for name, shape in named.items() if name not in stacks},
        time=time_of_rules(ordered),
        horizon=horizon,
        sums_to_one=_targets(ordered, found) | _said_to_sum(ordered, named, survey),
        classes=classes_of(ordered, horizon),
        stacks=stacks,
    )
    named = dict(found.network.shapes)
    found.context = replace(
        found.context,
        shapes=named,
        generics=generics,
        network=found.network,
        letters=survey.habits.letters,
        stacks={name: stacked_at(whole) for name, whole in stacks.items()},
    )


def _said_to_sum(rules: Mapping[Name, Sequence[Rule]], shapes: Mapping[Name, Shape], survey: Survey) -> frozenset[Name]:
    r"""The inputs of which the text says that their entries add up to 1: \sum_i y_i = 1."""
    found = set()
    for formula in survey.formulas:
        match formula.link.left, formula.link.relation, formula.link.right:
            case Row(items=(big, item)), "=", Number(text="1") if bound(big) is not None:
                ways = entry_readings(item, survey.habits.letters, formula.source, frozenset())
                found |= {way.name for way in ways if way.name in shapes and way.name not in rules}
    return frozenset(found)


def _targets(rules: Mapping[Name, Sequence[Rule]], found: Understanding) -> frozenset[Name]:
    """The targets of cross-entropies of a softmax: inputs that weigh its logarithm. Their entries add up to 1."""
    everything = [rule for group in rules.values() for rule in group]
    soft = {rule.left.name for rule in everything if any(isinstance(n, Softmax) for n in walk(rule.right))}
    targets = set()
    for rule in everything:
        logs = [n for n in walk(rule.right) if getattr(n, "function", None) == Function("log")]
        inside = {v.name for log in logs for v in variables(log)}
        if logs and (inside & soft or any(isinstance(n, Softmax) for log in logs for n in walk(log))):
            others = {v.name for v in variables(rule.right)} - inside
            targets |= {n for n in others if n not in rules and n.arity}
    for name in sorted(targets, key=str):
        found.assumptions.append(f"the entries of the target {name} add up to 1")
    return frozenset(targets)
