"""LaTeX as MathML, for pages and readers without a typesetter of their own."""

from __future__ import annotations

import re

from derive.errors import DeriveError, shortened


def mathml(latex: str, *, block: bool = True) -> str:
    """A `math` element, displayed or within a line. Error: DeriveError where the converter does not know a command."""
    from math_core import LatexError, LatexToMathML

    try:
        return LatexToMathML().convert_with_local_state(_known(latex), displaystyle=block)
    except LatexError as error:
        raise DeriveError(f"there is no MathML for {shortened(latex)}", hint="--format latex") from error


def _known(latex: str) -> str:
    """The same LaTeX for the converter, which does not know the space after a row: `\\\\[4pt]`."""
    return re.sub(r"\\\\\[\d+pt\]", r"\\\\", latex)
