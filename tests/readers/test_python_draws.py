"""Random draws that a syntax tree shows."""

from __future__ import annotations

from math import pi

import pytest

from ansatzlint.initialisation import Initialisation, Normal, Uniform
from ansatzlint.readers.python import read_python
from ansatzlint.source import Draw

HEAD = """\
import random
import numpy as onp
import torch
import jax
import pennylane as qml
from pennylane import numpy as np
from numpy.random import default_rng
LAYERS = 2
SCALE = 0.1
@qml.qnode(dev)
def circuit(w, x=None):
    return qml.expval(qml.Z(0))
def cost(w):
    return circuit(w)
"""


def draws(program: str, head: str = HEAD) -> tuple[Draw, ...]:
    return read_python(head + program, path="p.py", folder=None, execute=False).draws


def only(program: str) -> Draw:
    (draw,) = draws(program)
    return draw


@pytest.mark.parametrize(
    ("expression", "law"),
    [
        ("np.random.random(3)", Uniform(0, 1)),
        ("2 * np.pi * np.random.random(size=(2, 3))", Uniform(0, 2 * pi)),
        ("np.random.rand(3, 2) * 2 * np.pi - np.pi", Uniform(-pi, pi)),
        ("np.pi - np.random.rand(3)", Uniform(pi - 1, pi)),
        ("-np.random.rand(3)", Uniform(-1, 0)),
        ("np.random.uniform(-np.pi, np.pi, (3,))", Uniform(-pi, pi)),
        ("onp.random.uniform(low=0, high=2 * onp.pi, size=3)", Uniform(0, 2 * pi)),
        ("np.random.uniform(size=3)", Uniform(0, 1)),
        ("np.random.normal(0, 0.1, 3)", Normal(0.1)),
        ("np.random.normal(scale=SCALE, size=3)", Normal(0.1)),
        ("0.01 * np.random.randn(3)", Normal(0.01)),
        ("np.random.randn(3) / 4 + 1", Normal(0.25, 1)),
        ("np.array(onp.random.random(3), requires_grad=True)", Uniform(0, 1)),
        ("np.array([random.random() for _ in range(3)])", Uniform(0, 1)),
        ("np.array([random.uniform(0, 6.28), random.uniform(0, 6.28)])", Uniform(0, 6.28)),
        ("onp.random.random(6).reshape(2, 3)", Uniform(0, 1)),
        ("default_rng().uniform(0, np.pi / 2, 3)", Uniform(0, pi / 2)),
        ("onp.random.default_rng().normal(0, 0.5, 3)", Normal(0.5)),
        ("torch.rand(3) * 3", Uniform(0, 3)),
        ("torch.nn.Parameter(torch.randn(3))", Normal(1)),
        ("jax.random.uniform(key, (3,), minval=0, maxval=2)", Uniform(0, 2)),
        ("np.random.uniform(0, unknown, 3)", None),
        ("unknown * np.random.rand(3)", None),
        ("np.random.beta(2, 3, 3)", None),
    ],
)
def test_the_distribution_is_resolved_where_the_numbers_are_known(expression: str, law: Initialisation | None) -> None:
    draw = only(f"w = {expression}\ncircuit(w)\n")
    assert draw.target == "w"
    assert draw.role == "trainable"
    if law is None:
        assert draw.initialisation is None
    else:
        assert type(draw.initialisation) is type(law)
        found = [getattr(draw.initialisation, f) for f in law.__slots__]
        assert found == pytest.approx([getattr(law, f) for f in law.__slots__])


@pytest.mark.parametrize(
    ("before", "expression", "seeded"),
    [
        ("", "np.random.rand(3)", False),
        ("np.random.seed(0)", "np.random.rand(3)", True),
        ("np.random.seed()", "np.random.rand(3)", False),
        ("np.random.seed(None)", "np.random.rand(3)", False),
        ("random.seed(1)", "[random.random()]", True),
        ("torch.manual_seed(1)", "torch.rand(3)", True),
        ("rng = default_rng(7)", "rng.random(3)", True),
        ("rng = default_rng()", "rng.random(3)", False),
        ("rng = np.random.RandomState(seed=3)", "rng.rand(3)", True),
        ("", "default_rng(3).random(3)", True),
        ("", "default_rng().random(3)", False),
        ("key = jax.random.PRNGKey(0)", "jax.random.normal(key, (3,))", True),
    ],
)
def test_a_seed_counts_if_it_stands_before(before: str, expression: str, seeded: bool) -> None:
    assert only(f"{before}\nw = {expression}\ncircuit(w)\n").seeded is seeded


def test_a_seed_that_comes_too_late_does_not_count() -> None:
    assert not only("w = np.random.rand(3)\nnp.random.seed(0)\ncircuit(w)\n").seeded


@pytest.mark.parametrize(
    ("program", "role"),
    [
        ("w = np.random.rand(3)\ncircuit(w)\n", "trainable"),
        ("data = np.random.rand(3)\ncircuit(w0, data)\n", "input"),
        ("v = np.random.rand(3)\ncircuit(w0, x=v)\n", "input"),
        ("v = np.random.rand(3)\ncircuit(w0, v)\n", "input"),
        ("w = np.random.random(3, requires_grad=False)\ncircuit(w)\n", "input"),
    ],
)
def test_the_role_comes_from_the_argument(program: str, role: str) -> None:
    assert only(program).role == role


@pytest.mark.parametrize(
    "program",
    [
        "w = np.random.rand(3)\nopt.step(cost, w)\n",
        "w = np.random.rand(3)\nfor i in range(3):\n    w, c = opt.step_and_cost(cost, w)\n",
        "w = np.random.rand(3)\nfor i in range(3):\n    w = opt.step(cost, w)\n",
        "w = np.random.rand(3)\nfor i in range(3):\n    w = w - 0.1 * qml.grad(cost)(w)\n",
        "w = np.random.rand(3)\nfor i in range(3):\n    g = qml.grad(cost)(w)\n    w -= 0.1 * g\n",
        "w, b = np.random.rand(3), 0.0\ncircuit(w)\n",
        "circuit(w := np.random.rand(3))\n",
        "w = np.random.rand(3)\ndef train():\n    return circuit(w)\n",
        "def init(n):\n    return np.random.rand(n)\nw = init(3)\ncircuit(w)\n",
        "def init(rng, n):\n    return rng.random(n)\nrng = default_rng(1)\nw = init(rng, 3)\ncircuit(w)\n",
        "class M:\n    def __init__(self):\n        self.w = self.init()\n"
        "    def init(self):\n        return np.random.rand(3)\n    def go(self):\n        circuit(self.w)\n",
        "w = np.random.rand(3)\nminimize(cost, w, method='COBYLA')\n",
        "w = np.random.rand(3)\nqml.grad(cost)(w)\n",
        "minimize(cost, x0=np.random.rand(3))\n",
        "circuit(np.random.rand(3))\n",
        "def main():\n    w = np.random.rand(3)\n    circuit(w)\n",
        "class M:\n    def __init__(self):\n        self.w = np.random.rand(3)\n"
        "    def go(self):\n        circuit(self.w)\n",
        "def init():\n    w = np.random.rand(3)\n    return w\nw = init()\ncircuit(w)\n",
        "a = np.random.rand(3)\nw = [a, 1.0]\ncircuit(w)\n",
    ],
)
def test_a_draw_is_seen_however_it_gets_to_a_circuit(program: str) -> None:
    draw = only(program)
    assert draw.role == "trainable"
    assert isinstance(draw.initialisation, Uniform)
    assert draw.initialisation.high == 1.0


@pytest.mark.parametrize(
    "program",
    [
        "noise = np.random.rand(3)\nplt.plot(noise)\ncircuit(np.zeros(3))\n",
        "w = np.zeros(3)\ncircuit(w)\n",
        "w = np.random.choice([1, 2])\ncircuit(w)\n",
        "w = np.random.permutation(3)\ncircuit(w)\n",
        "w = np.random.rand(3)\nw = np.zeros(3)\ncircuit(w)\n",
        "w = np.random.rand(3)\ndef train(w):\n    return circuit(w)\ntrain(np.zeros(3))\n",
        "def noise():\n    eps = np.random.rand(3)\n    return eps\nprint(noise())\ncircuit(np.zeros(3))\n",
    ],
)
def test_other_random_numbers_are_no_draw(program: str) -> None:
    assert draws(program) == ()


def test_a_draw_sets_the_initialisation_of_the_parameters_that_it_binds() -> None:
    program = (
        "import pennylane as qml\nfrom pennylane import numpy as np\nnp.random.seed(1)\n"
        "@qml.qnode(qml.device('default.qubit', wires=1))\ndef circuit(w, v):\n"
        "    qml.RX(w[0], wires=0)\n    qml.RY(v[0], wires=0)\n    return qml.expval(qml.Z(0))\n"
        "w = np.random.normal(0, 0.2, 1)\ncircuit(w, np.array([0.1]))\n"
    )
    source = read_python(program, path="p.py", folder=None, execute=True)
    first, second = source.circuits[0].parameters
    assert first.initialisation == Normal(0.2)
    assert second.initialisation is None


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ("w *= 2", Uniform(0, 2)),
        ("w -= 1", Uniform(-1, 0)),
        ("w /= 4", Uniform(0, 0.25)),
        ("w = 3 * w", Uniform(0, 3)),
        ("w **= 2", None),
        ("w *= unknown", None),
        ("w = np.clip(w, 0, 0.1)", None),
    ],
)
def test_what_happens_to_a_draw_before_its_use_changes_its_law(change: str, law: Initialisation | None) -> None:
    assert only(f"w = np.random.rand(3)\n{change}\ncircuit(w)\n").initialisation == law


@pytest.mark.parametrize(
    ("seed", "expression", "seeded"),
    [
        ("random.seed(0)", "np.random.rand(3)", False),
        ("torch.manual_seed(0)", "onp.random.rand(3)", False),
        ("np.random.seed(0)", "[random.random()]", False),
        ("onp.random.seed(0)", "np.random.rand(3)", True),
        ("seed_everything(0)", "np.random.rand(3)", True),
    ],
)
def test_a_seed_serves_the_generator_that_it_belongs_to(seed: str, expression: str, seeded: bool) -> None:
    assert only(f"{seed}\nw = {expression}\ncircuit(w)\n").seeded is seeded


def test_a_seed_beside_the_call_of_a_function_serves_the_draws_in_it() -> None:
    assert only("def main():\n    w = np.random.rand(3)\n    circuit(w)\nnp.random.seed(0)\nmain()\n").seeded
    assert not only("def main():\n    w = np.random.rand(3)\n    np.random.seed(0)\n    circuit(w)\nmain()\n").seeded


def test_a_draw_in_a_helper_is_placed_there_and_seeded_before_its_call() -> None:
    draw = only("def init(n):\n    return np.random.rand(n)\nnp.random.seed(0)\nw = init(3)\ncircuit(w)\n")
    assert draw.target == "w"
    assert draw.seeded
    assert draw.location.line == HEAD.count("\n") + 2
