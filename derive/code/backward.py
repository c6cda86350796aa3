"""The gradients as lines of code: local slopes for all steps at once, the backward recursion, one sum for each
parameter."""

from __future__ import annotations

from collections.abc import Iterator

from derive.algebra.build import transpose
from derive.algebra.expressions import Add, Expression, Product, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import is_column, is_scalar
from derive.code.arrays import FACTOR, Code
from derive.code.program import Line, Pass, Program, last_axis, shown
from derive.code.stacks import Stack
from derive.code.storage import size
from derive.models.model import variables
from derive.render.printer import unicode


def backward(program: Program) -> Pass:
    """The backward recursion, in the order in which it runs."""
    program.storage.local.clear()
    order = program.backward_order
    before = [*program.all_at_once(order.before), *_arrays(program), *program.all_at_once(program.local_slopes)]
    within = _truncated(program) if program.truncates else _loop(program)
    return Pass(tuple(before), tuple(within), tuple(program.all_at_once(order.after)))


def sums(program: Program) -> Iterator[Line]:
    """The gradient of each parameter, by one product or one sum over all steps and sequences."""
    done: set[Variable] = set()
    for parameter, body in program.sums.items():
        if parameter in done:
            continue
        stack, together = _together(program, parameter, body)
        said = [shown_sum(program, each) for each in together]
        if stack is None:
            yield Line(f'"{program.named[parameter.name]}": {_summed(program, parameter, body)},', said[0])
            continue
        done |= set(together)
        yield Line(_split(program, stack, together, body), "; ".join(said))


def shown_sum(program: Program, parameter: Variable) -> str:
    loss, body = program.model.loss, program.gradient.sums[parameter]
    return f"∂{unicode(loss.left)}/∂{unicode(parameter)} = Σ_t {unicode(body)}"


def _used_outside(program: Program) -> frozenset[Name]:
    """Which adjoints are used outside of the loop, or at another step."""
    rights = [*program.sums.values(), *(equation.right for equation in program.backward_order.after)]
    found = {v.name for right in rights for v in variables(right)}
    for equation in program.backward_loop:
        found |= {v.name for v in variables(equation.right) if v.time is not None and v.time != program.time}
    return frozenset(found)


def _arrays(program: Program) -> Iterator[Line]:
    if program.truncates:
        for used in program.later:
            array = program.target.array.format("zeros", f"T, B, {last_axis(used)}")
            yield Line(f"{program.named[used.name]} = {array}")
        return
    outside = _used_outside(program)
    for equation in program.backward_loop:
        place = program.storage.places.get(equation.left.name)
        if equation.left.name in outside and not (place is not None and place.rows):
            yield from program.array(equation.left)
    for stack in program.stacks:
        yield program.matrices_of(stack)
        if program.is_stacked(stack):
            array = program.target.array.format("zeros", f"T + 1, B, {size(stack.size)}")
            yield Line(f"delta_{stack.name} = {array}")


def _loop(program: Program) -> Iterator[Line]:
    outside = _used_outside(program)
    said = {equation.left: equation for equation in program.gradient.adjoints}
    within = [used for equation in program.backward_loop for used in variables(equation.right)]
    again = {used.name for used in within if used.time == program.time}
    for equation in program.backward_loop:
        name = equation.left.name
        right, known = _through_stacks(program, equation.right)
        code = program.written(right, inside=True, known=known)
        place = program.storage.places.get(name)
        targets = []
        if name in again:
            targets.append(f"{program.named[name]}_t")
        if name in outside or (place is not None and place.rows):
            targets.append(program.storage.at_step(equation.left))
        yield Line(" = ".join([*targets, code]), shown(said[equation.left]))
        if name in again:
            program.storage.local[name] = f"{program.named[name]}_t"


def _truncated(program: Program) -> Iterator[Line]:
    """A step further back for all steps at once: what stands a step later is what the turn before gave."""
    known: dict[Expression, Code] = {}
    for used in program.later:
        name = program.named[used.name]
        known[used] = Code(f"{name}_later")
        yield Line(f"{name}_later = later({name})")
    said = {equation.left: equation for equation in program.gradient.adjoints}
    for equation in program.backward_loop:
        code = program.written(equation.right, inside=False, known=known)
        yield Line(f"{program.named[equation.left.name]} = {code}", shown(said[equation.left]))


def _through_stacks(program: Program, right: Expression) -> tuple[Expression, dict[Expression, Code]]:
    """Aᵀ δ_a + Bᵀ δ_b + … of a stack as one product."""
    known: dict[Expression, Code] = {}
    for stack in program.stacks:
        if not program.is_stacked(stack) or not isinstance(right, Add):
            continue
        deltas = _deltas(program, stack)
        later = [Product(transpose(m), d.at(program.time + 1)) for m, d in zip(stack.matrices, deltas, strict=True)]
        if all(term in right.args for term in later):
            whole = Variable(Name(f"delta_{stack.name}", (), "", 1), (program.time + 1,), later[0].shape)
            known[whole] = Code(f"delta_{stack.name}[t + 1] @ to_{stack.name}", FACTOR)
            rest = [term for term in right.args if term not in later]
            right = Add(*rest, whole) if rest else whole
    return right, known


def _deltas(program: Program, stack: Stack) -> list[Variable]:
    """The adjoints of the members, at the generic step."""
    lefts = {equation.left.name: equation.left for equation in program.adjoints}
    found = [program.gradient.adjoint_of(member.name) for member in stack.members]
    return [lefts[name] for name in found if name is not None]


def _together(program: Program, parameter: Variable, body: Expression) -> tuple[Stack | None, list[Variable]]:
    """The parameters of a stack that receive the same but for the adjoint: computed by one product, and then split."""
    for stack in program.stacks:
        if not program.is_stacked(stack):
            continue
        deltas = _deltas(program, stack)
        rest = _behind(body, deltas[0])
        if rest is None:
            continue
        others = [_with(program, delta, rest) for delta in deltas]
        if all(other is not None for other in others) and others[0] == parameter:
            return stack, [other for other in others if other is not None]
    return None, [parameter]


def _behind(body: Expression, delta: Variable) -> tuple[Expression, ...] | None:
    """What follows the adjoint in what a parameter receives: x_tᵀ, or nothing; None where it begins otherwise."""
    if body == delta:
        return ()
    if isinstance(body, Product) and body.args[0] == delta:
        return tuple(body.args[1:])
    return None


def _with(program: Program, delta: Variable, rest: tuple[Expression, ...]) -> Variable | None:
    found = [parameter for parameter, body in program.sums.items() if _behind(body, delta) == rest]
    return found[0] if len(found) == 1 else None


def _split(program: Program, stack: Stack, parameters: list[Variable], body: Expression) -> str:
    rest = _behind(body, _deltas(program, stack)[0])
    assert rest is not None
    deltas = f"delta_{stack.name}[:T]"
    if rest:
        row = program.written(rest[0] if len(rest) == 1 else Product(*rest), inside=False)
        whole = f"outer({deltas}, {row})"
    else:
        whole = f"total({deltas})"
    names = ", ".join(f'"{program.named[parameter.name]}"' for parameter in parameters)
    ends = ", ".join(size(stop) for _, _, stop in list(stack.slices())[:-1])
    return f"**dict(zip(({names}), {program.target.split.format(whole, ends)})),"


def _summed(program: Program, parameter: Variable, body: Expression) -> str:
    if is_scalar(parameter.shape):
        return f"({program.written(body, inside=False)}).sum()"
    if is_column(parameter.shape):
        return f"total({program.written(body, inside=False)})"
    terms = body.args if isinstance(body, Add) else (body,)
    arrays = program.arrays(inside=False)
    return " + ".join(f"outer({', '.join(arrays.outer(term))})" for term in terms)
