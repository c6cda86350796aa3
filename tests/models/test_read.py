r"""What a cell says: roles, shapes, order, introduced names, and the author's own spelling of everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive import api
from derive.algebra.expressions import Apply, Softmax, Variable
from derive.models.model import variables, walk
from derive.render.printer import latex
from tests.reader.meaning import show

STATE = (
    r"s_0 \in \mathbb{R}^{n}, x_t \in \mathbb{R}^{d}, U \in \mathbb{R}^{n \times d}, W \in \mathbb{R}^{n \times n}"
    "\n"
)
STEP = r"s_t = \tanh(U x_t + W s_{t-1})" + "\n"
LOSS = "L_t = \\mathbf{1}^{\\top} s_t\nL = \\sum_{t=1}^{T} L_t\n"


def model(text):
    return api.loads(text).model


def shape(variable):
    return "×".join(str(size).replace(" ", "") for size in variable.shape)


def shapes(read):
    known = (*read.parameters, *read.inputs, *(s.left for s in read.steps), *(s.variable for s in read.starts))
    return {show(variable): shape(variable) for variable in known}


@pytest.mark.parametrize("cell", api.cells())
def test_everything_in_a_shipped_cell_has_one_role(cell):
    read = api.load(cell).model
    parameters = {v.name for v in read.parameters}
    inputs = {v.name for v in read.inputs}
    computed = [step.left.name for step in read.steps]
    assert len(computed) == len(set(computed))
    assert not parameters & inputs
    assert not (parameters | inputs) & set(computed)
    used = {v.name for step in read.steps for v in variables(step.right)}
    assert used <= parameters | inputs | set(computed)
    assert {part.name for part in read.carried} <= set(computed)
    assert {start.variable.name for start in read.starts} == {part.name for part in read.carried}
    assert all(v.time is None for v in read.parameters)
    assert all(v.time == read.time for v in read.inputs)


@pytest.mark.parametrize("cell", api.cells())
def test_the_refined_equations_say_what_the_authors_do(cell):
    """Putting the introduced names back in gives the author's equations, in the author's order of terms."""
    read = api.load(cell).model
    means = {equation.left: equation.right for equation in read.introduced}

    def restored(node):
        if node in means:
            return restored(means[node])
        parts = [restored(a) if isinstance(a, Apply | Softmax) or a in means or a.args else a for a in node.args]
        return node if tuple(parts) == node.args or isinstance(node, Variable) else node.func(*parts)

    refined = {step.left: restored(step.right) for step in read.steps if step.left not in means}
    assert refined == {equation.left: equation.right for equation in read.equations}


def test_the_roles_of_an_elman_network():
    read = api.load("elman").model
    assert [p.name.plain for p in read.parameters] == ["U", "W", "V"]
    assert [p.name.plain for p in read.inputs] == ["x", "o_bar"]
    assert [p.name.plain for p in read.carried] == ["s"]
    assert [show(s.variable) for s in read.starts] == ["s[0]"]
    assert [s.value for s in read.starts] == [None]
    assert show(read.summand) == "L[t]"
    assert show(read.loss.right) == "Σ[t=1..T]L[t]"
    assert read.functions == ("f",)
    assert [show(a.left) for a in read.assumptions] == ["(1:1×m o_bar[t])"]
    assert read.title == "The recurrent network of Elman"
    assert read.reference.startswith("J. L. Elman")


def test_the_roles_of_an_lstm():
    read = api.load("lstm").model
    assert [p.name.plain for p in read.carried] == ["c", "h"]
    assert [p.name.plain for p in read.inputs] == ["x", "y_bar"]
    assert len(read.parameters) == 13
    assert "tanh" in read.functions or read.functions == ()  # none is abstract


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (STATE + STEP + LOSS, {"s[t]": "n×1", "L[t]": "1×1", "a[t]": "n×1"}),
        (STATE.replace(r"s_0 \in \mathbb{R}^{n}, ", "s_0 = 0\n") + STEP + LOSS, {"s[t]": "n×1", "s[0]": "n×1"}),
        (
            STATE.replace(r"s_0 \in \mathbb{R}^{n}, ", "s_0 = \\mathbf{0}\n") + STEP + LOSS,
            {"s[t]": "n×1", "s[0]": "n×1"},
        ),
        # The state's shape from the other summand, from inside brackets, from beside ⊙, and through another quantity.
        (
            STATE.replace(r"s_0 \in \mathbb{R}^{n}, ", "s_0 = 0\n")
            + STEP.replace("U x_t + W s_{t-1}", "W s_{t-1} + U x_t")
            + LOSS,
            {"s[t]": "n×1"},
        ),
        (
            STATE.replace(r"s_0 \in \mathbb{R}^{n}, ", "s_0 = 0\n")
            + STEP.replace("W s_{t-1}", r"s_{t-1} \odot W s_{t-1}")
            + LOSS,
            {"s[t]": "n×1"},
        ),
        (
            STATE.replace(r"s_0 \in \mathbb{R}^{n}, ", "s_0 = 0\n")
            + "s_t = r_t \\odot s_{t-1} + (1 - r_t)\nr_t = \\sigma(U x_t + W s_{t-1})\n"
            + LOSS,
            {"s[t]": "n×1", "r[t]": "n×1"},
        ),
        (
            STATE
            + STEP
            + "y_t = \\operatorname{softmax}(V s_t)\nV \\in \\mathbb{R}^{m \\times n}\n"
            + LOSS.replace("s_t", "y_t"),
            {"y[t]": "m×1", "z[t]": "m×1"},
        ),
        (
            STATE + STEP + "V \\in \\mathbb{R}^{3 \\times n}\ny_t = V s_t\n" + LOSS.replace("s_t", "y_t"),
            {"y[t]": "3×1"},
        ),
        (
            STATE.replace("{d}", "{2n}").replace(r"\times d", r"\times 2n") + STEP + LOSS,
            {"x[t]": "2*n×1", "U": "n×2*n"},
        ),
        (
            STATE.replace("{d}", "{n+d}").replace(r"\times d", r"\times (n+d)") + STEP + LOSS,
            {"x[t]": "d+n×1", "U": "n×d+n"},
        ),
        (
            "w, x_t, s_0 \\in \\mathbb{R}\ns_t = \\tanh(w s_{t-1} + x_t)\nL = \\sum_{t=1}^{T} s_t^2\n",
            {"s[t]": "1×1", "w": "1×1"},
        ),
    ],
)
def test_shapes_are_inferred(text, expected):
    assert expected.items() <= shapes(model(text)).items()


ORDERS = [
    ("", ["x", "y", "z"], ["x", "y", "z"]),
    (r"\theta = (z, x, y)", ["x", "y", "z"], ["z", "x", "y"]),
    (r"\theta = (y)", ["x", "y", "z"], ["y", "x", "z"]),  # what is not listed follows, in the order of declaration
    ("", ["z", "y", "x"], ["z", "y", "x"]),
]


@pytest.mark.parametrize(("listing", "declared", "expected"), ORDERS)
def test_the_order_of_parameters(listing, declared, expected):
    lines = [f"{name} \\in \\mathbb{{R}}" for name in declared]
    body = "s_0 \\in \\mathbb{R}\ns_t = x s_{t-1} + y + z\nL_t = s_t^2\nL = \\sum_{t=1}^{T} L_t"
    assert [p.name.plain for p in model("\n".join([*lines, listing, body])).parameters] == expected


@given(st.permutations(["U", "W", "V"]))
def test_any_listed_order_is_kept(order):
    text = api.load("elman").model.source.text + f"\n\\theta = ({', '.join(order)})\n"
    assert api.loads(text).parameters == tuple(order)


@given(st.permutations(range(4)))
def test_the_order_of_equations_does_not_matter(order):
    lines = [STEP.strip(), r"y_t = W s_t", *LOSS.replace("s_t", "y_t").strip().split("\n")]
    text = STATE + "\n".join(lines[i] for i in order)
    read = model(text)
    assert {show(s.left): show(s.right) for s in read.steps} == {
        show(s.left): show(s.right) for s in model(STATE + "\n".join(lines)).steps
    }


# An author's name in the place of W, and in that of s; both are kept as they are written.
SPELLINGS = [
    r"\mathbf{h}_t",
    r"\boldsymbol{h}_t",
    r"\hat{y}_t",
    r"\tilde{c}_t",
    r"\bar{\mathbf{h}}_t",
    "h_{a,t}",
    "h^{(t)}",
    r"\hat{y}^{(t)}",
    r"\alpha_t",
    "h'_t",
    r"\mathcal{H}_t",
    r"\ell_t",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_authors_spelling_is_kept(spelling):
    before = (
        spelling.replace("t}", "t-1}") if "t}" in spelling else spelling.replace("(t)", "(t-1)").replace("_t", "_{t-1}")
    )
    before = before.replace("(t)", "(t-1)")
    start = spelling.replace("(t)", "(0)").replace(",t}", ",0}").replace("_t", "_0")
    text = (
        STATE.replace("s_0", start)
        + STEP.replace("s_t", spelling).replace("s_{t-1}", before)
        + LOSS.replace("s_t", spelling)
    )
    read = model(text)
    (equation,) = [e for e in read.equations if e.left != read.summand]
    assert latex(equation.left).replace("{t}", "t") == spelling
    assert before in latex(equation.right)
    assert latex(read.starts[0].variable) == start


@pytest.mark.parametrize(
    "name",
    [
        "W_{hh}",
        r"\mathbf{W}_{xh}",
        r"W_{\text{in}}",
        r"\Omega",
        "W'",
        r"\tilde{W}_{ab}",
        "W^{(h)}",
        r"W_{\mathrm{rec}}",
    ],
)
def test_a_parameters_spelling_is_kept(name):
    read = model((STATE + STEP).replace("W", name) + LOSS)
    assert name in {latex(parameter) for parameter in read.parameters}


AUTHORS = [*"abcdefghuvzqpySrkj", r"\delta", r"\gamma", r"\tilde{S}", r"\epsilon", r"\tilde{a}", "a'", "S'"]


@given(st.lists(st.sampled_from(AUTHORS), min_size=5, max_size=9, unique=True))
def test_introduced_names_never_collide_with_the_authors(names):
    """Two states and three functions, called whatever the author likes, even a, z, S and δ."""
    one, two, out, weight, inside, *more = names
    text = "\n".join(
        [
            rf"{weight} \in \mathbb{{R}}^{{n \times n}}",
            rf"{one}_0, {two}_0, {inside}_t \in \mathbb{{R}}^{{n}}",
            rf"{one}_t = \tanh({weight} {one}_{{t-1}} + {inside}_t) \odot {two}_{{t-1}}",
            rf"{two}_t = \sigma({weight} {one}_{{t}} + {two}_{{t-1}})",
            rf"{out}_t = \operatorname{{softmax}}({weight} {two}_t)",
            rf"L_t = \mathbf{{1}}^{{\top}} {out}_t" + "".join(rf" + \mathbf{{1}}^{{\top}} {name}" for name in more),
            r"L = \sum_{t=1}^{T} L_t",
            *(rf"{name} \in \mathbb{{R}}^{{n}}" for name in more),
        ]
    )
    read = model(text)
    authors = {
        latex(v.at() if v.time is None else v)
        for v in (*read.parameters, *read.inputs, *(e.left for e in read.equations))
    }
    introduced = [latex(equation.left) for equation in read.introduced]
    assert len(set(introduced)) == len(introduced)
    assert not authors & set(introduced)
    assert latex(read.state(read.time)) not in authors | set(introduced)
    form = api.MAKERS["delta"](api.Network(read).question(read.parameters[0].name.plain), expanded=False)
    named = {latex(meaning.left) for meaning in form.meanings.values()}
    assert not named & (authors | set(introduced))


@pytest.mark.parametrize("cell", api.cells())
def test_an_introduced_name_is_never_read_as_something_else(cell):
    r"""A label in brackets above that is a number would be a time: a^{(1)}_t."""
    for equation in api.load(cell).model.introduced:
        assert not equation.left.name.label.isdigit()


def test_labels_of_two_arguments_in_one_equation_are_no_steps():
    text = (
        STATE
        + r"s_t = \tanh(U x_t + W s_{t-1}) \odot \sigma(W x_t + s_{t-1})".replace("W x_t", "W s_{t-1}")
        + "\n"
        + LOSS
    )
    names = [equation.left.name for equation in model(text).introduced]
    assert len(names) == 2
    assert not any(name.label.isdigit() for name in names)


def test_one_argument_of_two_functions_is_named_once():
    read = model(STATE + r"s_t = \tanh(U x_t + W s_{t-1}) \odot \sigma(U x_t + W s_{t-1})" + "\n" + LOSS)
    assert len(read.introduced) == 1


BODY = [r"s_t &= \tanh(U x_t + W s_{t-1})", r"L_t &= \mathbf{1}^{\top} s_t", r"L &= \sum_{t=1}^{T} L_t"]


@pytest.mark.parametrize(
    "wrapped",
    [
        "\\begin{aligned}\n" + " \\\\\n".join(BODY) + "\n\\end{aligned}",
        "\\begin{align*}\n" + " \\\\\n".join(BODY) + "\n\\end{align*}",
        "\\begin{align}\n" + ", \\\\[2pt]\n".join(BODY) + ".\n\\end{align}",
        "\\begin{equation}\\begin{split}\n" + " \\\\\n".join(BODY) + "\n\\end{split}\\end{equation}",
        "$$\n\\begin{aligned}" + r" \\ ".join(BODY) + "\\end{aligned}\n$$",
        "\\[" + "\\]\n\\[".join(line.replace("&", "") for line in BODY) + "\\]",
        "\n".join(f"${line.replace('&', '')}$," for line in BODY),
        "\n\n".join(line.replace("&", "") for line in BODY),
        "; ".join(line.replace("&", "") for line in BODY),
        "\n".join(line.replace("&=", "=\n    ") for line in BODY),
        "\n".join(line.replace("&=", ":=") for line in BODY),
        "\n".join(line.replace("&", "") + r" % 隐状态，中文注释 {[(" for line in BODY),
    ],
)
def test_an_environment_changes_nothing(wrapped):
    plain = model(STATE + STEP + LOSS)
    read = model(STATE + wrapped)
    assert (read.equations, read.loss, read.parameters) == (plain.equations, plain.loss, plain.parameters)


@pytest.mark.parametrize("cell", api.cells())
def test_line_ends_of_windows_and_spaces_change_nothing(cell):
    plain = api.load(cell).model
    for other in ("\r\n", "  \n", "\n\n", " % 注释：循环神经网络\n", " % αβγ ∂ {\n"):
        read = model(
            plain.source.text.replace("\n", other) if "%" not in other else _commented(plain.source.text, other)
        )
        assert (read.equations, read.steps, read.loss) == (plain.equations, plain.steps, plain.loss)
        assert read.parameters == plain.parameters


def _commented(text, comment):
    return "\n".join(line + comment.rstrip("\n") if line and line[0] != "%" else line for line in text.split("\n"))


def test_the_title_of_a_chinese_cell():
    read = model("% title: 循环神经网络\n% 这是注释\n" + STATE + STEP + LOSS)
    assert read.title == "循环神经网络"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (r"s_{t+1} = \tanh(U x_{t+1} + W s_t)", "tanh(((U x[t]) + (W s[t-1])))"),
        (r"s_{t+1} = \tanh(U x_t + W s_t)", "tanh(((U x[t-1]) + (W s[t-1])))"),
        (r"s_{t} = \tanh(U x_{t} + W s_{t-1})", "tanh(((U x[t]) + (W s[t-1])))"),
        (r"s_{t-1} = \tanh(U x_{t-1} + W s_{t-2})", "tanh(((U x[t]) + (W s[t-1])))"),
    ],
)
def test_an_equation_for_another_step_is_moved(step, expected):
    (equation, _) = model(STATE + step + "\n" + LOSS).equations
    assert show(equation.left) == "s[t]"
    assert show(equation.right) == expected


@pytest.mark.parametrize(("time", "horizon"), [("t", "T"), ("k", "N"), ("i", "n"), (r"\tau", "T"), ("j", "T")])
def test_the_letters_of_time_are_the_authors(time, horizon):
    size = "n" if horizon != "n" else "p"
    text = (STATE + STEP + LOSS).replace("{n", "{" + size).replace(r"\times n}", rf"\times {size}}}")
    text = text.replace(r"\top", "TOP").replace(r"\times", "TIMES").replace(r"\tanh", "TANH")
    text = text.replace("_{t=1}^{T}", "_{time=1}^{end}").replace("_t", "_{time}").replace("t-1", "time-1")
    text = text.replace("time", time).replace("end", horizon)
    text = text.replace("TOP", r"\top").replace("TIMES", r"\times").replace("TANH", r"\tanh")
    read = model(text)
    assert (str(read.time), str(read.horizon)) == (time.lstrip("\\"), horizon)
    assert [p.name.plain for p in read.carried] == ["s"]


@pytest.mark.parametrize(
    "loss", ["s_t^{\\top} s_t", r"\mathbf{1}^{\top} s_t", r"\lVert s_t \rVert^2", r"\frac{1}{2} s_t^{\top} W s_t"]
)
def test_a_loss_without_a_name_for_its_summand(loss):
    read = model(STATE + STEP + rf"L = \sum_{{t=1}}^{{T}} {loss}")
    assert show(read.loss.right) == "Σ[t=1..T]L[t]"
    named = model(STATE + STEP + rf"L_t = {loss}" + "\n" + r"L = \sum_{t=1}^{T} L_t")
    assert read.steps == named.steps


def test_the_state_itself_may_be_the_loss():
    read = model("w, s_0 \\in \\mathbb{R}\ns_t = w s_{t-1}\nL = \\sum_{t=1}^{T} s_t\n")
    network = api.Network(read)
    assert network.gradient("w").chain.latex()
    assert network.gradient("w", steps=3).delta.latex()


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "identity"])
def test_an_activation_takes_the_place_of_f(activation):
    read = api.load("elman", activation).model
    assert read.functions in ((), (activation,))
    abstract = [n for s in read.steps for n in walk(s.right) if isinstance(n, Apply) and n.function.name == "f"]
    assert not abstract


NUMBERED = r"""
x_t, y_t, %s, W_1, W_{2} \in \mathbb{R}^{n}
%s = f(W_1 \odot x_t + %s)
%s = f(W_{2} \odot %s)
L_t = y_t^{\top} %s
L = \sum_{t=1}^{T} L_t
"""


@pytest.mark.parametrize(
    ("name", "label"),
    [("h_{%s}^{(%d)}", "h_%d"), ("h^{(%d)}_{%s}", "h_%d"), ("h_{%d,%s}", "h_%d"), ("h_{%s,%d}", "h_%d")],
)
def test_a_number_beside_the_step_is_a_label(name, label):
    """The first layer carries a state, the second is what it puts out."""

    def at(step, layer):
        return name % ((step, layer) if name.index("%s") < name.index("%d") else (layer, step))

    first, second = at("t", 1), at("t", 2)
    read = model(NUMBERED % (at("0", 1), first, at("t-1", 1), second, first, second))
    assert [step.left.name.plain for step in read.equations][:2] == [label % 1, label % 2]
    assert [part.name.plain for part in read.carried] == [label % 1]
    assert [start.variable.name.plain for start in read.starts] == [label % 1]
    assert [parameter.name.plain for parameter in read.parameters] == ["W_1", "W_2"]


def test_a_number_that_is_alone_is_the_step_of_what_has_one():
    read = model(STATE + STEP.replace("s_{t-1}", "s_{t-1} + W_1")
                 + r"W_1 \in \mathbb{R}^{n}" + "\n" + LOSS)  # fmt: skip
    assert [start.variable.name.plain for start in read.starts] == ["s"]
    assert {parameter.name.plain for parameter in read.parameters} == {"U", "W", "W_1"}
