"""Page models and their templates: text from outside stays text, and what there is nothing of leaves no trace."""

import re
from dataclasses import fields, is_dataclass, replace

import pytest

from derive.book import pages
from derive.book.formulas import SIGNS, signs, with_subscripts

NASTY = r"</p></title><script>alert('x')</script> & *W* [a](b) `c` $d$ {{ e }} {% f %}"
LATEX = r"a < b & \text{</div><script>alert(1)</script>} \\ c"
WORDS = "exact at random points: " + NASTY


def formula(**given):
    usual = pages.FormulaView("W-chain", "1", NASTY, LATEX, (WORDS,))
    return replace(usual, **given)


def full_formula(id_="W-full"):
    step = pages.StepView(((NASTY, NASTY),), LATEX, (NASTY,))
    return formula(id=id_, number="1.2", where=((LATEX, NASTY),), conditions=(NASTY,), steps=(step,),
                   see=((id_, "3"),), general=((id_, "1"),))  # fmt: skip


def cell(**given):
    tab = pages.Tab("W-any", NASTY, (full_formula(),))
    usual = pages.CellPage(
        name="toy",
        title=NASTY,
        source=NASTY,
        equations_latex=LATEX,
        declarations=(pages.Declaration(LATEX, LATEX, NASTY),),
        introduced=(LATEX,),
        cell_text=NASTY,
        graphs=(pages.Tab("graph-1", NASTY, svg="<svg></svg>"),),
        nested=(full_formula("nested"),),
        jacobians=(full_formula("local"),),
        product=full_formula("product"),
        carried=(pages.CarryView(LATEX, LATEX, full_formula("carried-c"), True),),
        bound=pages.BoundView(full_formula("bound"), NASTY, (NASTY,), "<svg></svg>", NASTY, ((NASTY, NASTY),)),
        recursion=(pages.Tab("recursion-any", NASTY, (full_formula("delta"),)),),
        parameters=(pages.ParameterView(LATEX, NASTY, "W", LATEX, NASTY, True, (tab,)),),
        evidence=(pages.EvidenceCount(NASTY, 1),),
        summary=(pages.EvidenceRow(NASTY, 1, (NASTY,)),),
        card=pages.CellCard("toy", NASTY, NASTY, LATEX),
        signs=((NASTY, NASTY),),
    )
    return replace(usual, **given)


def checking():
    law = pages.LawView(NASTY, LATEX, NASTY, NASTY, NASTY, LATEX, NASTY)
    pairs = ((NASTY, NASTY),)
    return pages.CheckingPage((law,), (), pairs, (law,), (law,), pairs)


ALL = {
    "cell": lambda: pages.cell_page(cell()),
    "home": lambda: pages.home_page(pages.HomePage((cell().card,), (), ((NASTY, NASTY),))),
    "checking": lambda: pages.checking_page(checking()),
}


@pytest.mark.parametrize("made", ALL.values(), ids=ALL)
def test_text_from_outside_is_shown_as_text(made):
    text = made()
    header, code = r"\A\s*---\n.*?\n---\n", r"```.*?```"
    shown = re.sub(rf"{header}|{code}", "", text, flags=re.DOTALL)
    assert "alert" in shown
    assert "<script" not in shown
    assert shown.count("</p></title>") == 0


def test_no_field_of_a_page_is_forgotten():
    """The model above fills each field, so that the test above sees what each becomes."""

    def empty(value):
        if is_dataclass(value):
            return [f"{type(value).__name__}.{f.name}" for f in fields(value) if not getattr(value, f.name)] + [
                name for f in fields(value) for name in empty(getattr(value, f.name))
            ]
        return [name for part in value for name in empty(part)] if isinstance(value, tuple) else []

    assert set(empty(cell())) == {"Tab.svg", "Tab.forms"}  # a tab has one or the other


def test_a_bare_formula_is_nothing_but_itself_and_its_evidence():
    bare = pages.cell_page(cell(nested=(formula(),), jacobians=(), product=None, bound=None, recursion=(), signs=()))
    figure = re.search(r'<figure class="formula" id="W-chain".*?</figure>', bare, re.DOTALL)[0]
    assert '<p class="names"' not in figure
    assert '"quiet steps"' not in figure
    assert '"quiet evidence"' in figure
    for heading in ("## Within one step", "## From step to step", "### How long", "## The backward recursion"):
        assert heading not in bare


def test_a_law_says_only_what_there_is_to_say():
    law = pages.LawView("A law", "a = b", "", "", "", "")
    text = pages.checking_page(pages.CheckingPage((law,), ()))
    assert "### A law" in text
    assert "<dt>" not in text
    for heading in ("## Laws of paths", "## Laws of bounds", "## Rules of tidying", "## In figures"):
        assert heading not in text


def test_signs_are_explained_where_they_stand_and_in_their_order():
    step = pages.StepView((), r"u \odot v")
    view = replace(formula(latex=r"\cdots \frac{\partial^{+} s}{\partial W}"), steps=(step,))
    assert [shown for shown, _ in signs([view])] == [r"\(\partial^{+}\)", r"\(\cdots\)", r"\(\odot\)"]
    assert signs([formula(latex="a = b")]) == ()
    assert len({shown for _, shown, _ in SIGNS}) == len(SIGNS)


@pytest.mark.parametrize(
    ("plain", "typeset"),
    [
        ("S_t reaches S_{t-1}.", r"\(S_t\) reaches \(S_{t-1}\)."),
        ("∂S_t/∂θ with f' and k = t", r"∂\(S_t\)/∂θ with f' and k = t"),
        ("a snake_case word", "a snake_case word"),
    ],
)
def test_subscripts_in_plain_text_become_mathematics(plain, typeset):
    assert with_subscripts(plain) == typeset
