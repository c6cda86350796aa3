"""The network of a text: its forward equations, the shapes of its names, and what was taken for granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from derive.algebra.expressions import Expression, Softmax
from derive.algebra.names import Function, Name
from derive.errors import DeriveError
from derive.models.model import variables, walk
from derive.reader.surface import (
    Big,
    Letter,
    Node,
    Row,
    Scripted,
    Terms,
)
from derive.verify import surfaces
from derive.verify.context import TextContext
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
from derive.verify.survey import DEFINITION, Formula, Survey


@dataclass
class Understanding:
    """What is known of a text before its claims are judged. `forward` are the formulas that are its network.

    `doubtful`: names of which the text says something that was not understood; `supplied`: of which it says nothing.
    What is said of them may hold, but where it seems not to, that may be our fault.
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
    notes: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)


def understand(survey: Survey) -> Understanding:
    """The network that the definitions of a text give. What cannot be understood is kept with its error."""
    formulas = with_missing(survey)
    forward, introduced = _split(formulas, survey)
    equations = {i: _equation(formula, survey) for i, formula in forward.items()}
    equations = {i: _with_steps(equation, equations) for i, equation in equations.items()}
    shapes = infer(equations, survey, formulas)
    context = TextContext(
        source=survey.source,
        shapes={},
        letters=frozenset(),
        functions=survey.habits.functions,
        outer="otimes",
    )
    found = Understanding(Network({}, {}), context, shapes, introduced=introduced)
    _resolve(equations, found, survey)
    return found


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


def _equation(formula: Formula, survey: Survey) -> Equation:
    assert formula.name is not None
    letters = frozenset(str(s) for index in formula.name.indices for s in index.free_symbols)
    right = _rebound(formula.link.right, letters, survey)
    bound = surfaces.bound_letters(right.walk())
    return Equation(formula.name, right, formula.source, letters | bound | {"T"} & survey.habits.letters)


def _rebound(right: Node, letters: frozenset[str], survey: Survey) -> Node:
    r"""Σ over a letter that its body lacks, while it has another: \sum_{i=1}^{T} L_t is over t."""
    match right:
        case Row(items=(Scripted(base=Big(), sub=sub) as big, *rest)) if sub is not None:
            bound = [part for part in sub.walk() if isinstance(part, Letter)]
            inside = {p.text for node in rest for p in node.walk() if isinstance(p, Letter)} & survey.habits.letters
            free = inside - letters - {"T"}
            if len(bound) == 1 and bound[0].text not in inside and len(free) == 1:
                (letter,) = free
                renamed = surfaces.rebuilt(
                    sub, lambda p: replace(p, text=letter) if p is bound[0] or p == bound[0] else p
                )
                return replace(right, items=(replace(big, sub=renamed), *rest))
    return right


def _with_steps(equation: Equation, equations: Mapping[int, Equation]) -> Equation:
    """A generic equation in which an input lost its step, x for x_t, because it has one elsewhere."""
    own = {str(s) for index in equation.name.indices for s in index.free_symbols}
    if len(own) != 1:
        return equation
    (letter,) = own
    stepped = {
        node.base.text
        for other in equations.values()
        for node in other.right.walk()
        if isinstance(node, Scripted)
        and isinstance(node.base, Letter)
        and node.sub is not None
        and node.base.text == "x"
    }

    def change(node: Node) -> Node:
        if isinstance(node, Row | Terms):
            parts = node.items if isinstance(node, Row) else node.summands
            made = tuple(
                Scripted(part.span, part, Letter(part.span, letter), None)
                if isinstance(part, Letter) and part.text in stepped
                else part
                for part in parts
            )
            return replace(node, items=made) if isinstance(node, Row) else replace(node, summands=made)
        return node

    return replace(equation, right=surfaces.rebuilt(equation.right, change)) if stepped else equation


def _resolve(equations: Mapping[int, Equation], found: Understanding, survey: Survey) -> None:
    """The rules of the network, from the equations that can be read with the shapes that were found."""
    shapes = found.shapes
    named = {**{n: shapes.of(n) for n in (*shapes.uses, *shapes.defined)}}
    named = {name: shapes.dims.shape(shape) for name, shape in named.items()}
    generics = {f: shapes.dims.shape(s) for f, s in shapes.generics.items()}
    rules: dict[Name, list[Rule]] = {}
    for i, equation in equations.items():
        context = replace(
            found.context, source=equation.source, shapes=named, letters=equation.letters | {"T"}, generics=generics,
            wanted=marks(equation.right, named[equation.name.name]),
        )  # fmt: skip
        try:
            right = resolve_side(equation.right, context, named[equation.name.name])
            rule = rule_of(equation, right, named)
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
        sums_to_one=_targets(ordered, found),
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
