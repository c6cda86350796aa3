"""Inequalities as people write them, σ_max(W), ‖x‖_∞, f ∈ (0, 1), brought to small ≤ large in the reader's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.errors import Span
from derive.reader.surface import (
    Big,
    Brackets,
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
from derive.verify import normal
from derive.verify.normal import function_name
from derive.verify.survey import BOUND, Formula

LARGEST = frozenset({"sigma_max", "sigma_1", "s_max", "sigma_text{max}"})
"""σ_max(W), the largest singular value: the norm."""
RADIUS = frozenset({"rho", "lambda_max", "lambda_1"})
"""ρ(W), the largest modulus of an eigenvalue, which bounds no norm."""
OVER = frozenset({"sup", "max"})
ARGUMENT = "z"
"""The letter for the argument of a function that stands without one."""
CONDITION = re.compile(
    r"\b(if|when(ever)?|assum\w*|suppos\w*|let|provided|require[sd]?|need|want|ensure|unless|only if|as long as"
    r"|for (large|small|positive|negative)"
    r"|wenn|falls|sei(en)?|angenommen|si|lorsque|supposons|soit|если|пусть|при|когда)\b"
    r"|[若设当令]|假设|如果|只要|需要|要求",
    re.IGNORECASE,
)
HEDGE = re.compile(
    r"\b(usually|typically|often|generally|mostly|in practice|in der Regel|meist\w*|généralement|souvent|обычно)\b"
    r"|通常|一般|大多|往往",
    re.IGNORECASE,
)
"""Words by which what is said is not said of every case."""
AFTER = re.compile(r"\s*[$)\]\\]*\s*(时|的时候|则|的情况)")
CLAUSE = re.compile(r"[.;:,。；：，、)）]\s*|\b(then|so|hence|thus|therefore|dann|alors|то)\b|[则那]")


@dataclass(frozen=True)
class Goal:
    """small ≤ large, or < where `strict`."""

    small: Node
    large: Node
    strict: bool


def goals(formula: Formula) -> tuple[Goal, ...]:
    """What a formula says, one inequality after the other; nothing where it compares no two quantities."""
    link = formula.link
    left = prepared(link.left)
    if isinstance(left, Items):
        return ()
    if link.relation == "in":
        return tuple(_within(left, link.right))
    right = prepared(link.right)
    if link.relation in ("le", "<"):
        return (Goal(_without_sup(left), right, link.relation == "<"),)
    if link.relation in ("ge", ">"):
        return (Goal(_without_sup(right), left, link.relation == ">"),)
    return ()


def _within(inside: Node, interval: Node) -> Iterator[Goal]:
    """a ∈ (l, u] as l < a and a ≤ u; an end that is not finite says nothing."""
    if not isinstance(interval, Brackets) or not isinstance(interval.body, Items) or len(interval.body.items) != 2:
        return
    low, high = interval.body.items
    if not _endless(low):
        yield Goal(low, inside, interval.opening != "[")
    if not _endless(high):
        yield Goal(inside, high, interval.closing != "]")


def _endless(node: Node) -> bool:
    return any(isinstance(part, Letter) and part.text == "infty" for part in node.walk())


# ---- one way of writing


def prepared(node: Node) -> Node:
    """A side in the reader's language."""
    if isinstance(node, Items) and isinstance(node.items[0], Row | Letter):
        first = node.items[0].items[0] if isinstance(node.items[0], Row) else node.items[0]
        if isinstance(first, Letter) and first.text == "forall":
            node = node.items[-1] if len(node.items) == 2 else replace(node, items=node.items[1:])
    return normal.rebuilt(node, _change)


def _change(node: Node) -> Node:
    match node:
        case Scripted(base=Brackets(opening="‖") as norm, sub=sub, sup=sup) if _is_infinite(sub):
            return _with_power(_largest_entry(norm), sup, node.span)
        case Scripted(base=Brackets(opening="‖" | "|"), sup=Brackets(opening="(", body=body)):
            return replace(node, sup=body)  # ‖W‖^{(i-j)} is a power: a norm has no step
        case Row():
            return normal.row(_matrices(node.items))
    return node


def _is_infinite(sub: Node | None) -> bool:
    return isinstance(sub, Letter) and sub.text == "infty"


def _largest_entry(norm: Brackets) -> Node:
    """‖v‖_∞, the largest entry of a vector, is the norm of diag(v); diag refuses a matrix, whose ‖·‖_∞ is another."""
    word = Word(norm.span, "diag")
    return replace(norm, body=Row(norm.span, (word, Brackets(norm.body.span, "(", ")", norm.body))))


def _with_power(base: Node, sup: Node | None, span: Span) -> Node:
    return base if sup is None else Scripted(span, base, None, sup)


def _matrices(items: Sequence[Node]) -> list[Node]:
    r"""σ_max(W) as ‖W‖, ρ(W) as one name, f'(\cdot) as f'."""
    made: list[Node] = []
    rest = list(items)
    while rest:
        item = rest.pop(0)
        after = rest[0] if rest else None
        brackets = after.base if isinstance(after, Scripted) else after
        if isinstance(brackets, Brackets) and brackets.opening in "([" and after is not None:
            name = _plain(item)
            if isinstance(brackets.body, Operator) and brackets.body.name == "cdot":
                rest.pop(0)
            elif name in LARGEST:
                norm: Node = Brackets(item.span.to(brackets.span), "‖", "‖", brackets.body)
                rest[0] = replace(after, base=norm) if isinstance(after, Scripted) else norm
                continue
            elif name in RADIUS:
                made.append(Word(item.span.to(after.span), f"radius of {_letters(brackets.body)}"))
                rest.pop(0)
                continue
        made.append(item)
    return made


def _plain(node: Node) -> str:
    return function_name(node) or ""


def _letters(node: Node) -> str:
    return "".join(part.text for part in node.walk() if isinstance(part, Letter | Word | Number))


def _without_sup(node: Node) -> Node:
    """sup_k ‖J_k‖ ≤ ρ says the same as ‖J_k‖ ≤ ρ for all k."""
    match node:
        case Row(items=(Word() | Big() | Scripted() as first, *rest)) if rest and supremum(first):
            return normal.row(rest)
    return node


def supremum(node: Node) -> bool:
    base = node.base if isinstance(node, Scripted) else node
    return (isinstance(base, Word) and base.text in OVER) or (isinstance(base, Big) and base.name in OVER)


def with_argument(node: Node, functions: frozenset[str], alone: bool) -> Node:
    """f and f' that stand without argument, with one; f' only where nothing else stands in the formula (`alone`)."""

    def change(part: Node) -> Node:
        if isinstance(part, Row):
            items = []
            for item, after in zip(part.items, (*part.items[1:], None), strict=True):
                brackets = after.base if isinstance(after, Scripted) else after
                applied = isinstance(brackets, Brackets) and brackets.opening == "(" and not _repeats(item, brackets)
                items.append(item if applied else _applied(item, functions, alone))
            return replace(part, items=tuple(i for item in items for i in _opened(item)))
        if isinstance(part, Terms):
            return replace(part, summands=tuple(_applied(item, functions, alone) for item in part.summands))
        if isinstance(part, Brackets):
            return replace(part, body=_applied(part.body, functions, alone))
        if isinstance(part, Relation | Fraction | Items):
            return part
        return part

    return _applied(normal.rebuilt(node, change), functions, alone)


def _opened(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Row) else (node,)


def _repeats(item: Node, brackets: Brackets) -> bool:
    """f(1-f): the brackets after f are a factor that has f in it."""
    return any(_plain(part) == _plain(item) for part in brackets.body.walk())


def _applied(node: Node, functions: frozenset[str], alone: bool) -> Node:
    if not isinstance(node, Letter | Word | Scripted) or _plain(node) not in functions:
        return node
    if isinstance(node, Scripted) and (node.sup is not None or (node.primes and not alone)):
        return node
    end = Span(node.span.end, node.span.end)
    argument = Brackets(end, "(", ")", Letter(end, ARGUMENT))
    return Row(node.span, (node, argument))


def arguments(formula: Formula) -> frozenset[str]:
    """The letters that stand alone within the brackets of a function."""
    rows = [n for side in (formula.link.left, formula.link.right) for n in side.walk() if isinstance(n, Row)]
    bodies = (item.body for row in rows for item in row.items[1:] if isinstance(item, Brackets))
    return frozenset(body.text for body in bodies if isinstance(body, Letter))


# ---- what stands around


def before(formula: Formula) -> str:
    """The prose of the clause in which a formula stands, before it."""
    passage = formula.link.statement.passage
    start = passage.place(Span(0, 0)).start
    text = passage.source.text[max(0, start - 160) : start]
    text = text.split("\n\n")[-1]
    text = re.sub(r"[$\\(\[]+\s*$|\\begin\{\w+\*?\}\s*$", "", text)
    return CLAUSE.split(text)[-1] or ""


def is_condition(formula: Formula) -> bool:
    """Whether the words around a formula make it something that is assumed."""
    passage = formula.link.statement.passage
    text = passage.source.text
    end = passage.place(Span(0, len(passage.latex))).end
    return bool(CONDITION.search(before(formula))) or bool(AFTER.match(text[end : end + 12]))


ASSUMPTION = re.compile(
    r"\b(assum\w*|suppos\w*|let|provided|require[sd]?|angenommen|sei(en)?|supposons|soit|пусть)\b|假设|[设令]",
    re.IGNORECASE,
)


def is_assumption(formula: Formula) -> bool:
    """Whether it is assumed from there on."""
    return bool(ASSUMPTION.search(before(formula)))


STOP = re.compile(r"[.;!?](\s|$)|[。；！？]")
HEADING = re.compile(r"^#|\\(sub)*section|\\paragraph|\\begin\{(theorem|lemma)", re.MULTILINE)


def together(one: Formula, other: Formula, formulas: Sequence[Formula]) -> bool:
    """Whether two formulas stand in one paragraph, or in one sentence of words and displays."""
    prose = _prose(one, other, formulas)
    apart = re.search(r"\n\s*\n", _between(one, other))
    return not apart or not (STOP.search(prose) or CONDITION.search(prose))


def governs(one: Formula, other: Formula, formulas: Sequence[Formula]) -> bool:
    """Whether what a condition says surely holds for a formula after it: in one sentence, or assumed in a section."""
    prose = _prose(one, other, formulas)
    if is_assumption(one):
        return not HEADING.search(_between(one, other)) and not ASSUMPTION.search(prose)
    return not STOP.search(prose) and not CONDITION.search(prose)


def near(one: Formula, other: Formula) -> bool:
    """Whether two formulas stand in one paragraph."""
    first, second = sorted((f.link.statement.place(f.link.span) for f in (one, other)), key=lambda span: span.start)
    text = one.link.statement.passage.source.text[first.end : max(first.end, second.start)]
    return not re.search(r"\n\s*\n", text)


def _between(one: Formula, other: Formula) -> str:
    first, second = (formula.link.statement.place(formula.link.span) for formula in (one, other))
    return one.link.statement.passage.source.text[first.end : second.start]


def _prose(one: Formula, other: Formula, formulas: Sequence[Formula]) -> str:
    """The words between two formulas."""
    passages = [f.link.statement.passage for f in formulas]
    first = next(i for i, f in enumerate(formulas) if f is one)
    last = next(i for i, f in enumerate(formulas) if f is other)
    found = [passages[i] for i in range(first, last + 1) if passages[i] is not passages[first]]
    return " ".join(p.before for i, p in enumerate(found) if not i or found[i - 1] is not p)


def is_hedged(formula: Formula) -> bool:
    """Whether it is said of the usual case only."""
    return bool(HEDGE.search(before(formula)))


def around(formula: Formula, reach: int = 400) -> str:
    """The text around a formula."""
    place = formula.link.statement.place(formula.link.span)
    text = formula.link.statement.passage.source.text
    return text[max(0, place.start - reach) : place.end + reach]


def is_bound(formula: Formula) -> bool:
    return formula.kind == BOUND
