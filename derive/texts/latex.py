r"""LaTeX: what is comment or verbatim in it, and where the document itself begins and ends. Nothing is ever loaded."""

from __future__ import annotations

import re

from derive.texts.directives import directives
from derive.texts.outline import DEAD, Ahead, Outline, put_out

_DEAD = re.compile(
    r"(?=[\\%])(?:%+(?P<comment>[^\n]*+)"
    r"|\\begin\s*+\{(?P<verbatim>(?:verbatim|Verbatim|lstlisting|minted|comment|alltt|filecontents)\*?)\}"
    r"|\\(?:verb|lstinline)\*?(?P<bar>[^\sA-Za-z*{\[])[^\n]{0,1000}?(?P=bar)"
    r"|(?P<off>\\iffalse\b)"
    r"|(?P<begin>\\begin\s*+\{document\})"
    r"|(?P<end>\\end\s*+\{document\})"
    r"|(?:\\[^A-Za-z\n])++)"
)


def outline(text: str) -> Outline:
    r"""The outline of a text in LaTeX; what stands after `\end{document}` is dead."""
    ahead = Ahead(text)
    dead: list[tuple[int, int, str]] = []
    said: list[tuple[str, str]] = []
    begin = at = 0
    while found := _DEAD.search(text, at):
        at = found.end()
        if found["comment"] is not None:
            said += directives(found["comment"])
            dead.append((found.start(), at, DEAD))
        elif found["verbatim"]:
            closed = ahead.find(rf"\\end\s*+\{{{re.escape(found['verbatim'])}\}}", at)
            at = closed.end() if closed else at
            dead.append((found.start(), at, "\n"))
        elif found["bar"]:
            dead.append((found.start(), at, DEAD))
        elif found["off"]:
            closed = ahead.find(r"\\(?:fi|else)\b", at)
            at = closed.end() if closed else at
            dead.append((found.start(), at, DEAD))
        elif found["begin"]:
            begin = at
        elif found["end"]:
            dead.append((found.start(), len(text), "\n"))
            break
    return Outline(put_out(text, dead), directives=tuple(said), begin=begin)
