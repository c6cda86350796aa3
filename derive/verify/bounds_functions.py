"""Which function a letter of a text is, f or σ, by its equations or its words."""

from __future__ import annotations

import re

from derive.algebra.expressions import Apply, Expression
from derive.algebra.functions import is_abstract
from derive.algebra.names import Name
from derive.models.model import walk
from derive.verify.habits import USUAL
from derive.verify.network import Network
from derive.verify.survey import Formula

NAMED = {
    "sigmoid": re.compile(r"sigmo[iï]d|logistic|logistisch|сигмоид", re.IGNORECASE),
    "tanh": re.compile(r"(?<!\\)tanh|hyperboli|双曲正切", re.IGNORECASE),
    "relu": re.compile(r"\brelu\b|rectif", re.IGNORECASE),
}
"""The words by which a text says which function a letter of its own is."""
EQUATIONS = {
    "sigmoid": r"\\[dt]?frac\{1\}\{1\+(e\^|\\exp)|1/\(1\+(e\^|\\exp)|\(1\+(e\^|\\exp)",
    "tanh": r"\\tanh|tanh|\\[dt]?frac\{e\^\{?\w\}?-e",
    "relu": r"\\?max[\(\\]|\\?(mathrm\{)?ReLU",
}
"""The equations by which it does."""


def abstract_in(*sides: Expression) -> frozenset[str]:
    applied = (node.function.name for side in sides for node in walk(side) if isinstance(node, Apply))
    return frozenset(name for name in applied if is_abstract(name))


def functions_of(network: Network, names: frozenset[Name]) -> frozenset[str]:
    """The abstract functions on the way to these quantities."""
    behind = names.union(*(network.behind.get(name, frozenset()) for name in names))
    return abstract_in(*(rule.right for name in behind for rule in network.rules.get(name, ())))


def said_functions(formula: Formula, functions: frozenset[str]) -> dict[str, str]:
    """Which function each letter is, by an equation or by words, the nearest before a formula; σ is the sigmoid."""
    text = formula.link.statement.passage.source.text
    start = formula.link.statement.place(formula.link.span).start
    mentions = sorted((found.start(), name) for name, pattern in NAMED.items() for found in pattern.finditer(text))
    earlier = [name for place, name in mentions if place < start]
    kinds = {name for _, name in mentions}
    nearest = earlier[-1] if earlier else next(iter(kinds)) if len(kinds) == 1 else ""
    found = {}
    for function in functions:
        if function.split("_")[0] not in USUAL:
            continue
        by_equation = _defined(function, text)
        if function == "sigma" and not by_equation and ("sigmoid" in kinds or not earlier):
            by_equation = "sigmoid"
        if by_equation or nearest:
            found[function] = by_equation or nearest
    return found


def _defined(function: str, text: str) -> str:
    """Which function an equation of the text makes a letter: 1/(1 + e^{-x}), tanh, max(0, x)."""
    letter = function if len(function) == 1 else rf"\\{function}"
    said = re.search(rf"{letter}\s*\(\s*\w+\s*\)\s*&?=\s*([^$]{{0,60}})", text)
    right = re.sub(r"\\left|\\right|\\,|[\s&]", "", said.group(1)) if said else ""
    for name, pattern in EQUATIONS.items():
        if re.match(pattern, right):
            return name
    return ""
