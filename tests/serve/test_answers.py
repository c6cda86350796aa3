"""What the page is sent: places as a browser counts, formulas as trees of known elements, repairs as small edits."""

import json
from pathlib import Path

import pytest

from derive.errors import DeriveError
from derive.render.mathml import mathml
from derive.serve.answers import MOST_SHOWN, answer
from derive.serve.question import MOST, Question, judge, question_of
from derive.serve.typeset import ATTRIBUTES, ELEMENTS, typeset
from derive.verify.report import At, Change, Derivation, FileReport, Judged, Repair, Role, Understood
from tests.serve.judges import repairing

NOTES = Path("templates/notes.md").read_text(encoding="utf-8")
MACROS = r"""\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}
\begin{align} s_t &= \tanh(U x_t + W s_{t-1}) \label{s} \\
  \pd{s_t}{s_{t-1}} &= \operatorname{diag}(1 - s_t^2) \\ &\quad \cdot W^{\top} \tag{3} \end{align}
"""


def asked(text, **more):
    return answer(Question(text, **more), judge)


def given(text, *formulas, **more):
    """The answer for a report made by hand."""
    return answer(Question(text), lambda question: FileReport("text", None, formulas, **more))


def claim(latex, verdict="fails", line=1, column=1, **more):
    return Judged(line, column, latex, "claim", verdict, **more)


def cut(text, start, end):
    """What a browser has between two places."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def elements(tree):
    """The names and the attributes of a tree."""
    name, attributes, *children = tree
    yield name, attributes
    for child in children:
        if not isinstance(child, str):
            yield from elements(child)


def texts(tree):
    for child in tree[2:]:
        yield from [child] if isinstance(child, str) else texts(child)


# ---- places


@pytest.mark.parametrize("text", [NOTES, "𝒜 first 𝒲\n\n" + NOTES, MACROS, "> " + NOTES.replace("\n", "\n> ")])
def test_a_formula_stands_where_the_page_is_told(text):
    formulas = asked(text)["formulas"]
    assert formulas
    assert all(cut(text, formula["start"], formula["end"]) == formula["latex"] for formula in formulas)


def test_what_is_wrong_and_what_is_to_be_replaced_are_counted_from_the_formula():
    latex = r"\text{𝒜} = W^{\top}"
    at = At(latex.index("W"), len(latex), r"W^{\top}")
    right = Repair(r"\text{𝒜} = W", (Change(at.start, at.end, at.text, "W", "transposed", "Wᵀ where W is needed"),))
    (formula,) = given(f"𝒲\n{latex}", claim(latex, line=2, at=at, repair=right))["formulas"]
    assert [cut(latex, *place) for place in formula["wrong"]] == [r"W^{\top}"]
    (repair,) = formula["repairs"]
    start, end = repair["place"]
    assert (cut(latex, start, end), repair["new"]) == (r"^{\top}", "")
    assert repair["words"] == "Wᵀ where W is needed"


def test_without_a_place_what_the_repair_changes_is_wrong():
    changes = (Change(0, 1, "a", "x", "name", "x"), Change(5, 5, "", "c", "missing", "c is missing"))
    (formula,) = given("a = b", claim("a = b", repair=Repair("x = bc", changes)))["formulas"]
    assert [cut("a = b", *place) for place in formula["wrong"]] == ["a", "b"]
    (formula,) = given("a = b", claim("a = b"))["formulas"]
    assert formula["wrong"] == []


@pytest.mark.parametrize("new", ["", "a = b", "a = bb", "xa = b", "a == b", "b = a", "𝒜"])
def test_an_edit_gives_the_repair(new):
    (formula,) = given("a = b", claim("a = b", repair=Repair(new, ())))["formulas"]
    start, end = formula["repairs"][0]["place"]
    assert "a = b"[:start] + formula["repairs"][0]["new"] + "a = b"[end:] == new


def test_the_repair_comes_before_others_and_has_its_evidence():
    (formula,) = [one for one in answer(Question(NOTES), repairing)["formulas"] if one["verdict"] == "fails"]
    assert [repair["new"] for repair in formula["repairs"]] == ["", "(W)"]
    assert formula["repairs"][0]["evidence"] == ["T = 3, seed = 0"]
    assert formula["derived"]["form"] == "jacobian"
    assert formula["derived"]["math"][0] == "math"


# ---- typesetting


def test_a_text_with_macros_and_rows_is_typeset_as_it_is_read():
    formulas = answer(Question(MACROS, "tex"), repairing)["formulas"]
    assert [formula["verdict"] for formula in formulas] == [None, "fails"]
    assert all(formula["math"] for formula in formulas)
    assert all(repair["math"] for repair in formulas[1]["repairs"])


@pytest.mark.parametrize(
    "latex",
    [
        r"\unknown x", r"\href{javascript:alert(1)}{x}", r"\eqref{x}", r"\input{/etc/passwd}", "", "x" * 1001, "\ud800",
        r"\url{http://a.test}", r"\color{red;background:url(//a.test)}x",
        r"\sqrt{" * 100 + "x" + "}" * 100,
    ],
)  # fmt: skip
def test_what_is_not_wholly_known_is_not_typeset(latex):
    assert typeset(latex) is None


@pytest.mark.parametrize(
    "latex",
    [
        "<script>alert(1)</script>", r"\text{<img src=x onerror=alert(1)>}", "{{7*7}}", r"\mathrm{a\"><b>}",
        r"\text{&lt;b&gt; &amp; <!-- }", r"\color{red} x", r"\begin{array}{c|c}a&b\\\hline c&d\end{array}",
        r"a &= b \\ &\quad + c", r"\cancel{x}", r"\tanh'(x)",
    ],
)  # fmt: skip
def test_a_tree_has_known_elements_and_attributes_only(latex):
    tree = typeset(latex)
    assert tree is None or tree[0] == "math"
    for name, attributes in elements(tree or ["math", {}]):
        assert name in ELEMENTS
        assert attributes.keys() <= ATTRIBUTES
        assert "(" not in attributes.get("style", "")


def test_a_tree_says_what_the_typesetter_wrote():
    latex = r"\frac{\partial L}{\partial W} = \tanh'(x) < 1"
    assert "&lt;" in mathml(latex)
    assert "".join(texts(typeset(latex))) == "∂L∂W=tanh′\u2061(x)<1"


# ---- words


def test_an_answer_is_json_and_says_how_it_stands():
    found = json.loads(json.dumps(asked(NOTES), allow_nan=False))
    assert found["summary"] == "2 hold (1 under a reading), 1 fails"
    assert [formula["word"] for formula in found["formulas"][-3:]] == ["holds", "holds", "fails"]
    assert "the two sides differ" in found["formulas"][-1]["reason"]
    assert any(name["latex"] == "W" and name["words"] == "parameter, n×n" for name in found["network"]["names"])


def test_nothing_turns_a_line_around():
    nasty = "a\u202eb\x1b[2J"
    network = Understood(nasty, (Role(nasty, nasty, nasty, nasty),), (nasty,), (nasty,))
    formula = claim(nasty, reason=nasty, reading=nasty, repair=Repair(nasty, ()), derived=Derivation(nasty, nasty))
    report = FileReport(nasty, network, (formula,), (nasty,))
    found = answer(Question(nasty), lambda question: report)
    del found["formulas"][0]["repairs"][0]["new"]  # what is put into the text is the text's own
    for one in (found["formulas"][0], found["formulas"][0]["repairs"][0], found["formulas"][0]["derived"]):
        del one["math"]
    for one in (*found["network"]["equations"], *found["network"]["names"]):
        del one["math"]
    assert "\\u202e" not in json.dumps(found)
    assert "\\u001b" not in json.dumps(found)


def test_of_very_many_formulas_the_first_are_shown():
    found = given("$x$", *[Judged(1, 2, "x", "other")] * (MOST_SHOWN + 5))
    assert len(found["formulas"]) == MOST_SHOWN
    assert found["notes"] == ["5 more formulas were judged and are not shown"]


def test_a_text_that_is_refused_as_a_whole_has_a_problem():
    def refusing(question):
        raise DeriveError("this\x1b is refused", hint="another")

    assert answer(Question("x"), refusing) == {"problem": "this� is refused\n  try: another"}


# ---- questions


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"1", b"null", b"{}", b'{"text": 1}', b'{"text": "x", "kind": "ipynb"}', b"\xff", b"[" * 9**5,
        b'{"text": "x", "model": "/etc/passwd"}', b'{"text": "x", "model": "own.tex"}', b'{"text": "x", "strict": 1}',
        b'{"text": "x", "path": "/etc"}', b'{"text": "x", "kind": []}', b'{"text": "x", "model": {}}',
    ],
)  # fmt: skip
def test_a_question_that_is_none(body):
    assert len(body) < MOST
    with pytest.raises(DeriveError):
        question_of(body)


def test_a_question_chooses_the_network_and_is_strict():
    claims = NOTES[NOTES.index("$$") : NOTES.index("in which")]
    body = json.dumps({"text": claims, "model": "elman", "strict": True, "kind": "md"}).encode()
    found = answer(question_of(body), judge)
    assert found["network"]["origin"] == "given: elman"
    assert found["formulas"][0]["verdict"] == "holds"
    assert found["formulas"][1]["verdict"] != "holds"


@pytest.mark.parametrize("named", ["own.tex", "./own.tex", "own", "../own.tex", "/etc/passwd"])
def test_a_text_opens_no_file(named, tmp_path, monkeypatch):
    (tmp_path / "own.tex").write_text("s_t = secret", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    problem = asked(f"<!-- derive: model={named} -->\n$1 = 1$")["problem"]
    assert "opens no file" in problem
    assert "secret" not in problem
    assert asked("<!-- derive: model=lstm -->\n$1 = 1$")["network"]["origin"] == "directive: model=lstm"
