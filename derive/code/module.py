"""The program of a network as the text of a module that needs nothing but its library."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sympy import Symbol

from derive.algebra import shapes
from derive.algebra.expressions import Variable
from derive.algebra.functions import is_abstract
from derive.code.arrays import NoCode
from derive.code.backward import backward, sums
from derive.code.evidence import check
from derive.code.forward import forward
from derive.code.program import Line, Program, in_words, last_axis, shown
from derive.code.storage import identifier, size, sizes
from derive.code.targets import Target
from derive.models.model import Model, variables
from derive.render.environment import environment
from derive.version import __version__

WORD = re.compile(r"[A-Za-z_]\w*")
AHEAD, BACK = ("before", "within", "after"), ("slopes", "back", "behind", "sums")


def module(model: Model, target: Target, clip: float | None = None, reach: int | None = None) -> str:
    """The text of the module, run and found to be right; with `clip` it has functions that clip gradients there, too.

    With `reach` no gradient goes more than so many steps back.

    Error: NoCode for a network for which no array code is written; CheckFailed where it computes something else.
    """
    given = _given(model)
    open_functions = {name: identifier(name) for name in model.functions if is_abstract(name)}
    spelled = {(name, order): f"{text}{suffix}({{}})" for name, text in open_functions.items()
               for order, suffix in enumerate(("", "_slope"))}  # fmt: skip
    functions = {**target.functions, **spelled}
    program = Program(model, replace(target, functions=functions), truncates=reach is not None)
    ahead = forward(program)
    back = backward(program)
    lines = {
        "before": _text(ahead.before, 4),
        "within": _text(ahead.within, 8),
        "after": _text(ahead.after, 4),
        "slopes": _text(back.before, 4),
        "back": _text(back.within, 8),
        "behind": _text(back.after, 4),
        "sums": _text(sums(program), 8),
    }
    code = "\n".join(line for part in lines.values() for line in part)
    text = environment().get_template(target.template).render(
        title=in_words(model.title),
        reference=in_words(model.reference),
        version=__version__,
        shapes=list(_shapes(model, program)),
        conditions=[f"Where {shown(equation)} for all t." for equation in model.assumptions],
        open_functions=list(open_functions.values()),
        helpers=[text for name, text in target.helpers.items() if f"{name}(" in code],
        state_argument=any(start.value is None for start in model.starts),
        unpack=_used([*_unpack(model, program)], [line for part in AHEAD for line in lines[part]]),
        unpack_back=_used([*_unpack(model, program)], [line for part in BACK for line in lines[part]]),
        kept=_kept(program),
        clip=clip,
        reach=reach,
        parameters=[program.named[parameter.name] for parameter in model.parameters],
        loss=program.storage.everywhere(model.summand),
        **lines,
    )  # fmt: skip
    check(text, model, program.named, given, target.arrays(), reach)
    return text


def _used(assignments: list[str], code: list[str]) -> list[str]:
    """The assignments of which something in the code, or in a later one, makes use."""
    bare = (re.sub(r'#.*|"[^"]*"', "", line) for line in code)
    words = {word for line in bare for word in WORD.findall(line)}
    kept: list[str] = []
    for line in reversed(assignments):
        targets, _, value = line.partition(" = ")
        if words & set(targets.split(", ")):
            kept.insert(0, line)
            words |= set(WORD.findall(value))
    return kept


def _kept(program: Program) -> list[str]:
    """The arrays of the forward pass that the backward pass reads."""
    known = {equation.left.name for equation in program.forward_order.all} - {program.model.summand.name}
    places = program.storage.places
    arrays = (places[n].array if n in places else program.named[n] for n in program.read_back if n in known)
    return list(dict.fromkeys(arrays))


def _text(lines: Iterable[Line], indent: int) -> list[str]:
    """Code with its formula beside it, or above it where there is no room."""
    found: list[str] = []
    for line in lines:
        beside = f"{line.code}  # {line.formula}"
        if not line.formula:
            found.append(line.code)
        elif indent + len(beside) <= 100:
            found.append(beside)
        else:
            found += [f"# {line.formula}", line.code]
    return found


def _given(model: Model) -> dict[str, list[Variable]]:
    """The inputs by the argument in which they are given: those that only the loss of a step reads are `ys`."""
    elsewhere = {v for step in model.steps if step.left != model.summand for v in variables(step.right)}
    targets = set(variables(model.definitions[model.summand.name].right)) - elsewhere
    return {
        "xs": [quantity for quantity in model.inputs if quantity not in targets],
        "ys": [quantity for quantity in model.inputs if quantity in targets],
    }


def _shapes(model: Model, program: Program) -> Iterator[str]:
    """What a caller gives, with its shapes."""
    for argument, group in _given(model).items():
        each = [f"{program.named[quantity.name]} {_array(quantity)}" for quantity in group]
        some = "one array" if len(each) == 1 else "a mapping" if each else "not used"
        yield f"{argument}: {some}{', ' if each else ''}{', '.join(each)}"
    starts = [start.variable for start in model.starts if start.value is None]
    if starts:
        yield "state0: a mapping, " + ", ".join(f"{start} (B, {last_axis(start)})" for start in starts)
    each = [f"{program.named[parameter.name]} {_own(parameter)}" for parameter in model.parameters]
    yield f"params: a mapping, {', '.join(each)}"


def _array(quantity: Variable) -> str:
    return f"(T, B, {last_axis(quantity)})"


def _own(parameter: Variable) -> str:
    if shapes.is_scalar(parameter.shape):
        return "a number"
    if shapes.is_column(parameter.shape):
        return f"({size(parameter.shape[0])},)"
    return f"({size(parameter.shape[0])}, {size(parameter.shape[1])})"


def _unpack(model: Model, program: Program) -> Iterator[str]:
    """The lines that give what a caller gave its names."""
    first = ""
    for argument, group in _given(model).items():
        for quantity in group:
            name = program.named[quantity.name]
            first = first or name
            yield f"{name} = {argument}" if len(group) == 1 else f'{name} = {argument}["{name}"]'
    if not first:
        raise NoCode("this network has no inputs: nothing says how many steps there are")
    for parameter in model.parameters:
        name = program.named[parameter.name]
        yield f'{name} = params["{name}"]'
    yield f"T, B = {first}.shape[:2]"
    yield f"dtype = {first}.dtype"
    yield f"device = {first}.device"
    needed = sorted(_sizes_in_arrays(program), key=str)
    yield from sizes(needed, model.parameters, program.named)


def _sizes_in_arrays(program: Program) -> set[Symbol]:
    """The sizes of what is computed step after step."""
    computed = [equation.left for equation in (*program.loop, *program.backward_loop)]
    return {symbol for quantity in computed for symbol in quantity.shape[0].free_symbols}
