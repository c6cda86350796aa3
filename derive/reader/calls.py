r"""Stage 2 for functions and their arguments: f(a), \tanh^2(c), \log x y, σ_max(W), and 1[a > 0], the slope of ReLU."""

from __future__ import annotations

from collections.abc import Sequence

from derive.algebra import build, shapes
from derive.algebra.expressions import Apply, Expression, Norm
from derive.algebra.generic import Generic
from derive.algebra.names import Function
from derive.reader.context import Context, call, function_of
from derive.reader.entries import with_scripts
from derive.reader.naming import bracketed, index_expression
from derive.reader.scripts import raised
from derive.reader.sizes import VECTORS, Resolve
from derive.reader.surface import Accent, Brackets, Items, Letter, Node, Number, Relation, Row, Scripted, Word

ARGUMENTS = frozenset({"(", "["})


def is_callable(item: Node, context: Context) -> bool:
    """Whether an item applies to what follows it: a function, or σ_max."""
    return _function(item, context) is not None or _is_largest(item, context)


def argument_count(following: Sequence[Node]) -> int:
    """How much of what follows a function is its argument: brackets alone, or all."""
    return 1 if following and _brackets(following[0]) is not None else len(following)


def applied_to(item: Node, arguments: Sequence[Node], context: Context, resolve: Resolve) -> Expression:
    """A function with its argument: brackets, or for \\log and the like all that follows in the product."""
    if not arguments:
        raise context.error(item, "this function stands here without an argument", "its argument in brackets")
    whole = Row(item.span.to(arguments[-1].span), (item, *arguments))
    brackets = _brackets(arguments[0]) if len(arguments) == 1 else None
    if brackets is not None and isinstance(brackets.body, Items):
        return _generic(item, brackets.body, whole, context, resolve)
    if brackets is not None:
        argument = resolve(brackets.body, context)
    elif len(arguments) == 1:
        argument = resolve(arguments[0], context)
    else:
        argument = resolve(Row(arguments[0].span.to(arguments[-1].span), tuple(arguments)), context)
    found = _largest(argument, whole, context) if _is_largest(item, context) else None
    primes, power = _marks(item)
    if found is None:
        name = _function(item, context)
        assert name is not None
        found = call(name, primes, argument, whole, context)
    found = _powered(found, power, item, context)
    after = arguments[0] if brackets is not None else None
    return with_scripts(found, after, context) if isinstance(after, Scripted) else found


def _generic(item: Node, arguments: Items, whole: Node, context: Context, resolve: Resolve) -> Expression:
    """A function of several arguments. Error: DeriveError where the text has none of that name."""
    name = _function(item, context)
    if name is None or name not in context.generics or _marks(item) != (0, None):
        raise context.error(whole, "a function of several arguments is not understood here", "one argument")
    return Generic(Function(name), context.generics[name], (), *(resolve(part, context) for part in arguments.items))


def _marks(item: Node) -> tuple[int, Node | None]:
    """The primes and the superscript of a function, in braces or not: f'^2, {f'}^2."""
    primes, power = 0, None
    while isinstance(item, Scripted):
        primes, power, item = primes + item.primes, power or item.sup, item.base
    return primes, power


def _powered(found: Expression, power: Node | None, item: Node, context: Context) -> Expression:
    r"""f^2(x) is f(x)^2. Error: DeriveError for f^{-1}, perhaps the inverse, and f^{(2)}, perhaps a derivative."""
    if power is None:
        return found
    exponent = index_expression(power, context.letters)
    if bracketed(power) or (exponent is not None and exponent.is_negative):
        raise context.error(power, "this can be a power or something else of the function",
                            hint="a power outside, (f(x))^{-1}; a prime for a derivative, f''(x)")  # fmt: skip
    return raised(found, (power,), item, context)


def _function(item: Node, context: Context) -> str | None:
    """The function that an item names, itself or with a power or primes above: f, f', \\tanh^2."""
    return function_of(item, context) or (
        function_of(item.base, context) if isinstance(item, Scripted) and item.sub is None else None
    )


def _brackets(item: Node) -> Brackets | None:
    """The brackets of `(x)` or of `(x)^{\\top}` after a function."""
    if isinstance(item, Scripted):
        item = item.base
    return item if isinstance(item, Brackets) and item.opening in ARGUMENTS else None


# ---- the largest singular value


def _is_largest(item: Node, context: Context) -> bool:
    r"""`\sigma_{\max}`, unless the document has a quantity of that name."""
    match item:
        case Scripted(base=Letter(text="sigma"), sub=Word(text="max"), primes=0):
            known = (*context.shapes, *context.expected)
            return not any(name.base == "sigma" and "max" in name.label for name in known)
    return False


def _largest(argument: Expression, node: Node, context: Context) -> Expression:
    if shapes.is_column(argument.shape) or len(argument.shape) != 2:
        raise context.error(node, f"σ_max is of a matrix, this is {shapes.show(argument.shape)}")
    return Norm(argument)


# ---- the slope of ReLU


def condition(item: Node, following: Node | None = None) -> Relation | None:
    r"""What is asked in `\mathbf{1}[a > 0]` or `\mathbf{1}_{a > 0}`; None where nothing is."""
    asked = None
    match item:
        case Scripted(base=Accent(name=name, body=Number(text="1")), sub=sub, primes=0) if name in VECTORS:
            asked = sub
        case Accent(name=name, body=Number(text="1")) if name in VECTORS:
            asked = following.base if isinstance(following, Scripted) else following
    if isinstance(asked, Brackets):
        asked = asked.body
    return asked if isinstance(asked, Relation) else None


def slope_of_relu(asked: Relation, context: Context, resolve: Resolve) -> Expression:
    """1 where the condition holds, entry by entry, else 0. Error: DeriveError for another condition than a > 0."""
    equal = context.equal(asked) if asked.relations == ("=",) else None
    if equal is not None:
        return equal
    sides = asked.sides if asked.relations == (">",) else asked.sides[::-1] if asked.relations == ("<",) else ()
    if len(sides) != 2 or not build.is_zero(resolve(sides[1], context)):
        raise context.error(asked, "only a comparison with 0 is understood here", "a_t > 0")
    return Apply(Function("relu", 1), resolve(sides[0], context))
