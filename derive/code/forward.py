"""The forward pass as lines of code: inputs for all steps at once, the loop over the steps, outputs at once again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.algebra.equation import Equation
from derive.algebra.expressions import Add, Expression, Product, Variable
from derive.algebra.shapes import is_column
from derive.code.program import Line, Pass, Program, shown
from derive.code.stacks import Stack
from derive.code.storage import size
from derive.models.model import variables


def forward(program: Program) -> Pass:
    """The lines of the forward pass, in the order in which they run."""
    order = program.forward_order
    before = [*_arrays(program), *program.all_at_once(order.before), *_inputs(program)]
    return Pass(tuple(before), tuple(_loop(program)), tuple(program.all_at_once(order.after)))


def _arrays(program: Program) -> Iterator[Line]:
    """An array for each quantity of the loop that is used outside of it, or by a later step."""
    for step in program.loop:
        place = program.storage.places.get(step.left.name)
        if step.left.name in program.saved and not (place is not None and place.rows):
            yield from program.array(step.left)
    for stack in program.stacks:
        if any(member.name in program.saved for member in stack.members):
            yield Line(f"{stack.name} = {program.target.array.format('empty', f'T, B, {size(stack.size)}')}")


def _inputs(program: Program) -> Iterator[Line]:
    """What the loop needs and does not depend on it."""
    stacked = {equation.left for stack in program.stacks for equation in own_inputs(program, stack)}
    for stack in program.stacks:
        yield program.matrices_of(stack)
        pieces = own_inputs(program, stack)
        if pieces:
            yield Line(f"{stack.name}_in = {_beside(program, pieces)}", "; ".join(map(shown, pieces)))
    yield from program.all_at_once([equation for equation in program.hoisted if equation.left not in stacked])


def own_inputs(program: Program, stack: Stack) -> list[Equation]:
    """What the members of a stack get from outside of the loop, where all of them get something."""
    found = []
    for equation in program.loop:
        if equation.left in stack.members and isinstance(equation.right, Add):
            found += [made for made in program.hoisted if made.left == equation.right.args[0]]
    return found if len(found) == len(stack.members) else []


def _beside(program: Program, pieces: Sequence[Equation]) -> str:
    """The pieces beside each other: by one product where each of them multiplies the same by a matrix of its own."""
    terms = [piece.right.args if isinstance(piece.right, Add) else (piece.right,) for piece in pieces]
    columns = list(zip(*terms, strict=True)) if len({len(each) for each in terms}) == 1 else []
    joined = [_joined(program, column) for column in columns]
    if joined and all(joined):
        return " + ".join(text for text in joined if text)
    codes = ", ".join(program.written(piece.right, inside=False) for piece in pieces)
    return program.target.beside.format(codes)


def _joined(program: Program, terms: Sequence[Expression]) -> str | None:
    """A, B, … applied to one vector, or columns that are parameters, as one."""
    names: list[str] = []
    vectors: set[Variable | None] = set()
    for term in terms:
        match term:
            case Product(args=(Variable() as matrix, Variable() as vector)) if not matrix.indices:
                names.append(program.named[matrix.name])
                vectors.add(vector)
            case Variable() if is_column(term.shape) and not term.indices:
                names.append(program.named[term.name])
                vectors.add(None)
            case _:
                return None
    if len(vectors) > 1:
        return None
    shared = vectors.pop()
    stacked = program.target.join.format(", ".join(names))
    return stacked if shared is None else f"{program.storage.everywhere(shared)} @ {stacked}.T"


def _loop(program: Program) -> Iterator[Line]:
    """One step."""
    begun: set[str] = set()
    said = {step.left: step for step in (*program.steps, *program.model.steps)}
    for equation in program.loop:
        stack = next((each for each in program.stacks if equation.left in each.members), None)
        if stack is None:
            yield _step(program, equation, said[equation.left])
        elif stack.name not in begun:
            begun.add(stack.name)
            yield _gates(program, stack, [said[member] for member in stack.members])


def _step(program: Program, equation: Equation, said: Equation) -> Line:
    name = equation.left.name
    code = program.written(equation.right, inside=True)
    targets = []
    if any(used == equation.left for each in program.loop for used in variables(each.right)):
        targets.append(program.storage.local.setdefault(name, f"{program.named[name]}_t"))
    if name in program.saved:
        place = program.storage.places.get(name)
        targets.append(f"{program.named[name]}[{f't + {place.before}' if place and place.before else 't'}]")
    return Line(" = ".join([*targets, code]), shown(said))


def _gates(program: Program, stack: Stack, said: Sequence[Equation]) -> Line:
    first = f"{stack.name}_in[t] + " if own_inputs(program, stack) else ""
    saved = f"{stack.name}[t] = " if any(member.name in program.saved for member in stack.members) else ""
    for member in stack.members:
        program.storage.local[member.name] = f"{stack.name}_t[:, {program.storage.places[member.name].rows}]"
    code = f"{stack.name}_t = {saved}{first}{program.storage.at_step(stack.vector)} @ to_{stack.name}.T"
    return Line(code, "; ".join(map(shown, said)))
