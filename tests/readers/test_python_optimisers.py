"""Optimisers without gradients that a syntax tree shows."""

from __future__ import annotations

import pytest

from ansatzlint import codec
from ansatzlint.readers.python import read_python
from ansatzlint.source import Optimiser

HEAD = """\
import cma
import nevergrad as ng
import pennylane as qml
import scipy
import scipy.optimize as opt
from scipy.optimize import minimize
from qiskit_algorithms.optimizers import SPSA, COBYLA, L_BFGS_B
import qiskit.algorithms.optimizers as old
"""


def found(program: str) -> tuple[Optimiser, ...]:
    return read_python(HEAD + program, path="p.py", folder=None, execute=False).optimisers


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ('minimize(cost, w, method="COBYLA")', "COBYLA"),
        ('opt.minimize(cost, w, method="nelder-mead", tol=1e-3)', "Nelder-Mead"),
        ('scipy.optimize.minimize(cost, w, (), "Powell")', "Powell"),
        ('minimize(cost, w, method="L-BFGS-B")', None),
        ("minimize(cost, w)", None),
        ("minimize(cost, w, method=METHOD)", None),
        ("opt.differential_evolution(cost, bounds)", "differential evolution"),
        ("opt.root(cost, w)", None),
        ("qml.SPSAOptimizer(maxiter=10)", "SPSA"),
        ("qml.RotosolveOptimizer()", "Rotosolve"),
        ("qml.GradientDescentOptimizer(0.1)", None),
        ("SPSA(maxiter=100)", "SPSA"),
        ("COBYLA()", "COBYLA"),
        ("old.NELDER_MEAD()", "Nelder-Mead"),
        ("L_BFGS_B()", None),
        ("ng.optimizers.NGOpt(parametrization=4, budget=100)", "Nevergrad's NGOpt"),
        ("cma.fmin(cost, w, 0.5)", "CMA-ES"),
        ("step(cost, w, method='COBYLA')", None),
    ],
)
def test_calls(call: str, name: str | None) -> None:
    optimisers = found(f"def train(cost, w):\n    return {call}\n")
    assert [o.name for o in optimisers] == ([] if name is None else [name])
    for optimiser in optimisers:
        line = HEAD.count("\n") + 2
        assert (optimiser.location.line, optimiser.location.column) == (line, 12)
        assert codec.loads(codec.dumps(optimiser)) == optimiser


def test_they_come_in_the_order_of_the_file() -> None:
    names = [o.name for o in found("def f():\n    cma.fmin(g, w, 1)\nSPSA()\nminimize(g, w, method='COBYLA')\n")]
    assert names == ["CMA-ES", "SPSA", "COBYLA"]
