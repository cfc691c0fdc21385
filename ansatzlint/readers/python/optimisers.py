"""Optimisers without gradients that a syntax tree shows."""

from __future__ import annotations

import ast

from ansatzlint.readers.python.document import Document
from ansatzlint.readers.python.syntax import Syntax
from ansatzlint.source import Optimiser

_METHODS = {"nelder-mead": "Nelder-Mead", "powell": "Powell", "cobyla": "COBYLA", "cobyqa": "COBYQA"}
"""What SciPy's `minimize` takes as `method`, in small letters."""

_SCIPY = {
    "fmin": "Nelder-Mead", "fmin_powell": "Powell", "fmin_cobyla": "COBYLA", "brute": "a grid search",
    "differential_evolution": "differential evolution", "direct": "DIRECT",
}  # fmt: skip
_PENNYLANE = {
    "SPSAOptimizer": "SPSA", "QNSPSAOptimizer": "QN-SPSA", "RotosolveOptimizer": "Rotosolve",
    "RotoselectOptimizer": "Rotoselect",
}  # fmt: skip
_QISKIT = {
    "COBYLA": "COBYLA", "NELDER_MEAD": "Nelder-Mead", "POWELL": "Powell", "SPSA": "SPSA", "QNSPSA": "QN-SPSA",
    "NFT": "NFT", "UMDA": "UMDA", "BOBYQA": "BOBYQA", "IMFIL": "ImFil", "SNOBFIT": "SnobFit", "CRS": "CRS",
    "DIRECT_L": "DIRECT-L", "DIRECT_L_RAND": "DIRECT-L", "ESCH": "ESCH", "ISRES": "ISRES",
}  # fmt: skip
_OTHERS = {
    "cma.fmin": "CMA-ES", "cma.fmin2": "CMA-ES", "cma.CMAEvolutionStrategy": "CMA-ES",
    "noisyopt.minimizeSPSA": "SPSA", "noisyopt.minimizeCompass": "pattern search",
    "skopt.gp_minimize": "Bayesian optimisation", "bayes_opt.BayesianOptimization": "Bayesian optimisation",
    "pybobyqa.solve": "Py-BOBYQA",
}  # fmt: skip


def find_optimisers(document: Document, syntax: Syntax) -> tuple[Optimiser, ...]:
    """The calls that make or run an optimiser which looks at values of the cost alone."""
    found = []
    for unit in document.units:
        for node in ast.walk(unit.tree):
            if isinstance(node, ast.Call) and (name := _name(node, syntax)) is not None:
                found.append(Optimiser(unit.location(node), name))
    return tuple(sorted(found, key=lambda o: (o.location.cell or 0, o.location.line, o.location.column)))


def _name(call: ast.Call, syntax: Syntax) -> str | None:
    dotted = syntax.dotted(call.func) or ""
    root, last = dotted.partition(".")[0], dotted.rpartition(".")[2]
    if dotted == "scipy.optimize.minimize":
        return _method(call)
    if root == "scipy":
        return _SCIPY.get(last) if dotted == f"scipy.optimize.{last}" else None
    if root == "pennylane":
        return _PENNYLANE.get(last)
    if root.startswith("qiskit") and "optimizers" in dotted:
        return _QISKIT.get(last)
    if dotted.startswith("nevergrad.optimizers."):
        return f"Nevergrad's {last}"
    return _OTHERS.get(dotted)


def _method(call: ast.Call) -> str | None:
    """The method that a call of `minimize` names, if it is one without gradients."""
    given = [k.value for k in call.keywords if k.arg == "method"] + call.args[3:4]
    chosen = given[0] if given else None
    if isinstance(chosen, ast.Constant) and isinstance(chosen.value, str):
        return _METHODS.get(chosen.value.lower())
    return None
