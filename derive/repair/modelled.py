"""The network of a text as a model, of which the program derives all that it derives of its own."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Integer

from derive.algebra.expressions import Expression, Sum, Variable
from derive.algebra.generic import Generic
from derive.algebra.names import Name
from derive.errors import Source
from derive.models.model import Model, variables, walk
from derive.models.read import read_model
from derive.render.forms import space_latex
from derive.repair.writing import printed
from derive.verify.network import Network, Rule


def as_model(network: Network) -> Model:
    """The network of a text, read again as a network of a file is. Error: DeriveError where it is none of those.

    Where nothing is said of its loss, one that reads the state stands in; what is true of that one alone is not true
    of the text, as whoever asks must check.
    """
    generic = [rule for rules in network.rules.values() for rule in rules if not _at_a_number(rule)]
    written = [rule for rule in generic if not _is_open(rule)]
    used = {variable.name for rule in written for variable in variables(rule.right)} - {r.left.name for r in generic}
    given = [_at_any_step(network, name) for name in network.shapes if name in used]
    given += [Variable(name, (network.time * 0,), network.shapes[name]) for name, _ in network.carried]
    lines = [rf"{printed(each)} \in {space_latex(each)}" for each in given]
    lines += [f"{printed(rule.left)} = {printed(_from_one(rule.right))}" for rule in written]
    if len(written) < len(generic):
        lines += _loss(network, {rule.left.name for rule in generic} - {rule.left.name for rule in written})
    lines += [rf"\mathbf{{1}}^{{\top}} {printed(_at_any_step(network, name))} = 1" for name in network.sums_to_one]
    return read_model(Source("the network of the text", "\n".join(lines)))


def _at_a_number(rule: Rule) -> bool:
    return any(index.is_Integer for index in rule.left.indices)


def _from_one(right: Expression) -> Expression:
    """A sum over the steps from 0 as one from 1: a network of a file has no other. It is checked what then holds."""
    match right:
        case Sum(args=(body, letter, lower, upper)) if lower == 0:
            return Sum(body, letter, Integer(1), upper)
    return right


def _is_open(rule: Rule) -> bool:
    """Whether a text does not say what a quantity is, only of what it is a function."""
    return any(isinstance(node, Generic) for node in walk(rule.right))


def _at_any_step(network: Network, name: Name) -> Variable:
    return Variable(name, (network.time,) * name.arity, network.shapes[name])


def _loss(network: Network, open_names: set[Name]) -> Iterator[str]:
    """A loss that reads the state, in the place of one that is left open."""
    steps = [name for name in open_names if name.arity and name.base == "L"]
    of_step = printed(_at_any_step(network, steps[0])) if steps else f"L_{network.time}"
    squares = [rf"\lVert {printed(_at_any_step(network, name))} \rVert^2" for name, _ in network.carried]
    yield rf"{of_step} = \frac{{1}}{{2}} ({' + '.join(squares)})"
    if not any(name.base == "L" and not name.arity for name in set(network.rules) - open_names):
        yield rf"L = \sum_{{{network.time}=1}}^{{T}} {of_step}"
