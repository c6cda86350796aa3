"""The degree of a claim as a rational function of what is drawn: every value is its degree.

For the bound of Schwartz (J. ACM 27, 1980) and Zippel (EUROSAM 1979) on the probability that a false claim passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derive.algebra.expressions import Derivative, State, Variable
from derive.evaluate.arithmetic import Which
from derive.evaluate.dual import Dual, Duals
from derive.evaluate.evaluator import Indices
from derive.evidence.degrees import LINEAR, ZERO, Degree, Degrees
from derive.verify.claims import Claim
from derive.verify.network import Network
from derive.verify.places import Instance
from derive.verify.run import Changed, Key, Run


class DualDegrees(Duals):
    """Dual numbers of degrees, in which the slope of a generic function is one more number that is drawn."""

    def generic(self, key: Which, shape: Sequence[int], arguments: Sequence[Any]) -> Dual:
        values = [argument.value if isinstance(argument, Dual) else argument for argument in arguments]
        moved = [a.tangent for a in arguments if isinstance(a, Dual) and a.tangent is not None]
        value = self.base.generic(key, shape, values)
        return Dual(value, self.base.multiply(LINEAR, self.base.stack(moved)) if moved else None)


@dataclass(frozen=True)
class ByDegrees:
    """Degrees and dual numbers of degrees, in the place of a way to perturb."""

    plain: Degrees
    arithmetic: Duals


class DegreeRun(Run):
    """A network in which every value is its degree."""

    def __init__(self, network: Network, sizes: dict[Any, int], classes: dict[Any, int]) -> None:
        self.degrees = Degrees(max([1, *sizes.values()]))
        super().__init__(network, ByDegrees(self.degrees, DualDegrees(self.degrees)), sizes, None, classes)  # type: ignore[arg-type]

    def _given(self, key: Key, shape: Sequence[int]) -> Degree:
        return LINEAR

    def derivative(self, node: Derivative, indices: Indices) -> Degree:
        """The largest degree of a tangent of what is differentiated."""
        bottom, at = self._bottom(node.bottom, indices)
        held = frozenset(key for part in node.held for key in self._keys(part, indices))
        seeds = {key: Dual(self.quantity(key[0], key[1]), ZERO) for key in bottom}
        changed = Changed(self, seeds, held, at)
        if isinstance(node.top, Variable | State):
            tops = self._keys(node.top, indices)
            for name, places, _ in tops:
                self.quantity(name, places)
            found = [changed(key) for key in tops]
        else:
            self.evaluate(node.top, indices)
            found = [changed.evaluate(node.top, indices)]
        tangents = [value.tangent for value in found if isinstance(value, Dual) and value.tangent is not None]
        return self.degrees.stack(tangents or [ZERO])


def degree(claim: Claim, run: DegreeRun, at: Instance) -> int:
    """The degree of left minus right, and of the arguments of opaque functions, whichever is larger."""
    run.steps = at.steps
    indices = {**run.letters, **at.letters}
    difference = run.degrees.add(run.evaluate(claim.left, indices), run.evaluate(claim.right, indices))
    return max(difference.top, run.degrees.argument)
