r"""What belongs together in a list of chains: `A, B \in X, C \in Y` is two relations, `t = 1, \dots, T` one."""

from __future__ import annotations

from dataclasses import replace

from derive.reader.surface import Dots, Items, Node, Relation


def regroup(chains: list[Node]) -> list[Node]:
    r"""Commas between relations: what precedes a relation belongs to its first side, what trails to the last side.

    `A, B \in X, C \in Y` is [A, B in X], [C in Y]; `t = 1, \dots, T` is one relation; after dots one item more
    belongs to the list that they continue. A range `1:T` is an item like any other.
    """
    if not any(map(relates, chains)):
        return chains
    done: list[Relation] = []
    waiting: list[Node] = []
    continued = False  # dots came just before
    for chain in chains:
        if isinstance(chain, Relation) and relates(chain):
            head = listed([*waiting, chain.sides[0]])
            done.append(replace(chain, span=head.span.to(chain.span), sides=(head, *chain.sides[1:])))
            waiting, continued = [], False
        elif done and (continued or isinstance(chain, Dots)):
            done[-1] = _trailed(done[-1], [*waiting, chain])
            waiting, continued = [], isinstance(chain, Dots)
        else:
            waiting.append(chain)
    if waiting:
        done[-1] = _trailed(done[-1], waiting)
    return list(done)


def relates(node: Node) -> bool:
    """Whether this is a relation in earnest, not a mere range `1:T`."""
    return isinstance(node, Relation) and any(name != ":" for name in node.relations)


def _trailed(relation: Relation, more: list[Node]) -> Relation:
    tail = relation.sides[-1]
    items = listed([*(tail.items if isinstance(tail, Items) else (tail,)), *more])
    return replace(relation, span=relation.span.to(items.span), sides=(*relation.sides[:-1], items))


def listed(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Items(nodes[0].span.to(nodes[-1].span), tuple(nodes))
