"""The network of a text in words: its names, their roles, and where that is from."""

from __future__ import annotations

from derive.algebra import shapes
from derive.verify.report import Role, Understood
from derive.verify.understand import Understanding


def said(found: Understanding) -> Understood | None:
    """None where the text has no network."""
    network = found.network
    if not network.rules:
        return None
    carried = {name for name, _ in network.carried}
    roles = []
    for name, shape in network.shapes.items():
        if name in network.rules:
            role = (
                "state" if name in carried else "loss" if shapes.is_scalar(shape) and name.base in "LEJ" else "quantity"
            )
        else:
            role = "input" if name.arity else "parameter"
        label = f"_{{{name.label}}}" if name.label else ""
        latex = f"{name.letter}{label}"
        roles.append(Role(latex, role, shapes.show(shape), found.shapes.origins.get(name, "")))
    equations = tuple(f"{rule.left} = {rule.right}" for rules in network.rules.values() for rule in rules)
    return Understood("the text", tuple(roles), equations, tuple(found.assumptions))
