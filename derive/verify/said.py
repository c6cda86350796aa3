"""The network of a text in words: its names as the author writes them, their roles and shapes, and the reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sympy import Symbol

from derive.algebra import shapes, symbols
from derive.algebra.build import substitute
from derive.algebra.names import Name
from derive.algebra.shapes import Shape
from derive.models.model import variables
from derive.verify import losses
from derive.verify.kinds import is_loss
from derive.verify.names import occurrences
from derive.verify.network import Network
from derive.verify.report import Role, Understood
from derive.verify.survey import Formula
from derive.verify.understand import Understanding

LETTERS = {"state": "n", "input": "d", "output": "m"}
"""The usual letters of sizes; what has another size gets one of `MORE`."""
MORE = "pruvwcgz"
UNNAMED = re.compile(r"q\d+")


def said(found: Understanding, formulas: Sequence[Formula] = ()) -> Understood | None:
    """The network as it was understood; None where there is none. `formulas` are those of its text, in their order."""
    found = lettered(found)
    network = found.network
    if not network.rules:
        return None
    spelled, origins = spellings(formulas, found), origins_of(found, formulas)
    forward = [formulas[position] for position in found.forward] if formulas else []
    roles = tuple(
        Role(spelled.get(name) or composed(name, network.time), role, show(network.shapes[name]), origins.get(name, ""))
        for name, role in roles_of(network).items()
    )
    return Understood(found.origin, roles, tuple(map(text, forward)), (*found.assumptions, *_left_out(found, formulas)))


def _left_out(found: Understanding, formulas: Sequence[Formula]) -> Iterator[str]:
    for position, error in found.errors.items():
        if position < len(formulas):
            yield f"line {line(formulas[position])} is left out, for it was not understood: {error.message}"


def line(formula: Formula) -> int:
    """The line of the file on which a formula begins."""
    statement = formula.link.statement
    return statement.passage.source.position(statement.place(formula.link.span).start)[0]


def text(formula: Formula) -> str:
    """A formula as its author writes it."""
    return formula.link.statement.text(formula.link.span)


def origins_of(found: Understanding, formulas: Sequence[Formula]) -> dict[Name, str]:
    """Where the role and shape of each name are from: the line that defines it, or how it is written and used."""
    defined: dict[Name, str] = {}
    for position, rule in found.forward.items():
        defined.setdefault(rule.left.name, f"line {line(formulas[position])}" if formulas else "the text defines it")
    own = found.origin == "the text"
    supplied = dict.fromkeys(found.network.rules, "the text does not define it") if own else {}
    return {**found.shapes.origins, **supplied, **defined}


# ---- names


def spellings(formulas: Sequence[Formula], found: Understanding) -> dict[Name, str]:
    """How the text writes each name, at the step t where it does; the text's own macros are put in."""
    letters = found.context.letters
    spelled: dict[Name, str] = {}
    for formula in formulas:
        for side in (formula.link.left, formula.link.right):
            for reading, node in occurrences(side, letters, found.shapes.habits, formula.source):
                plain = not reading.above and not reading.place and all(i.is_Symbol for i in reading.indices)
                if plain and reading.indices[:1] in ((), (found.network.time,)):
                    spelled.setdefault(reading.name, formula.source.text[node.span.start : node.span.end])
    return spelled


def composed(name: Name, time: Symbol) -> str:
    r"""LaTeX of a name that the text does not write: `\bar{o}_t`, `h^{(t)}`, `W_{xh}`."""
    step = str(time) if name.arity else ""
    below = [part for part in ("" if name.time_above else step, "" if name.raised else name.label) if part]
    above = [part for part in (step if name.time_above else "", name.label if name.raised else "") if part]
    letter = name.letter
    if name.accents[-1:] == (losses.GRADIENT,):
        letter = f"d{Name(name.base, name.accents[:-1]).letter}"
    script = ",".join(below)
    below_it = f"_{script}" if len(script) == 1 else f"_{{{script}}}" if script else ""
    return letter + below_it + (f"^{{({','.join(above)})}}" if above else "")


def roles_of(network: Network) -> dict[Name, str]:
    """What each name is to the network, in the order in which they were met; what it does not use has no role."""
    carried = {name for name, _ in network.carried}
    of_losses = _used(network, (name for name in network.rules if is_loss(name)))
    of_others = _used(network, (name for name in network.rules if not is_loss(name)))
    found = {}
    for name in network.shapes:
        if name not in network.rules and name not in of_losses | of_others:
            continue
        if name.accents[-1:] == (losses.GRADIENT,):
            found[name] = "gradient"
        elif name in network.rules:
            found[name] = (
                "loss" if is_loss(name) else "state" if name in carried
                else "output" if name in of_losses else "quantity"
            )  # fmt: skip
        elif name.arity:
            found[name] = "input" if name in of_others else "target"
        else:
            found[name] = "parameter"
    return found


def _used(network: Network, names: Iterator[Name]) -> frozenset[Name]:
    """What the rules of these names use, at whatever step."""
    return frozenset(v.name for name in names for rule in network.rules[name] for v in variables(rule.right))


# ---- sizes


def lettered(found: Understanding) -> Understanding:
    """The same with a letter for each size that the text does not name: n of the state, d of inputs, m of outputs.

    What the author declared stays, and a letter that is a name or an index of the text is no size.
    """
    values = letters_of(found.network, found.context.letters)
    if not values:
        return found
    for old, new in values.items():
        found.shapes.dims.unify(old, new)
    found.shapes.dims.fixed = frozenset(map(found.shapes.dims.find, found.shapes.dims.fixed))
    found.network = _with(values, found.network)
    found.forward = {position: _put(values, rule) for position, rule in found.forward.items()}
    generics = {name: _put(values, shape) for name, shape in found.context.generics.items()}
    found.context = replace(found.context, network=found.network, shapes=found.network.shapes, generics=generics)
    return found


def letters_of(network: Network, taken: frozenset[str]) -> dict[Symbol, Symbol]:
    """A letter for each unnamed size of a network. `taken` are letters that mean something else."""
    roles = roles_of(network)
    ordered = sorted(network.shapes, key=lambda name: [*LETTERS, roles.get(name)].index(roles.get(name)))
    sizes = [(name, s) for name in ordered for size in network.shapes[name] for s in _symbols(size)]
    known = {str(s) for _, s in sizes} | {name.base for name in network.shapes} | taken
    more = (letter for letter in (*MORE, *(f"n{i}" for i in range(1, len(sizes) + 1))) if letter not in known)
    found: dict[Symbol, Symbol] = {}
    for name, size in sizes:
        if UNNAMED.fullmatch(str(size)) and size not in found:
            usual = LETTERS.get(roles.get(name, ""), "")
            letter = usual if usual and usual not in known else next(more)
            known.add(letter)
            found[size] = symbols.size(letter)
    return found


def _symbols(size: Any) -> list[Symbol]:
    return sorted(size.free_symbols, key=lambda symbol: (len(str(symbol)), str(symbol)))


def _with(values: Mapping[Symbol, Symbol], network: Network) -> Network:
    return replace(
        network,
        rules={name: tuple(_put(values, rule) for rule in rules) for name, rules in network.rules.items()},
        shapes={name: _put(values, shape) for name, shape in network.shapes.items()},
        stacks={name: substitute(state, values) for name, state in network.stacks.items()},
    )


def _put(values: Mapping[Symbol, Symbol], of: Any) -> Any:
    """Other letters in a rule or in a shape."""
    if isinstance(of, tuple):
        return tuple(size.xreplace(values) for size in of)
    return replace(of, left=substitute(of.left, values), right=substitute(of.right, values))


def show(shape: Shape) -> str:
    """A shape for people: `n×d`, `a scalar`, `n×(d + n)`."""
    if shapes.is_scalar(shape):
        return shapes.show(shape)
    named = (re.sub(r"\bsize(\d+)", r"\1", str(size)) for size in shape)
    return "×".join(f"({size})" if " " in size else size for size in named)
