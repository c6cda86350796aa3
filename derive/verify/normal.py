r"""The ways of writing that mean the same, made one: `tanh` letter by letter, h(t) and h^t for h_t, σ_h(a), [h; x].

Everything here works on surface trees and keeps every node's place. What a document's habits are is in `Habits`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.errors import Span
from derive.reader.naming import bracketed
from derive.reader.surface import (
    Accent,
    Brackets,
    Empty,
    Fraction,
    Items,
    Letter,
    Node,
    Number,
    Operator,
    Relation,
    Row,
    Scripted,
    Terms,
    Word,
)
from derive.verify.losses import has_index, named_gradients, named_losses, without_arguments
from derive.verify.manner import Habits
from derive.verify.surfaces import function_name, head, rebuilt, row
from derive.verify.ways import quantity_like, side_by_side


def normal(node: Node, habits: Habits) -> Node:
    """The same formula in the one way of writing."""
    if isinstance(node, Relation):
        sides = (without_arguments(node.sides[0], habits), *node.sides[1:])
        node = replace(node, sides=tuple(map(_for_all, sides)))
    node = named_losses(node, habits)
    if habits.gradients:
        node = named_gradients(node, habits)
    return rebuilt(node, lambda part: _normal(part, habits))


def _normal(node: Node, habits: Habits) -> Node:
    match node:
        case Accent(name=name, body=body) if name in BOLD and not isinstance(body, Number):
            return node if isinstance(body, Letter) and body.text == "I" else body
        case Scripted(base=Row(items=items), sub=sub, sup=sup) if not node.primes:  # \\mathbf{Uh}_t
            last = Scripted(items[-1].span.to(node.span), items[-1], sub, sup)
            return Row(node.span, (*items[:-1], last))
        case Scripted(base=Scripted(base=inner, sub=first, sup=sup, primes=0), sub=second, sup=above) if (
            first is not None and second is not None and (sup is None or above is None)
        ):
            parts = (*(first.items if isinstance(first, Items) else (first,)), second)
            return Scripted(node.span, inner, Items(first.span.to(second.span), parts), sup or above, node.primes)
        case Scripted(base=Letter() | Accent(), sup=Operator(name="*") as sup):
            return replace(node, sup=Brackets(sup.span, "(", ")", Word(sup.span, "star")))
        case Scripted(sup=Accent(body=Letter(text="T")) | Word(text="T" | "t" | "top") as sup):
            return replace(node, sup=Letter(sup.span, "top"))
        case Scripted(base=Letter(text="e"), sub=None, sup=sup, primes=0) if sup is not None and not _transposed(sup):
            return Row(node.span, (Word(node.base.span, "exp"), Brackets(sup.span, "(", ")", sup)))
        case Scripted(base=Letter() | Accent(), sup=sup) if sup is not None and _label_above(sup, habits):
            label = "".join(part.text for part in sup.walk() if isinstance(part, Letter | Word | Number))
            return replace(node, sup=Brackets(sup.span, "(", ")", Word(sup.span, label)))
        case Scripted(base=Letter(text="T"), sub=Letter(text="x" | "y"), sup=None):
            return node.base  # the number of steps of an input or an output
        case Scripted(sub=Scripted(base=Letter() | Accent() as inner, sub=index, sup=None)) if index is not None and (
            has_index(index, habits) and head(node) not in ("nabla", "partial")
        ):
            parts = index.items if isinstance(index, Items) else (index,)
            counts = isinstance(inner, Letter) and inner.text in habits.letters  # h_{t_m}
            label_node = inner if counts else Word(inner.span, function_name(inner) or "")
            return replace(node, sub=Items(inner.span.to(index.span), (label_node, *parts)))
        case Fraction(top=top, bottom=bottom) if _numbered(top) is not top or _numbered(bottom) is not bottom:
            return _normal(replace(node, top=_numbered(top), bottom=_numbered(bottom)), habits)
        case Fraction(top=top, bottom=Row(items=items)) if place := _late_partial(top, items):
            before, after = row([i for i in items[:place] if not isinstance(i, Operator)]), row(items[place:])
            one = Fraction(node.span, Number(before.span, "1"), before)
            return Row(node.span, (one, Fraction(node.span, top, after)))
        case Scripted(sup=Items(items=items) as sup) if habits.above and any(_index_above(i, habits) for i in items):
            beside = tuple(Brackets(item.span, "(", ")", item) for item in items)  # δ^{out,t}
            return replace(node, sup=Items(sup.span, beside))
        case Scripted(sup=sup) if sup is not None and _index_above(sup, habits):
            return replace(node, sup=Brackets(sup.span, "(", ")", sup))
        case Row():
            return side_by_side(node, habits)
        case Brackets(body=Items(items=items)) if node.opening in "([" and all(map(quantity_like, items)):
            return node
    return node


def _for_all(side: Node) -> Node:
    """A side without the ∀ behind it."""
    if isinstance(side, Row):
        stop = next((i for i, item in enumerate(side.items) if isinstance(item, Letter) and item.text == "forall"), 0)
        return row(side.items[:stop]) if stop else side
    return side


BOLD = frozenset({"mathbf", "boldsymbol", "bm", "pmb", "vec"})


def _transposed(sup: Node) -> bool:
    return (isinstance(sup, Letter) and sup.text in ("T", "top", "intercal")) or bracketed(sup)


def _label_above(sup: Node, habits: Habits) -> bool:
    """Whether what stands above is neither a power nor a step: W^{xh}, W^o."""
    if isinstance(sup, Letter):
        return sup.text not in habits.letters and sup.text not in ("T", "top", "intercal", "prime", "dagger", "star")
    if isinstance(sup, Word):
        return sup.text not in ("T", "top")
    return (
        isinstance(sup, Row)
        and all(isinstance(part, Letter) for part in sup.items)
        and not any(isinstance(part, Letter) and part.text in habits.letters for part in sup.items)
    )


def _numbered(node: Node) -> Node:
    """∂s3 as ∂s_3: a number behind a letter that is differentiated."""
    match node:
        case Row(items=(Letter(text="partial") as d, Letter() as letter, Number() as number)):
            return replace(node, items=(d, Scripted(letter.span.to(number.span), letter, number, None)))
    return node


def _late_partial(top: Node, items: Sequence[Node]) -> int:
    r"""Where ∂ stands in `T \cdot \partial o`, below another ∂; 0 where it stands first, or nowhere."""
    first = top.items[0] if isinstance(top, Row) else top
    if not (isinstance(first, Letter) and first.text == "partial"):
        return 0
    return next((i for i, item in enumerate(items) if isinstance(item, Letter) and item.text == "partial"), 0)


def _index_above(sup: Node, habits: Habits) -> bool:
    match sup:
        case Letter(text=letter):
            return letter in habits.above
        case Terms(summands=(Letter(text=letter), Number())):
            return letter in habits.above or (letter == habits.horizon and bool(habits.above))
    return False


def nothing(span: Span) -> Empty:
    return Empty(span)
