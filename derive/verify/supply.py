"""Names that a derivation uses and its text never defines: a loss, an output, a state of which only chains are said.

They become any differentiable function of what they are differentiated by; what holds for any holds for theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from derive.algebra import symbols
from derive.algebra.expressions import Derivative, Expression, Transpose, Variable
from derive.algebra.generic import Generic
from derive.algebra.names import Function, Name
from derive.algebra.shapes import ONE, SCALAR, Shape
from derive.models.model import variables
from derive.reader.naming import Reading, entry_readings, readings
from derive.reader.surface import Fraction, Letter, Node, Row, Scripted, Word
from derive.verify import losses, surfaces
from derive.verify.kinds import is_loss
from derive.verify.names import occurrences
from derive.verify.network import Rule
from derive.verify.survey import CLAIM, DEFINITION, Formula, Survey
from derive.verify.understand import Understanding
from derive.verify.unsaid import loss_rule
from derive.verify.words import at_the_end, said_loss

MAYBE_LOSSES = frozenset(["C", "varepsilon", "epsilon", "l", "S", "H", "e", "Q", "D", "F"])
"""Letters that are losses where nothing is differentiated by them."""


PARAMETERS = frozenset(["theta", "Theta", "vartheta", "omega"])
"""What stands for any parameter of a network, where it stands for nothing else."""


@dataclass(frozen=True)
class Ratio:
    """∂top/∂bottom as the text writes it."""

    top: Reading
    bottom: Reading


def supplied(found: Understanding, survey: Survey, *, last: bool = False) -> Understanding:
    """The network with what its text leaves undefined. `last`: a loss of which nothing is said is of the last step."""
    formulas = [f for f in survey.formulas if f.kind in (CLAIM, DEFINITION)]
    found.target = said_loss(found, formulas, survey)
    found.at_the_end = last or at_the_end(survey)
    found = _with_gradients(_with_undefined(found, formulas, survey), formulas, survey)
    return _with_letters(found, formulas, survey)


def _with_gradients(found: Understanding, formulas: Sequence[Formula], survey: Survey) -> Understanding:
    """dW and δh_t as what they stand for: the gradient of the loss, in the shape of what one differentiates by."""
    if not survey.habits.gradients:
        return found
    rules, shapes = dict(found.network.rules), dict(found.network.shapes)
    marked = {
        reading.name
        for formula in formulas
        for side in (formula.link.left, formula.link.right)
        for reading, _ in occurrences(side, survey.habits.letters, survey.habits, formula.source)
        if reading.name.accents[-1:] == (losses.GRADIENT,)
    }
    loss = next((n for n in rules if is_loss(n) and not n.arity), None)
    for name in sorted(marked, key=str):
        of = Name(name.base, name.accents[:-1], name.label, name.arity)
        if of not in shapes or is_loss(of):
            continue
        if loss is None:
            loss = next((Name(n.base, n.accents, n.label) for n in rules if is_loss(n)), Name("L"))
            if loss not in rules:
                _supply(loss, (), rules, shapes, found)
        own = Variable(name, (found.network.time,) if name.arity == 1 else (), shapes[of])
        if name.arity > 1:
            continue
        derivative = Derivative(Variable(loss, (), SCALAR), Variable(of, own.indices, shapes[of]))
        right = derivative if derivative.shape == own.shape else Transpose(derivative)
        shapes[name] = own.shape
        rules[name] = (Rule(own, right),)
    if marked:
        found.assumptions.append("dX, or δX, stands for the gradient of the loss by X, in the shape of X")
    found.network = replace(found.network, rules=rules, shapes=shapes)
    found.context = replace(found.context, network=found.network, shapes=shapes)
    return found


def _with_undefined(found: Understanding, formulas: Sequence[Formula], survey: Survey) -> Understanding:
    """Losses, outputs and states of which only derivatives are written."""
    ratios = [ratio for formula in formulas for ratio in _ratios(formula, survey, found.network.shapes)]
    introduced = {f.name.name for f in found.introduced.values() if f.name is not None}
    tops = {ratio.top.name for ratio in ratios}
    given = {*found.network.shapes, *introduced} - (tops - _inputs(found) - set(found.network.rules))
    defined = {*found.network.rules, *introduced}
    unknown = dict.fromkeys(
        r.name for ratio in ratios for r in (ratio.top, ratio.bottom) if r.name not in given | defined
    )
    unknown |= dict.fromkeys(n for n in found.network.shapes if is_loss(n) and n not in defined)
    found.any_parameter = frozenset(n for n in unknown if n.base in PARAMETERS and not n.arity and n not in tops)
    unknown = {name: None for name in unknown if name not in found.any_parameter and not _is_copy(name, found)}
    if not unknown:
        return found
    rules = dict(found.network.rules)
    shapes = dict(found.network.shapes)
    bottoms = {ratio.bottom.name for ratio in ratios}
    losses = {n for n in unknown if is_loss(n) or (n not in bottoms and n.base in MAYBE_LOSSES)}
    for name in sorted(unknown, key=lambda n: (n in losses, n.arity == 0)):  # losses last, a whole one after its parts
        _supply(name, ratios, rules, shapes, found, loss=name in losses)
    network = replace(found.network, rules=rules, shapes=shapes, horizon=found.network.horizon)
    found.network = network
    found.context = replace(found.context, network=network, shapes=shapes)
    return found


def _inputs(found: Understanding) -> set[Name]:
    """What the forward pass is given, or a loss is told: nothing that a text says of it makes it a function."""
    rules = found.network.rules
    used = {v.name for n, group in rules.items() if not is_loss(n) for rule in group for v in variables(rule.right)}
    return (used | found.network.sums_to_one) - found.doubtful


def _is_copy(name: Name, found: Understanding) -> bool:
    """Whether a name is a parameter as it is used at one step: W^{(t)} beside W."""
    whole = Name(name.base, name.accents, name.label)
    return name.arity == 1 and whole in found.network.shapes and whole not in found.network.rules and not is_loss(whole)


def _ratios(formula: Formula, survey: Survey, shapes: Mapping[Name, Shape]) -> Iterator[Ratio]:
    for node in formula.nodes:
        if isinstance(node, Row):
            yield from _gradients_of(node, formula, survey, shapes)
        if isinstance(node, Fraction) and surfaces.is_derivative(node):
            top, bottom = (_only(part, formula, survey, shapes) for part in (node.top, node.bottom))
            if top is not None and bottom is not None:
                yield Ratio(top, bottom)


def _gradients_of(node: Row, formula: Formula, survey: Survey, shapes: Mapping[Name, Shape]) -> Iterator[Ratio]:
    r"""`\\nabla_{h} L`"""
    for item, after in zip(node.items, node.items[1:], strict=False):
        if isinstance(item, Scripted) and isinstance(item.base, Letter) and item.base.text == "nabla" and item.sub:
            top, bottom = (_whole(part, formula, survey.habits.letters, shapes) for part in (after, item.sub))
            if top is not None and bottom is not None:
                yield Ratio(top, bottom)


def _whole(node: Node, formula: Formula, letters: frozenset[str], shapes: Mapping[Name, Shape]) -> Reading | None:
    """A name that is known, if it can be read as one: the weight W_i of a gate beside the entry h_{t,i}."""
    ways = list(readings(node, letters, formula.source))
    return next((way for way in ways if way.name in shapes), ways[0] if ways else None)


def _only(node: Node, formula: Formula, survey: Survey, shapes: Mapping[Name, Shape]) -> Reading | None:
    """The one quantity that is differentiated, or by which; of an entry of a known one, that."""
    if not isinstance(node, Row) or len(node.items) != 2:
        return None
    letters, quantity = survey.habits.letters, node.items[1]
    whole = _whole(quantity, formula, letters, shapes)
    if whole is None or whole.name not in shapes:
        letters |= {part.text for part in quantity.walk() if isinstance(part, Letter)}
        for entry in entry_readings(quantity, letters, formula.source, frozenset()):
            if entry.name in shapes and len(entry.place) == sum(size != ONE for size in shapes[entry.name]):
                return entry
    return whole


def _supply(
    name: Name,
    ratios: Sequence[Ratio],
    rules: dict[Name, tuple[Rule, ...]],
    shapes: dict[Name, Shape],
    found: Understanding,
    *,
    loss: bool = True,
) -> None:
    """One name more: a loss, a function of what it is differentiated by, or something that is given."""
    loss = loss and (is_loss(name) or name.base in MAYBE_LOSSES)
    if not loss:
        found.supplied.add(name)
    letter = found.network.time
    own = Variable(name, (letter,) if name.arity else (), SCALAR)
    if name.arity > 1:
        return
    if loss:
        rules[name] = (loss_rule(own, rules, shapes, found, letter),)
        shapes[name] = SCALAR
        return
    if name.arity == 0:
        shapes[name] = _shape(name, found)
        return
    below = dict.fromkeys(r.bottom.name for r in ratios if r.top.name == name)
    arguments: list[Expression] = []
    shape = _shape(name, found)
    own = Variable(name, (letter,), shape)
    recurrent = name in below
    for other in below:
        if other == name or other not in shapes or is_loss(other):
            continue
        if other.arity == 0 and any(
            other in {v.name for v in variables(r.right)} for group in rules.values() for r in group
        ):
            continue
        arguments.append(Variable(other, (letter,) if other.arity else (), shapes[other]))
    if recurrent:
        arguments.append(Variable(name, (letter - 1,), shape))
    shapes[name] = shape
    if arguments:
        right = Generic(Function(f"{name.plain}_of"), shape, (), *arguments)
        rules[name] = (Rule(own, right, (1,) if recurrent else ()),)
        found.assumptions.append(
            f"nothing is said of {name}: it is any function of {', '.join(str(argument) for argument in arguments)}"
        )


def _shape(name: Name, found: Understanding) -> Shape:
    shapes = found.shapes
    shape: Shape = shapes.dims.shape(shapes.of(name))
    return shape


def _with_letters(found: Understanding, formulas: Sequence[Formula], survey: Survey) -> Understanding:
    """Letters that only formulas about functions use, tanh'(x) = 1 - tanh²(x): numbers, or columns."""
    shapes = dict(found.network.shapes)
    bases = {name.base for name in shapes}
    introduced = {f.name.name for f in found.introduced.values() if f.name is not None}
    for formula in formulas:
        if formula.kind != CLAIM:
            continue
        here = []
        for side in (formula.link.left, formula.link.right):
            here += list(occurrences(side, frozenset(), survey.habits, formula.source))
        names = {reading.name for reading, _ in here if not reading.name.label}
        if any(n in shapes or n in introduced for n in names) or any(n.base in bases for n in names):
            continue
        soft = any(isinstance(node, Word) and node.text == "softmax" for node in formula.nodes)
        for name in names:
            if not name.arity and len(name.base) == 1 and not is_loss(name):
                shapes[name] = (
                    found.shapes.dims.shape((found.shapes.dims.new(), symbols.size("one") * 0 + 1)) if soft else SCALAR
                )
    if len(shapes) == len(found.network.shapes):
        return found
    found.network = replace(found.network, shapes=shapes)
    found.context = replace(found.context, network=found.network, shapes=shapes)
    return found
