"""Short texts, hundreds of them in a second: a formula or two out of derivations, with a few random edits.

What `fuzz` draws are whole texts, six in a second, with eight formulas planted in each: two days for a million. A
million short ones take two hours. No repair is looked for, since that takes ten times as long as the verdict.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator

from tests.verify.faults import FALSE, TRUE
from tests.verify.fuzz_texts import _TOKEN, EDITS, SEEDS, TOKENS

LONGEST = 160
"""Characters of a piece before it is edited."""
NETWORKS = ("", "", r"$s_t = \tanh(U x_t + W s_{t-1})$, ", r"$h_t = f(W h_{t-1})$, $L = g(h_T)$, ")
"""What may stand before a piece: mostly nothing, since a piece often has its own."""
_BETWEEN = re.compile(r"\n\s*\n|(?<=\$)[ ,.;]+(?=\$)|(?<=\$)\n(?=\$)")
PIECES = tuple(piece for text in SEEDS for piece in _BETWEEN.split(text) if 3 < len(piece) <= LONGEST)


def short(source: random.Random) -> str:
    """A piece or two with up to four edits, and a formula behind that no text makes true or false."""
    text = source.choice(NETWORKS) + "\n\n".join(source.choices(PIECES, k=source.choice((1, 1, 2))))
    tokens = _TOKEN.findall(text)
    for _ in range(source.randint(1, 4)):
        first = source.randint(0, len(tokens))
        last = min(len(tokens), first + source.randint(0, 12))
        tokens = source.choice(EDITS)(tokens, first, last, source.choice(TOKENS))
    return f"{''.join(tokens)[: 2 * LONGEST]}\n\n${source.choice((*FALSE, *TRUE))}$\n"


def shorts(minutes: float, seed: int, count: int) -> Iterator[tuple[str, str | None]]:
    """Short texts with what each of them is, until the time is over or there are so many."""
    source, end = random.Random(seed), time.monotonic() + 60 * minutes
    for _ in range(count):
        if time.monotonic() > end:
            return
        yield short(source), source.choice(("md", "md", "tex", None))
