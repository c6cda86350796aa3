"""Names as authors write them: letter, decorations, label. `f_t` and `f`, `o` and `\\bar{o}` are different names."""

from __future__ import annotations

from typing import Any

from sympy import Basic
from sympy.core.basic import Atom


class Name(Atom):
    r"""A name: `base` (the bare letter; `alpha` for `\alpha`), `accents` from the inside out, `label` and `arity`.

    `label` is LaTeX, "" if there is none; `arity` is the number of indices: L and L_t are two quantities. Two names
    are equal if these four are; `raised` (the label stands above) and `time_above` (the time index is written as
    `^{(t)}`) are the author's style and not part of what is named.
    """

    __slots__ = ("accents", "arity", "base", "label", "raised", "time_above")

    def __new__(
        cls,
        base: str,
        accents: tuple[str, ...] = (),
        label: str = "",
        arity: int = 0,
        *,
        raised: bool = False,
        time_above: bool = False,
    ) -> Name:
        self: Name = Basic.__new__(cls)
        self.base, self.accents, self.label, self.arity = base, accents, label, arity
        self.raised, self.time_above = raised, time_above
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        style = {"raised": self.raised, "time_above": self.time_above}
        return (self.base, self.accents, self.label, self.arity), style

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.base, self.accents, self.label, self.arity)

    @property
    def letter(self) -> str:
        """LaTeX of the letter with its decorations, without label and index."""
        text = spelled(self.base)
        for accent in self.accents:
            text = f"\\{accent}{{{text}}}"
        return text

    @property
    def has_superscript(self) -> bool:
        """Whether something stands above the letter, so that a power needs brackets."""
        return self.raised or self.time_above

    @property
    def plain(self) -> str:
        """A spelling without LaTeX, for keys and messages: `W`, `o_bar`, `W_f`."""
        parts = [self.base.lstrip("\\"), *self.accents]
        if self.label:
            parts.append("".join(c for c in self.label if c.isalnum()))
        return "_".join(parts)

    def __str__(self) -> str:
        return self.plain

    __repr__ = __str__


def spelled(letter: str) -> str:
    """LaTeX of a letter by its name: `s`, `s'`, `\\alpha`; LaTeX itself stays what it is."""
    bare = letter.rstrip("'")
    return letter if len(bare) == 1 or letter.startswith("\\") else f"\\{letter}"


class Function(Atom):
    """A scalar function applied entry by entry, and its derivatives: `order` 0 is f, 1 is f'."""

    __slots__ = ("name", "order")

    def __new__(cls, name: str, order: int = 0) -> Function:
        self: Function = Basic.__new__(cls)
        self.name, self.order = name, order
        return self

    def __getnewargs__(self) -> tuple[str, int]:
        return (self.name, self.order)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.name, self.order)

    @property
    def derivative(self) -> Function:
        return Function(self.name, self.order + 1)

    def __str__(self) -> str:
        return self.name + "'" * self.order

    __repr__ = __str__
