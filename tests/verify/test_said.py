"""What is said of a network: names as they are written, roles, readable shapes, and where each is from."""

from dataclasses import replace

import pytest

from derive.errors import Source
from derive.texts.read import read_document
from derive.verify.missing import with_missing
from derive.verify.passages import read
from derive.verify.said import lettered, said
from derive.verify.supply import supplied
from derive.verify.survey import survey
from derive.verify.understand import understand

ELMAN = r"""$s_t = \tanh(U x_t + W s_{t-1})$
$o_t = \operatorname{softmax}(V s_t)$
$L = \sum_t L_t$, $L_t = -\bar{o}_t^{\top} \log o_t$
"""
LSTM = r"""$f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)$
$c_t = f_t \odot c_{t-1} + (1 - f_t) \odot \tanh(W_c x_t + U_c h_{t-1})$
$h_t = \tanh(c_t)$
$L = \sum_t g(h_t)$
"""
LABELLED = r"""\newcommand{\hh}{\mathbf{h}}
$\hh^{\langle t\rangle} = \tanh(\mathbf{W}_{xh} \mathbf{x}^{\langle t\rangle} + W_{hh} \hh^{\langle t-1\rangle})$
$J = \sum_t g(\hh^{\langle t\rangle})$
"""
ROWS = r"""$\mathbf{h}^{(t)} = f(\mathbf{h}^{(t-1)} W + \mathbf{x}^{(t)} U)$
$L = \sum_t g(\mathbf{h}^{(t)})$
"""


def understanding(text):
    surveyed = survey(list(read(read_document(Source("a.md", text), "md"))))
    surveyed = replace(surveyed, formulas=with_missing(surveyed))
    return supplied(understand(surveyed), surveyed), surveyed.formulas


def network(text):
    return said(*understanding(text))


def roles(text):
    return {role.latex: (role.role, role.shape) for role in network(text).roles}


def test_each_name_has_its_role_and_its_shape():
    assert roles(ELMAN) == {
        "U": ("parameter", "n×d"),
        "W": ("parameter", "n×n"),
        "V": ("parameter", "m×n"),
        "x_t": ("input", "d×1"),
        r"\bar{o}_t": ("target", "m×1"),
        "s_t": ("state", "n×1"),
        "o_t": ("output", "m×1"),
        "L": ("loss", "a scalar"),
        "L_t": ("loss", "a scalar"),
    }


def test_gates_are_quantities_beside_the_states():
    found = roles(LSTM)
    assert {name for name, (role, _) in found.items() if role == "state"} == {"c_t", "h_t"}
    assert found["f_t"] == ("quantity", "n×1")
    assert found["b_f"] == ("parameter", "n×1")
    assert found["W_f"] == ("parameter", "n×d")


def test_names_are_written_as_the_text_writes_them():
    assert {r"\mathbf{h}^{\langle t\rangle}", r"\mathbf{x}^{\langle t\rangle}", r"\mathbf{W}_{xh}"} < set(
        roles(LABELLED)
    )


def test_a_macro_stays_in_an_equation_as_it_does_in_the_text():
    first, second = network(LABELLED).equations
    assert first.startswith(r"\hh^{\langle t\rangle} = \tanh(\mathbf{W}_{xh}")
    assert second == r"J = \sum_t g(\hh^{\langle t\rangle})"


def test_rows():
    assert (roles(ROWS)["U"], roles(ROWS)[r"\mathbf{h}^{(t)}"]) == (("parameter", "d×n"), ("state", "1×n"))


def test_where_it_is_from():
    origins = {role.latex: role.origin for role in network(ELMAN).roles}
    assert origins["s_t"] == "line 1"
    assert origins["L_t"] == "line 3"
    assert origins["W"] == "it multiplies a vector"
    assert origins["x_t"] == "it has a step"


def test_sizes_that_are_declared_stay():
    text = r"$x_t \in \mathbb{R}^{m}$, $s_t \in \mathbb{R}^{h}$" + "\n" + ELMAN
    found = roles(text)
    assert found["U"] == ("parameter", "h×m")
    assert found["W"] == ("parameter", "h×h")
    (rows,) = {shape.partition("×")[0] for name, (_, shape) in found.items() if name == "V"}
    assert rows not in ("h", "m")


def test_a_size_that_is_a_number_is_that_number():
    assert roles(r"$x_t \in \mathbb{R}^{10}$" + "\n" + ELMAN)["x_t"] == ("input", "10×1")


@pytest.mark.parametrize("letter", ["n", "d"])
def test_a_letter_that_is_a_name_is_no_size(letter):
    shapes = {shape for _, shape in roles(ELMAN.replace("U x_t", f"U x_t + {letter}")).values()}
    assert not any(letter in shape.replace("a scalar", "") for shape in shapes)


def test_what_the_text_does_not_say_is_said():
    found = network(
        r"$s_t = f(W s_{t-1} + U x_t)$, $\frac{\partial L}{\partial W} = \sum_t \frac{\partial L_t}{\partial W}$"
    )
    assert [role.origin for role in found.roles if role.role == "loss"] == ["the text does not define it"] * 2
    assert any(assumption.startswith("nothing is said of the loss L") for assumption in found.assumptions)


def test_an_equation_that_is_not_understood_is_named_with_its_line():
    found = network(ELMAN + r"$z_t = W \star s_t$")
    (left_out,) = [assumption for assumption in found.assumptions if "left out" in assumption]
    assert left_out.startswith("line 4 is left out, for it was not understood: ")


def test_without_equations_there_is_no_network():
    assert network(r"$\tanh'(x) = 1 - \tanh^2(x)$") is None


def test_a_network_without_its_text_is_named_by_its_letters():
    found, _ = understanding(ELMAN)
    assert {role.latex for role in said(found).roles} == set(roles(ELMAN))
    assert said(found).equations == ()


def test_letters_are_put_into_the_rules_too():
    found, _ = understanding(ELMAN)
    left = {str(symbol) for rules in lettered(found).network.rules.values() for r in rules
            for symbol in r.right.free_symbols | r.left.free_symbols}  # fmt: skip
    assert {"n", "d", "m"} < left
    assert not any(symbol.startswith("q") for symbol in left)
