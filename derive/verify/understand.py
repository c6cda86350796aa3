"""The network of a text: its forward equations, the shapes and roles of its names, and what had to be taken for granted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from sympy import Expr, Integer, Symbol

from derive.algebra import symbols
from derive.algebra.build import substitute
from derive.algebra.expressions import Blocks, Expression, Generic, Softmax, State, Sum, Variable
from derive.algebra.expressions import Number as NumberValue
from derive.algebra.functions import SPELLINGS
from derive.algebra.names import Function, Name
from derive.algebra.shapes import ONE, SCALAR, Shape, is_scalar, is_vector
from derive.errors import DeriveError
from derive.models.model import variables, walk
from derive.reader.naming import Reading
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
from derive.verify import normal
from derive.verify.context import TextContext, alike
from derive.verify.declared import declared_shapes
from derive.verify.habits import KNOWN, USUAL
from derive.verify.infer import Equation, ShapeError, Shapes, Uses, is_loss, names
from derive.verify.network import Network, Rule
from derive.verify.survey import (
    CLAIM,
    DECLARATION,
    DEFINITION,
    Formula,
    Survey,
    defined_name,
    occurrences,
    own_letters,
)
from derive.verify.trees import below, counted, free

ENDS = ("T", "N", "tau", "n")
"""Letters that may count the steps of a network."""


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


def with_missing(survey: Survey) -> tuple[Formula, ...]:
    """The formulas, with claims made definitions where they say what a name is that nothing else says.

    In Σ L_t = Σ g(y_t) it is L_t, in f(a_t) = f(U x_t + W s_{t-1}) it is a_t.
    """
    known = {f.name.name for f in survey.formulas if f.kind == DEFINITION and f.name is not None}
    made = list(survey.formulas)
    for position, formula in enumerate(survey.formulas):
        if formula.kind != CLAIM or formula.link.first or normal.has_derivative(formula.link.left):
            continue
        pair = difference(formula.link.left, formula.link.right)
        for one, other in (pair, pair[::-1]) if pair is not None else ():
            name = defined_name(one, survey.habits, formula.source)
            if name is None or name.name in known or any(alike(one, node) for node in other.walk()):
                continue
            known.add(name.name)
            made[position] = replace(
                formula, kind=DEFINITION, name=name, link=replace(formula.link, left=one, right=other)
            )
            break
    return tuple(made)


def difference(one: Node, other: Node) -> tuple[Node, Node] | None:
    """The one place where two trees differ; None where there is none, or more."""
    if alike(one, other):
        return None
    children = list(one.children()), list(other.children())
    if type(one) is type(other) and len(children[0]) == len(children[1]) and not isinstance(one, Scripted | Letter):
        pairs = [(a, b) for a, b in zip(*children, strict=True) if not alike(a, b)]
        if len(pairs) == 1:
            return difference(*pairs[0]) or pairs[0]
    if isinstance(other, Row) and isinstance(other.items[-1], Scripted | Letter | Accent) and not isinstance(one, Row):
        return None
    if isinstance(one, Row) and isinstance(other, Row | Terms) and isinstance(one.items[-1], Scripted | Letter):
        before = one.items[:-1]
        items = other.items if isinstance(other, Row) else ()
        if len(items) > len(before) and all(map(alike, before, items[: len(before)])):
            return one.items[-1], normal.row(items[len(before) :])
    return one, other


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
        if normal.has_derivative(right) or used & backward or ahead:
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
    bound = normal.bound_letters(right.walk())
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
                renamed = normal.rebuilt(
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

    return replace(equation, right=normal.rebuilt(equation.right, change)) if stepped else equation


# ---- shapes


def infer(equations: Mapping[int, Equation], survey: Survey, formulas: Sequence[Formula]) -> Shapes:
    """The shapes of all names in the forward equations, as far as they fit."""
    declared = _one_example(declared_shapes([f for f in formulas if f.kind == DECLARATION], survey))
    shapes = Shapes(survey.habits, declared)
    shapes.defined = {equation.name.name: equation.right for equation in equations.values()}
    for equation in equations.values():
        for _, node in names(equation, survey.habits):
            reading = shapes.reading(node, equation)
            if reading is not None:
                shapes.uses.setdefault(reading.name, Uses())
        gather(equation.right, equation, shapes)
    shapes.equations = {equation.name.name: equation for equation in equations.values()}
    shapes.rows = _rows(equations.values(), shapes, declared)
    shapes.scalars = not declared and not survey.habits.bold and not _vectors(list(equations.values()), shapes)
    for _ in range(2):
        for equation in equations.values():
            try:
                shapes.unify(equation)
            except ShapeError:
                continue
    _from_claims(shapes, survey, formulas)
    return shapes


def _from_claims(shapes: Shapes, survey: Survey, formulas: Sequence[Formula]) -> None:
    """Sizes of names that only claims speak of: ŷ - y makes them alike. What the network says is not touched."""
    shapes.dims.fix(s for n, s in shapes.found.items() if n in shapes.defined or not n.arity)
    for whole in (False, True):
        for formula in formulas:
            if formula.kind != CLAIM and (formula.kind != DEFINITION or not normal.has_derivative(formula.link.right)):
                continue
            for side, other in ((formula.link.left, formula.link.right), (formula.link.right, formula.link.left)):
                name = Reading(Name("claim"), ())
                equation = Equation(name, side, formula.source, survey.habits.letters)
                for part in [side] if whole else [node for node in side.walk() if isinstance(node, Terms)]:
                    with suppress(ShapeError):
                        found = shapes.infer(part, equation)
                        if whole and found is not None and not normal.has_derivative(other):
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
    if isinstance(node, Letter | Accent | Scripted | Word) and normal.function_name(node) not in KNOWN:
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
            if reading is None or normal.function_name(item) in shapes.habits.functions:
                continue
            uses = shapes.uses.setdefault(reading.name, Uses())
            uses.transposed |= any(isinstance(s, Letter) and s.text in ("top", "T", "intercal") for s in reading.above)
            uses.left_of |= after is not None
            if before is not None and normal.function_name(before) not in shapes.habits.functions:
                state = any(
                    r.name.arity for r, _ in occurrences(before, equation.letters, shapes.habits, equation.source)
                )
                uses.right_of_state |= state
                uses.right_of_weight |= not state


def _rows(equations: Sequence[Equation] | object, shapes: Shapes, declared: Mapping[Name, Shape]) -> bool:
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
            case Brackets(opening="‖") | Table(name=normal.CONCATENATION):
                return True
    return any(
        (uses.left_of or uses.right_of_state) and name.base[:1].isupper() and not is_loss(name)
        for name, uses in shapes.uses.items()
        if name not in shapes.defined
    )


# ---- rules


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
    _with_summand(rules, named)
    rules = _named_parts(rules)
    ordered = {
        n: tuple(sorted(r, key=lambda rule: not all(i.is_Integer for i in rule.left.indices))) for n, r in rules.items()
    }
    horizon = _horizon(ordered, survey.habits.horizon)
    stacks = _stacks(ordered)
    ordered = {name: group for name, group in ordered.items() if name not in stacks}
    found.network = Network(
        ordered,
        {name: shape for name, shape in named.items() if name not in stacks},
        time=_time(ordered),
        horizon=horizon,
        sums_to_one=_targets(ordered, found),
        classes=_classes(ordered, horizon),
        stacks=stacks,
    )
    named = dict(found.network.shapes)
    found.context = replace(
        found.context,
        shapes=named,
        generics=generics,
        network=found.network,
        letters=survey.habits.letters,
        stacks={name: _at(whole) for name, whole in stacks.items()},
    )


def _named_parts(rules: dict[Name, list[Rule]]) -> dict[Name, list[Rule]]:
    """The rules with each part that has a name of its own by that name: f(U x_t + W s_{t-1}) where a_t is that sum."""
    parts = {
        rule.right: rule.left
        for group in rules.values()
        for rule in group
        if not isinstance(rule.right, Variable | NumberValue) and not is_loss(rule.left.name)
    }

    def inside(rule: Rule) -> Rule:
        others = {part: name for part, name in parts.items() if name != rule.left and part != rule.right}
        right = rule.right.xreplace(others) if others else rule.right  # the same letter, bound or not
        assert isinstance(right, Expression)
        return replace(rule, right=right)

    return {name: [inside(rule) for rule in group] for name, group in rules.items()}


def _at(whole: State) -> Callable[[Expr], Expression]:
    """The same at another step."""
    return lambda time: State(whole.args[0], time, *(part.at(time) for part in whole.parts))


def _stacks(rules: Mapping[Name, Sequence[Rule]]) -> dict[Name, State]:
    """Names for several quantities of one step below each other: S_t = (c_t; h_t)."""
    found = {}
    for name, (rule, *more) in rules.items():
        right = rule.right
        if more or not isinstance(right, Blocks) or int(right.args[0]) != 1 or not rule.left.indices:
            continue
        parts = right.args[1:]
        if all(isinstance(part, Variable) and part.indices == rule.left.indices for part in parts):
            found[name] = State(name, rule.left.indices[0], *parts)
    return found


def _classes(rules: Mapping[Name, Sequence[Rule]], horizon: Symbol) -> dict[Symbol, object]:
    """Letters that name one entry throughout, the class of a target: c in L_t = -log ŷ_{t,c}."""
    found: dict[Symbol, object] = {}
    for rule in each(rules):
        own = {letter for index in rule.left.indices for letter in index.free_symbols}
        loose = free(rule.right) - own - {horizon}
        for node in below(rule.right):
            found.update({letter: size for letter, size in counted(node) if letter in loose})
    return found


def _with_summand(rules: dict[Name, list[Rule]], named: dict[Name, Shape]) -> None:
    """The loss of one step as a name of its own, L_t, where the text has only their sum."""
    for name, (rule, *more) in list(rules.items()):
        if more or rule.left.indices or not isinstance(rule.right, Sum) or not is_loss(name):
            continue
        body, letter, *bounds = rule.right.args
        summand = Name(name.base, name.accents, name.label, 1, raised=name.raised)
        if isinstance(body, Variable) or summand in rules:
            continue
        left = Variable(summand, (letter,), SCALAR)
        named[summand] = SCALAR
        rules[summand] = [Rule(left, body)]
        rules[name] = [Rule(rule.left, Sum(left, letter, *bounds))]


def resolve_side(node: Node, context: TextContext, shape: Shape | None) -> Expression:
    from derive.reader.resolve import resolve

    found = resolve(node, context, shape)
    if shape is not None and isinstance(found, NumberValue) and is_scalar(found.shape):
        return NumberValue(found.value, shape)
    if shape is not None and found.shape != shape:
        raise context.error(node, f"this is {_shown(found.shape)}", f"{_shown(shape)}, as on the left side")
    return found


def _shown(shape: Shape) -> str:
    from derive.algebra.shapes import show

    return show(shape)


def marks(node: Node, shape: Shape) -> dict[object, Shape]:
    """The parts of a side that must have its shape: its summands, and what Σ sums."""
    found: dict[object, Shape] = {node.span: shape}
    if isinstance(node, Terms):
        for part in node.summands:
            found |= marks(part, shape)
    elif isinstance(node, Row):
        for position, item in enumerate(node.items):
            base = item.base if isinstance(item, Scripted) else item
            if isinstance(base, Big) and base.name == "sum" and position == 0 and len(node.items) == 2:
                found |= marks(node.items[1], shape)
            if len(node.items) == 2 and position == 0 and _keeps_shape(item) and isinstance(node.items[1], Brackets):
                found |= marks(node.items[1], shape)
    elif isinstance(node, Brackets):
        found |= marks(node.body, shape)
    return found


def _keeps_shape(item: Node) -> bool:
    """Whether an item is a function that works entry by entry, or softmax: its argument has the shape of its value."""
    name = normal.function_name(item)
    return name is not None and (name in SPELLINGS or name in USUAL or name == "softmax")


def rule_of(equation: Equation, right: Expression, named: Mapping[Name, Shape]) -> Rule:
    """left = right, with the left side's letter where it says t + 1; what needs an earlier step begins at the first."""
    reading = equation.name
    left = Variable(reading.name, reading.indices, named[reading.name])
    moves = {}
    for index in reading.indices:
        for letter in index.free_symbols:
            if index != letter:
                moves[letter] = letter - (index - letter)
    if moves:
        moved_left, moved = substitute(left, moves), substitute(right, moves)
        assert isinstance(moved_left, Variable)
        assert isinstance(moved, Expression)
        left, right = moved_left, moved
    named_letters = {s for index in left.indices for s in index.free_symbols}
    sizes = {s for shape in named.values() for size in shape for s in size.free_symbols}
    counted_here = {letter for node in below(right) for letter, _ in counted(node)}
    loose = sorted(map(str, free(right) - counted_here - named_letters - sizes - {symbols.index(x) for x in ENDS}))
    if loose:
        raise DeriveError(
            f"{loose[0]} has no value on the right side", source=equation.source, span=equation.right.span
        )
    return Rule(left, right, _firsts(left, right))


def _firsts(left: Variable, right: Expression) -> tuple[int | None, ...]:
    """For each index that reaches back in its own equation the first value from which this one counts."""
    found: list[int | None] = [None] * len(left.indices)
    for used in variables(right):
        if len(used.indices) != len(left.indices):
            continue
        for place, (own, other) in enumerate(zip(left.indices, used.indices, strict=True)):
            lag = own - other
            if isinstance(own, Symbol) and lag.is_Integer and lag > 0:
                found[place] = 1
    return tuple(found)


def _time(rules: Mapping[Name, Sequence[Rule]]) -> Symbol:
    for group in rules.values():
        for rule in group:
            if rule.left.indices and isinstance(rule.left.indices[0], Symbol):
                return rule.left.indices[0]
    return symbols.index("t")


def _horizon(rules: Mapping[Name, Sequence[Rule]], usual: str) -> Symbol:
    for group in rules.values():
        for rule in group:
            if not rule.left.indices and isinstance(rule.right, Sum):
                letters = sorted(rule.right.args[3].free_symbols, key=str)
                if letters and isinstance(letters[0], Symbol) and not letters[0].is_positive:
                    return symbols.index(str(letters[0]))
    return symbols.index(usual)


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


def each(rules: Mapping[Name, Sequence[Rule]]) -> Iterator[Rule]:
    for group in rules.values():
        yield from group


__all__ = ["SCALAR", "Generic", "Integer", "understand"]
