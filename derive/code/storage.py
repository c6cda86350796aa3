"""Where the quantities of a network stand in a program: their names in code, their arrays, the steps of these."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Expr, Symbol

from derive.algebra.expressions import Variable
from derive.algebra.names import Name
from derive.code.arrays import NoCode

RESERVED = frozenset({*keyword.kwlist, "np", "torch", "jax", "jnp", "t", "T", "B", "params", "xs", "ys", "state0",
                      "loss", "kept", "grads", "forward", "gradients", "sigmoid", "softmax", "log_softmax", "inner",
                      "outer", "print", "sum", "range", "zip"})  # fmt: skip


def identifier(text: str) -> str:
    """A name as Python may have it: letters and digits, beginning with a letter."""
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in text)
    return plain if plain[:1].isalpha() else f"q{plain}"


def identifiers(names: Iterable[Name], reserved: Iterable[str] = ()) -> dict[Name, str]:
    """Names as Python has them, each another: `W_f`, `c_tilde`, `lambda_`."""
    found: dict[Name, str] = {}
    taken = {*RESERVED, *reserved}
    for name in names:
        plain = text = identifier(name.plain)
        while text in taken:
            text = f"{text}_" if text == plain else f"{plain}{len(taken)}"
        taken.add(text)
        found[name] = text
    return found


@dataclass(frozen=True)
class Place:
    """An array of all steps: `before` entries stand before that of the first step, `after` behind that of the last.

    `rows` are those of the last axis that belong to the quantity, where it shares the array with others.
    """

    array: str
    before: int = 0
    after: int = 0
    rows: str = ""


@dataclass
class Storage:
    """Spells quantities: at the step t of a loop (`at_step`), at all steps at once (`everywhere`).

    `local` are those that have a name of their own within the loop.
    """

    time: Symbol
    named: Mapping[Name, str]
    places: dict[Name, Place] = field(default_factory=dict)
    local: dict[Name, str] = field(default_factory=dict)

    def at_step(self, quantity: Variable) -> str:
        """Within a loop over t = 0, …, T - 1, where t is the step t + 1 of the formulas."""
        if quantity.time is None:
            return self.named[quantity.name]
        if quantity.time == self.time and quantity.name in self.local:
            return self.local[quantity.name]
        place, index = self._place(quantity)
        steps = f"t + {index}" if index else "t"
        return f"{place.array}[{steps}, :, {place.rows}]" if place.rows else f"{place.array}[{steps}]"

    def everywhere(self, quantity: Variable) -> str:
        """At all steps, in an array whose first axis has them."""
        if quantity.time is None:
            return self.named[quantity.name]
        place, first = self._place(quantity)
        extra = place.before + place.after
        steps = "" if not extra else f"{first}:" if first == extra else f"{first}:T + {first}" if first else ":T"
        if place.rows:
            return f"{place.array}[{steps or ':'}, :, {place.rows}]"
        return f"{place.array}[{steps}]" if steps else place.array

    def _place(self, quantity: Variable) -> tuple[Place, int]:
        """The array of a quantity, and the entry that belongs to the first step."""
        place = self.places.get(quantity.name) or Place(self.named[quantity.name])
        index = place.before + int(quantity.time - self.time)
        if not 0 <= index <= place.before + place.after:
            raise NoCode(f"{quantity} stands at a step for which a program has no value")
        return place, index


def size(value: Expr) -> str:
    """A size as code: n, 2 * n, n + d."""
    return str(value).replace("*", " * ")


def rows(start: Expr, stop: Expr, last: bool) -> str:
    """A range of rows as it stands in brackets."""
    return f"{size(start) if start != 0 else ''}:{'' if last else size(stop)}"


def sizes(symbols: Sequence[Symbol], holders: Iterable[Variable], named: Mapping[Name, str]) -> Iterator[str]:
    """A line for each size, from a parameter that has it."""
    known = list(holders)
    for symbol in symbols:
        for holder in known:
            shape = [each for each in holder.shape if each != 1]
            if symbol in shape:
                yield f"{symbol} = {named[holder.name]}.shape[{shape.index(symbol)}]"
                break
        else:
            raise NoCode(f"no parameter is of the size {symbol}")
