"""A surface tree in one short line, for tables of tests."""

from derive.reader.surface import (
    Accent,
    Big,
    Brackets,
    Dots,
    Empty,
    Fraction,
    Items,
    Letter,
    Node,
    Number,
    Operator,
    Relation,
    Root,
    Row,
    Scripted,
    Table,
    Terms,
    Word,
)


def show(node: Node) -> str:
    """`a` a letter, `"log"` a word, `.cdot` an operator, `#sum` a big one, `~dots` dots, `()` nothing."""
    match node:
        case Letter(_, text) | Number(_, text):
            return text
        case Word(_, text):
            return f'"{text}"'
        case Operator(_, name):
            return f".{name}"
        case Big(_, name):
            return f"#{name}"
        case Dots(_, name):
            return f"~{name}"
        case Empty():
            return "()"
        case Accent(_, name, body):
            return _list(name, [body])
        case Root(_, body):
            return _list("root", [body])
        case Fraction(_, top, bottom):
            return _list("frac", [top, bottom])
        case Scripted(_, base, sub, sup, primes):
            marks = [f" {mark}{show(script)}" for mark, script in (("_", sub), ("^", sup)) if script]
            return f"[{show(base)}{chr(39) * primes}{''.join(marks)}]"
        case Brackets(_, opening, closing, body):
            return f"<{opening} {show(body)} {closing}>"
        case Row(_, items):
            return _list("row", items)
        case Items(_, items):
            return _list("items", items)
        case Terms(_, signs, summands):
            return f"(sum {' '.join('+-'[s < 0] + show(x) for s, x in zip(signs, summands, strict=True))})"
        case Relation(_, sides, relations):
            links = [f" {name} {show(side)}" for name, side in zip(relations, sides[1:], strict=True)]
            return f"({show(sides[0])}{''.join(links)})"
        case Table(_, name, rows):
            return f"({name} " + " | ".join(" & ".join(map(show, row)) for row in rows) + ")"
    raise AssertionError(node)


def _list(name: str, nodes: "list[Node] | tuple[Node, ...]") -> str:
    return f"({name} {' '.join(map(show, nodes))})"
