"""The one printer: the structure of an expression as text, in the alphabet of a style.

A product of matrices over an index shows its first and last factors; a product within ⊙, a sum in a product: brackets.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Integer, Symbol
from sympy.printing.printer import Printer

from derive.algebra import shapes
from derive.algebra.build import scalar_of_vectors, substitute
from derive.algebra.expressions import (
    Add,
    Apply,
    Blocks,
    Chain,
    Derivative,
    Diag,
    Entry,
    Expression,
    Hadamard,
    Identity,
    MatrixPower,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Softmax,
    SquaredNorm,
    State,
    Sum,
    Transpose,
    Variable,
)
from derive.algebra.names import Function
from derive.calculus.rewrite import is_negative, without_sign
from derive.render.styles import Latex, Style, Unicode


class FormulaPrinter(Printer):
    """Prints expressions in a style; `doprint` is the entry (SymPy's dispatch by class finds the method)."""

    printmethod = "_formula"

    def __init__(self, style: Style) -> None:
        super().__init__()
        self.style = style
        self.signs = style.signs

    def emptyPrinter(self, expression: object) -> str:
        raise TypeError(f"nothing says how to print {type(expression).__name__}")

    def index(self, expression: Expr) -> str:
        """An index or a size: `t-1`, `k+1`, `2n`."""
        constant, rest = expression.as_coeff_Add()
        terms = [(factor, symbol) for symbol, factor in rest.as_coefficients_dict().items() if symbol != 1]
        text = ""
        for factor, symbol in sorted(terms, key=lambda term: (bool(term[0] < 0), str(term[1]))):
            number = "" if abs(factor) == 1 else str(abs(factor))
            text += ("-" if factor < 0 else "+" if text else "") + number + self.style.letter(str(symbol))
        if text and constant == 0:
            return text
        return f"{text}{int(constant):+d}" if text else str(constant)

    def _print_Variable(self, node: Variable, above: str = "", place: str = "") -> str:
        name = node.name
        indices = ",".join(self.index(index) for index in node.indices)
        label = self.style.label(name.label)
        parts = ("" if name.raised else label, "" if name.time_above else indices, place)
        below = ",".join(part for part in parts if part)
        top = (f"({label})" if name.raised else "") + (f"({indices})" if name.time_above and indices else "")
        text = self.style.name(name) + (self.style.sup(top + above) if top else "")
        text += self.style.sub(below) if below else ""
        return text + (self.style.sup(above) if above and not top else "")

    def _print_State(self, node: State) -> str:
        return self.style.name(node.args[0]) + self.style.sub(self.index(node.time))

    def _print_Blocks(self, node: Blocks) -> str:
        plain = not all(shapes.is_scalar(part.shape) for row in node.rows for part in row)
        clear = [any(not isinstance(part, Number) for part in row) for row in node.rows]
        across = [any(not isinstance(part, Number) for part in column) for column in zip(*node.rows, strict=True)]
        rows = [
            [self._block(part, sized=plain and not (clear[i] and across[j])) for j, part in enumerate(row)]
            for i, row in enumerate(node.rows)
        ]
        return self.style.blocks(rows)

    def _block(self, part: Expression, *, sized: bool) -> str:
        """A block; a 0 bears its size where no block beside it and none above or below it says it."""
        if isinstance(part, Number) and part.value == 0 and sized:
            return self._print(part) + self.style.sub(self.signs["by"].join(map(self.index, part.shape)))
        return self._print(part)

    def _print_Entry(self, node: Entry) -> str:
        """W_{ij}, δ_{t,i}; of what has no name of its own in square brackets."""
        body, *place = node.args
        if isinstance(body, Variable):
            return self._print_Variable(body, place=self._places(place))
        return self.style.square(self._print(body)) + self.style.sub(self._places(place))

    def _places(self, place: Sequence[Expr]) -> str:
        """`ij` where each index is one letter, `i,j+1` else."""
        texts = [self.index(index) for index in place]
        return ("" if all(len(text) == 1 and text.isalpha() for text in texts) else ",").join(texts)

    def _print_Number(self, node: Number) -> str:
        if shapes.is_scalar(node.shape) or node.value != 1:
            return self._rational(node)
        row = self.style.sup(self.signs["transpose"]) if node.shape[0] == 1 else ""
        return self.signs["ones"] + row

    def _rational(self, node: Number) -> str:
        size = abs(node.value)
        text = str(size) if size.q == 1 else self.style.fraction(str(size.p), str(size.q))
        return ("-" if node.value < 0 else "") + text

    def _print_Identity(self, node: Identity) -> str:
        return "I" + self.style.sub(self.index(node.args[0]))

    def _print_Add(self, node: Add) -> str:
        text = ""
        for position, term in enumerate(node.args):
            negative = is_negative(term)
            sign = " - " if negative else " + "
            text += sign.strip() if position == 0 and negative else "" if position == 0 else sign
            text += self.term(without_sign(term) if negative else term)
        return text

    def term(self, node: Expression) -> str:
        """A summand; a whole array of a number is written as the number (1 - z_t)."""
        if isinstance(node, Number) and not shapes.is_scalar(node.shape):
            return self._rational(node)
        return self.style.brackets(self._print(node)) if isinstance(node, Add) else self._print(node)

    def _print_Product(self, node: Product) -> str:
        first, *rest = node.args
        if first == Number(-1) and rest:
            return "-" + self.juxtaposed(rest)
        return self.juxtaposed(node.args)

    def juxtaposed(self, factors: Sequence[Expression]) -> str:
        group = scalar_of_vectors(factors)
        if 0 < group < len(factors):
            return f"{self.style.brackets(self.juxtaposed(factors[:group]))} {self.juxtaposed(factors[group:])}"
        texts = []
        for position, factor in enumerate(factors):
            bracketed = self._is_loose(factor) or (_is_open(factor) and position < len(factors) - 1)
            text = self._print(factor)
            texts.append(self.style.brackets(text) if bracketed else text)
        return " ".join(texts)

    def _is_loose(self, factor: Expression) -> bool:
        """Whether a factor of a product needs brackets; a fraction that is set as one shows its extent."""
        set_as_one = isinstance(factor, Quotient) and _is_fraction(factor) and not isinstance(self.style, Unicode)
        return isinstance(factor, Add | Hadamard | Quotient | Product) and not set_as_one

    def _print_Hadamard(self, node: Hadamard) -> str:
        return self.signs["times"].join(self._operand(factor) for factor in node.args)

    def _operand(self, factor: Expression) -> str:
        open_ended = isinstance(factor, Add | Product | Hadamard | Quotient) or _is_open(factor)
        text = self._print(factor)
        return self.style.brackets(text) if open_ended else text

    def _print_Quotient(self, node: Quotient) -> str:
        top, bottom = node.args
        if _is_fraction(node):
            return self.style.fraction(self._print(top), self._print(bottom))
        top_text = "1" if isinstance(top, Number) and top.value == 1 else self._operand(top)
        return top_text + self.signs["over"] + self._operand(bottom)

    def _print_Transpose(self, node: Transpose) -> str:
        body = node.args[0]
        if isinstance(body, Variable):
            return self._print_Variable(body, self.signs["transpose"])
        return self.style.brackets(self._print(body)) + self.style.sup(self.signs["transpose"])

    def _print_Power(self, node: Power) -> str:
        base, exponent = node.args
        above = str(exponent) if shapes.is_column(base.shape) else self.signs["entrywise"] + str(exponent)
        if (
            isinstance(base, Apply)
            and base.function.name in self.style.functions
            and exponent > 0
            and not base.function.order
        ):
            return self.function(base.function) + self.style.sup(above) + self.style.brackets(self._print(base.body))
        return self._powered(base, above)

    def _print_MatrixPower(self, node: MatrixPower) -> str:
        base, exponent = node.args
        if str(exponent) == "T":  # W^T is a transpose to every reader
            return f"{self._bounded('product', Symbol('j'), Integer(1), exponent)} {self._factor(base)}"
        return self._powered(base, self.index(exponent))

    def _powered(self, base: Expression, above: str) -> str:
        if isinstance(base, Norm) and not isinstance(base.args[0], Product):
            return self._print(base) + self.style.sup(above)
        if isinstance(base, Variable) and not base.name.has_superscript:
            return self._print_Variable(base, above)
        if isinstance(base, Entry) and isinstance(base.body, Variable) and not base.body.name.has_superscript:
            return self._print_Variable(base.body, above, self._places(base.args[1:]))
        return self.style.brackets(self._print(base)) + self.style.sup(above)

    def _print_Diag(self, node: Diag) -> str:
        return self.style.functions["diag"] + self.style.brackets(self._print(node.args[0]))

    def _print_Softmax(self, node: Softmax) -> str:
        return self.style.functions["softmax"] + self.style.brackets(self._print(node.args[0]))

    def _print_Apply(self, node: Apply) -> str:
        if node.function == Function("sqrt"):
            return self.style.root(self._print(node.body))
        if node.function == Function("relu", 1):
            return self.signs["ones"] + self.style.square(f"{self._print(node.body)} > 0")
        if node.function.name == "log" and isinstance(node.body, Variable) and node.function.order == 0:
            return f"{self.function(node.function)} {self._print(node.body)}"
        return self.function(node.function) + self.style.brackets(self._print(node.body))

    def function(self, function: Function) -> str:
        name = self.style.functions.get(function.name) or self.style.letter(function.name)
        return name + ("'" if isinstance(self.style, Latex) else "′") * function.order

    def _print_Norm(self, node: Norm) -> str:
        if isinstance(node.args[0], Variable) and not shapes.is_column(node.args[0].shape):
            return self.signs["largest"] + self.style.brackets(self._print(node.args[0]))
        if shapes.is_scalar(node.args[0].shape):
            return self.style.magnitude(self._print(node.args[0]))
        return self.style.norm(self._print(node.args[0]))

    def _print_SquaredNorm(self, node: SquaredNorm) -> str:
        return self.style.norm(self._print(node.args[0])) + self.style.sup("2")

    def _print_Sum(self, node: Sum) -> str:
        body, index, lower, upper = node.args
        inner = self.style.brackets(self._print(body)) if isinstance(body, Add) else self._print(body)
        return f"{self._bounded('sum', index, lower, upper)} {inner}"

    def _bounded(self, sign: str, index: Expr, lower: Expr, upper: Expr) -> str:
        below, above = f"{self.index(index)}={self.index(lower)}", self.index(upper)
        return f"{self.signs[sign]}_{{{below}}}^{{{above}}}"

    def _print_Chain(self, node: Chain) -> str:
        """First and last factor of matrices; of scalars, whose order does not matter, ∏."""
        body, index, lower, upper, descending = node.args
        if shapes.is_scalar(body.shape):
            return self.style.brackets(f"{self._bounded('product', index, lower, upper)} {self._factor(body)}")
        first, last = (upper, lower) if descending else (lower, upper)
        factors = [substitute(body, {index: end}) for end in (first, last)]
        if (upper - lower).is_Integer and upper - lower < 1:  # one factor, or none
            return self._factor(factors[0]) if upper == lower else self._print(Identity(node.shape[0]))
        return self.signs["dots"].join(self._factor(factor) for factor in factors)

    def _factor(self, factor: Expression) -> str:
        """What is repeated in a product: a sum needs brackets."""
        loose = isinstance(factor, Add | Hadamard) or is_negative(factor)
        return self.style.brackets(self._print(factor)) if loose else self._print(factor)

    def _print_Derivative(self, node: Derivative) -> str:
        partial = self.signs["immediate" if node.is_immediate else "partial"]
        space = " " if isinstance(self.style, Latex) else ""
        text = self.style.fraction(
            f"{partial}{space}{self._print(node.top)}", f"{self.signs['partial']}{space}{self._print(node.bottom)}"
        )
        if node.held and not node.is_immediate:
            return self.style.at(text, ", ".join(self._print(part) for part in node.held))
        return text


def _is_fraction(node: Quotient) -> bool:
    return shapes.is_scalar(node.args[1].shape)


def _is_open(factor: Expression) -> bool:
    """Whether a factor would swallow what follows it: Σ, and a logarithm without brackets."""
    return isinstance(factor, Sum) or (isinstance(factor, Apply) and factor.function.name == "log")


LATEX, UNICODE = FormulaPrinter(Latex()), FormulaPrinter(Unicode())


def latex(expression: Expression) -> str:
    """LaTeX with amsmath."""
    return str(LATEX.doprint(expression))


def unicode(expression: Expression) -> str:
    """One line for a terminal."""
    return str(UNICODE.doprint(expression))
