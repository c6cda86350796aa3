"""Steps that are left out, or written otherwise: A_z = W_z [x_t, h_{t-1}] is A_z at the step t, x in h_t = … is x_t."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from derive.reader.naming import index_expression
from derive.reader.surface import Accent, Big, Items, Letter, Node, Relation, Row, Scripted, Terms, Word
from derive.verify import surfaces
from derive.verify.alike import alike
from derive.verify.manner import Habits
from derive.verify.passages import EQUAL


def with_steps(nodes: Sequence[Node], habits: Habits) -> Callable[[Node], Node]:
    """In a text, the names that lack their step everywhere have it."""
    lacking: list[Node] = []
    for node in nodes:
        if isinstance(node, Relation) and node.relations[0] in EQUAL:
            left, right = node.sides[0], node.sides[1]
            summed = any(isinstance(part, Big) for part in right.walk())
            if _is_bare_name(left, habits) and _speaks_of_step(right) and not summed:
                lacking.append(left)
    return lambda node: _changed(node, lacking) if lacking else node


def _changed(node: Node, lacking: Sequence[Node]) -> Node:
    """Top down, so that what has its step is not given another."""
    if isinstance(node, Letter | Scripted | Accent | Word):
        if any(alike(node, name) for name in lacking):
            return _with_step(node)
        if isinstance(node, Scripted) and not isinstance(node.base, Letter | Accent | Word):
            return replace(node, base=_changed(node.base, lacking))
        return node
    new = {
        name: surfaces.each(getattr(node, name), lambda part: _changed(part, lacking))
        for name in node.__dataclass_fields__
    }
    return replace(node, **{k: v for k, v in new.items() if v is not getattr(node, k)})


def over_its_letter(right: Node, own: frozenset[str], habits: Habits) -> Node:
    r"""Σ over a letter that its body lacks, while it has another: \sum_{i=1}^{T} L_t is over t."""

    def change(node: Node) -> Node:
        match node:
            case Row(items=(Scripted(base=Big(), sub=sub) as big, *rest)) if sub is not None:
                bound = [part for part in sub.walk() if isinstance(part, Letter)]
                inside = {p.text for part in rest for p in part.walk() if isinstance(p, Letter)} & habits.letters
                free = inside - own - {"T"}
                if len(bound) == 1 and bound[0].text not in inside and len(free) == 1:
                    (letter,) = free
                    renamed = surfaces.rebuilt(sub, lambda p: replace(p, text=letter) if p == bound[0] else p)
                    return replace(node, items=(replace(big, sub=renamed), *rest))
        return node

    return surfaces.rebuilt(right, change)


def stepped_inputs(nodes: Sequence[Node]) -> frozenset[str]:
    """The inputs that bear a step anywhere: x, where there is x_1 or x_t."""
    return frozenset(
        part.base.text
        for node in nodes
        for part in node.walk()
        if isinstance(part, Scripted)
        and isinstance(part.base, Letter)
        and part.sub is not None
        and part.base.text == "x"
    )


def with_its_step(right: Node, letter: str, stepped: frozenset[str]) -> Node:
    """The right side of a generic equation with the step of its inputs, where they lost it: x for x_t."""
    if not letter or not stepped:
        return right

    def whole(part: Node) -> Node:
        bare = isinstance(part, Letter) and part.text in stepped
        return Scripted(part.span, part, Letter(part.span, letter), None) if bare else part

    def change(node: Node) -> Node:
        if isinstance(node, Row):
            return replace(node, items=tuple(map(whole, node.items)))
        return replace(node, summands=tuple(map(whole, node.summands))) if isinstance(node, Terms) else node

    found = surfaces.rebuilt(right, change)
    return right if alike(found, right) else found


def _is_bare_name(node: Node, habits: Habits) -> bool:
    """A name without any index; losses are not: what they sum is for their own."""
    if not isinstance(node, Letter | Scripted | Accent | Word) or surfaces.has_derivative(node):
        return False
    if isinstance(node, Scripted) and not isinstance(node.base, Letter | Accent | Word):
        return False
    letters = {part.text for part in node.walk() if isinstance(part, Letter)}
    head = surfaces.head(node)
    if head is None or head in ("partial", "nabla", "d") or head in habits.letters:
        return False
    scripts = [part for part in (getattr(node, "sub", None), getattr(node, "sup", None)) if part is not None]
    if any(index_expression(script, habits.letters) is not None for script in scripts):
        return False
    return "t" not in letters and "T" not in letters


def _speaks_of_step(node: Node) -> bool:
    """Whether t is free in a formula."""
    bound = surfaces.bound_letters(node.walk())
    return "t" not in bound and any(
        isinstance(part, Scripted) and any(_mentions_t(script) for script in (part.sub, part.sup) if script is not None)
        for part in node.walk()
    )


def _mentions_t(script: Node) -> bool:
    return any(isinstance(part, Letter) and part.text == "t" for part in script.walk())


def _with_step(node: Node) -> Node:
    step = Letter(node.span, "t")
    if isinstance(node, Accent):
        return replace(node, body=_with_step(node.body))
    if isinstance(node, Scripted):
        if node.sub is None:
            return replace(node, sub=step)
        parts = node.sub.items if isinstance(node.sub, Items) else (node.sub,)
        return replace(node, sub=Items(node.sub.span, (*parts, step)))
    return Scripted(node.span, node, step, None)
