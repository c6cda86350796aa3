"""Reading a cell: from statements to a Model, with every inconsistency named at its place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sympy import Integer

from derive.algebra import symbols
from derive.algebra.equation import Equation
from derive.algebra.expressions import Number, Product, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import Shape
from derive.errors import DeriveError, ShapeError, Source
from derive.models import introduce, roles
from derive.models.draft import Draft
from derive.models.functions import abstract_functions, activated
from derive.models.infer import infer_shapes
from derive.models.model import Model, Start
from derive.models.statements import Assumption, Declaration, Definition, Listing, classify, conflict, ranges
from derive.reader.context import Context
from derive.reader.resolve import resolve
from derive.reader.statements import read_statements
from derive.reader.surface import Node, Relation


def read_file(path: Path, activation: str = "f") -> Model:
    """The model in a file. `activation` takes the place of its abstract activations ("f" leaves them).

    Error: DeriveError if it cannot be read or understood.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DeriveError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DeriveError(f"{path} is not a text in UTF-8") from None
    return read_model(Source(str(path), text), path.stem, activation)


def read_model(source: Source, name: str = "cell", activation: str = "f") -> Model:
    """The model that a text describes. Error: DeriveError with line, column and what was expected."""
    document = read_statements(source)
    draft = _draft(source, document.statements)
    equations = tuple(_equation(definition, draft) for definition in draft.definitions)
    time = symbols.index(draft.time)
    horizon = symbols.index(draft.horizon)
    loss, steps = roles.split_loss(equations, time, horizon, draft)
    steps, loss, summand = roles.summand(steps, loss, time, horizon)
    steps = activated(steps, summand, activation)
    roles.check_laws((*steps, loss), draft)
    roles.check_lags(steps, time, draft)
    ordered = roles.in_order(steps, time, draft)
    refined, introduced = introduce.pre_activations(ordered, time)
    carried = roles.carried(ordered, summand, time)
    starts = roles.starts(carried, ordered, time, draft, _starts(draft))
    parameters, inputs = roles.externals(steps, time, draft)
    roles.check_used(draft, steps, loss, parameters, summand)
    return Model(
        name=name,
        title=document.metadata.get("title", name),
        reference=document.metadata.get("source", ""),
        source=source,
        time=time,
        horizon=horizon,
        parameters=parameters,
        inputs=inputs,
        starts=starts,
        equations=steps,
        steps=refined,
        introduced=introduced,
        loss=loss,
        summand=summand,
        carried=carried,
        state_name=introduce.fresh("S", (*steps, loss), parameters),
        assumptions=tuple(_assumption(assumption, draft, inputs) for assumption in draft.assumptions),
    )


def _draft(source: Source, statements: Iterable[Node]) -> Draft:
    statements = tuple(statements)
    found = dict(ranges(statements)) or {"t": "T"}
    time, horizon = next(iter(found.items()))
    letters = frozenset(found) | frozenset(found.values())
    bounds = {time: (Integer(1), symbols.index(horizon))}
    context = Context(source, {}, letters, bounds=bounds)
    said = tuple(classify(statements, context))
    declarations = tuple(s for s in said if isinstance(s, Declaration))
    definitions = tuple(s for s in said if isinstance(s, Definition) and not _is_start(s))
    _once(definitions, context)
    shapes = _declared(declarations, context)
    defined = frozenset(d.reading.name for d in definitions)
    context = Context(
        source,
        shapes,
        letters,
        functions=abstract_functions(definitions, frozenset(shapes) | defined, context),
        expected=defined,
        bounds=bounds,
    )
    context = infer_shapes(definitions, context)
    return Draft(
        context,
        time,
        horizon,
        declarations,
        definitions,
        tuple(s for s in said if isinstance(s, Definition) and _is_start(s)),
        tuple(s for s in said if isinstance(s, Assumption)),
        tuple(pair for s in said if isinstance(s, Listing) for pair in s.names),
    )


def _is_start(definition: Definition) -> bool:
    return bool(definition.reading.indices) and all(index.is_Integer for index in definition.reading.indices)


def _once(definitions: Iterable[Definition], context: Context) -> None:
    seen: dict[Name, Definition] = {}
    for definition in definitions:
        name = definition.reading.name
        if name in seen:
            line, _ = context.source.position(seen[name].node.span.start)
            raise context.error(definition.node, f"{name} is defined twice, first on line {line}")
        seen[name] = definition


def _declared(declarations: Iterable[Declaration], context: Context) -> dict[Name, Shape]:
    shapes: dict[Name, Shape] = {}
    for declaration in declarations:
        name = declaration.reading.name
        if shapes.setdefault(name, declaration.shape) != declaration.shape:
            raise conflict(context, declaration.node, name, shapes[name], declaration.shape)
    return shapes


def _equation(definition: Definition, draft: Draft) -> Equation:
    """A definition at the generic step: `h_{t+1} = …` is moved to t."""
    context, time = draft.context, symbols.index(draft.time)
    reading = definition.reading
    left = Variable(reading.name, reading.indices, context.shapes[reading.name])
    right = resolve(definition.right, context)
    try:
        equation = Equation(left, right)
    except ShapeError as error:
        raise error.at(context.source, definition.node.span) from None
    if not left.indices:
        return equation
    moved = left.time - time
    if len(left.indices) > 1 or not moved.is_Integer:
        raise context.error(definition.node, f"a quantity is defined at the step {time}, or at a number for a start",
                            f"one index: {reading.name}_{time}")  # fmt: skip
    return equation.at({time: time - moved}) if moved else equation


def _starts(draft: Draft) -> tuple[Start, ...]:
    """`s_0 \\in …` and `s_0 = …`: the states before the first step."""
    found = [
        Start(Variable(d.reading.name, d.reading.indices, d.shape))
        for d in draft.declarations
        if d.reading.indices and all(index.is_Integer for index in d.reading.indices)
    ]
    for start in draft.starts:
        name = start.reading.name
        if name not in draft.context.shapes:
            raise draft.context.error(start.node, f"{name} has a start but is never defined")
        variable = Variable(name, start.reading.indices, draft.context.shapes[name])
        value = roles.start_value(resolve(start.right, draft.context), variable, start, draft)
        if any(other.variable == variable and other.value is not None for other in found):
            raise draft.context.error(start.node, f"{variable} is defined twice")
        found = [other for other in found if other.variable != variable]
        found.append(Start(variable, value))
    return tuple(found)


def _assumption(assumption: Assumption, draft: Draft, inputs: tuple[Variable, ...]) -> Equation:
    """An equation that an input is stated to satisfy. Only one that random values can be made to satisfy is taken."""
    relation = assumption.node
    assert isinstance(relation, Relation)
    left, right = (resolve(side, draft.context) for side in relation.sides)
    try:
        stated = Equation(left, right)
    except ShapeError as error:
        raise error.at(draft.context.source, relation.span) from None
    match left, right:
        case Product(args=(Number(), Variable() as variable)), Number() if variable in inputs:
            return stated
    raise draft.context.error(relation, "this is not a name that is defined, and not a statement about an input",
                              "\\mathbf{1}^{\\top} v_t = 1 for an input v_t, or a name on the left")  # fmt: skip
