r"""Expressions in one short line, wholly bracketed, and contexts made of declarations: for tables of tests."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from sympy import Expr, Integer

from derive.algebra import expressions as e
from derive.algebra import symbols
from derive.algebra.expressions import Expression, Variable
from derive.algebra.shapes import Shape
from derive.errors import Source
from derive.models.model import Model
from derive.models.statements import Declaration, classify
from derive.reader.context import Context
from derive.reader.parse import parse
from derive.reader.resolve import resolve
from derive.reader.statements import read_statements

DECLARED = r"""
W, A_t, W_{hh} \in \mathbb{R}^{n \times n}
U \in \mathbb{R}^{n \times d}, V \in \mathbb{R}^{m \times n}
x_t \in \mathbb{R}^{d}, o_t, \bar{o}_t, \bar{o} \in \mathbb{R}^{m}
s_t, a_t, b, h^{(t)}, \mathbf{h}_t \in \mathbb{R}^{n}
L, L_t, \lambda, w \in \mathbb{R}
"""


def context(
    text: str, declared: str = DECLARED, letters: Iterable[str] = "tTkji", functions: Iterable[str] = "fg"
) -> Context:
    """A context in which s_{t-1} is the state before step t, so that ∂⁺ has a meaning."""
    bare = Context(Source("declared", declared), {}, frozenset(letters))
    statements = classify(read_statements(bare.source).statements, bare)
    shapes = {s.reading.name: s.shape for s in statements if isinstance(s, Declaration)}
    state = next((name for name in shapes if name.plain == "s"), None)
    return Context(
        Source("t", text),
        shapes,
        frozenset(letters),
        frozenset(functions),
        bounds={"t": (Integer(1), symbols.index("T"))},
        held=lambda top, bottom: (Variable(state, (top.time - 1,), shapes[state]),),
    )


def network_context(model: Model, introduced: Iterable[Variable] = (), bound: Iterable[str] = ()) -> Context:
    """What the names of a network mean, and the names of a form: δ by its shape, S_t by its parts, ∂⁺ by what it holds.

    `bound` are the index letters of a formula beside the network's own.
    """
    starts = [start.variable for start in model.starts]
    known = [*model.parameters, *model.inputs, *starts, *(s.left for s in model.steps), model.loss.left, *introduced]
    letters = {str(model.time), str(model.horizon), *bound}
    stacks: dict[object, Callable[[Expr], Expression]] = {}
    if len(model.carried) > 1:
        stacks[model.state_name] = model.state
    return Context(
        Source("printed", ""),
        {variable.name: variable.shape for variable in known},
        frozenset(letters),
        frozenset(model.functions),
        bounds={str(model.time): (Integer(1), model.horizon)},
        held=model.held,
        stacks=stacks,
    )


def meaning(text: str, where: Context | None = None, shape: Shape | None = None) -> Expression:
    """What a text stands for; `shape` is that of the other side of its equation, which a 0 or I may take from there."""
    where = context(text) if where is None else replace(where, source=Source("t", text))
    return resolve(parse(where.source), where, shape)


def show(node: Expression) -> str:
    """`(W s[t])` a product, `(a ⊙ b)`, `Wᵀ`, `∏↓[j=1..t]` from t down to 1, `1:n×1` a column of ones, `d(s)/d(W)`."""
    parts = [show(a) for a in node.args if isinstance(a, Expression)]
    match node:
        case e.Variable():
            return node.name.plain + (f"[{','.join(map(_index, node.indices))}]" if node.indices else "")
        case e.Number():
            return str(node.value) + ("" if node.shape == (1, 1) else ":" + "×".join(map(str, node.shape)))
        case e.Add():
            return f"({' + '.join(parts)})"
        case e.Product():
            return f"({' '.join(parts)})"
        case e.Hadamard():
            return f"({' ⊙ '.join(parts)})"
        case e.Quotient():
            return f"({' / '.join(parts)})"
        case e.Transpose():
            return f"{parts[0]}ᵀ"
        case e.Power():
            return f"{parts[0]}^{node.args[1]}"
        case e.MatrixPower():
            return f"{parts[0]}**({_index(node.args[1])})"
        case e.Apply():
            return f"{node.function}({parts[0]})"
        case e.Sum():
            _, index, lower, upper = node.args
            return f"Σ[{index}={_index(lower)}..{_index(upper)}]{parts[0]}"
        case e.Chain():
            _, index, lower, upper, falling = node.args
            return f"∏{'↓' if falling else '↑'}[{index}={_index(lower)}..{_index(upper)}]{parts[0]}"
        case e.Identity():
            return f"I:{_index(node.args[0])}"
        case e.Derivative():
            held = ", ".join(map(show, node.held))
            return f"d({show(node.top)})/d({show(node.bottom)})" + (f"|{held}" if held else "")
        case e.Blocks():
            return f"[{'; '.join(', '.join(map(show, row)) for row in node.rows)}]"
        case e.Entry():
            return f"{parts[0]}[{','.join(map(_index, node.args[1:]))}]"
    return f"{type(node).__name__.lower()}({', '.join(parts)})"


def _index(index: Expr) -> str:
    constant, rest = index.as_coeff_Add()
    if rest == 0:
        return str(constant)
    return str(rest).replace(" ", "") + (f"{int(constant):+d}" if constant else "")
