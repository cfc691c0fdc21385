"""ansatzlint: lints parametrised quantum circuits for barren plateaus.

Public names load on first use, so that a command that needs no PennyLane never imports it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "AmplitudeDamping": "ansatzlint.noise",
    "AnsatzlintError": "ansatzlint.errors",
    "Circuit": "ansatzlint.circuit",
    "Depolarizing": "ansatzlint.noise",
    "Gate": "ansatzlint.circuit",
    "Location": "ansatzlint.circuit",
    "Normal": "ansatzlint.initialisation",
    "Parameter": "ansatzlint.circuit",
    "PauliNoise": "ansatzlint.noise",
    "Report": "ansatzlint.linter",
    "Uniform": "ansatzlint.initialisation",
    "Zeros": "ansatzlint.initialisation",
    "ansatz": "ansatzlint.declaration",
    "entanglement_graph": "ansatzlint.graph",
    "entangling_capability": "ansatzlint.expressivity",
    "expressibility": "ansatzlint.expressivity",
    "gradient_variance": "ansatzlint.variance",
    "lie_algebra": "ansatzlint.algebra",
    "lint": "ansatzlint.linter",
    "predict": "ansatzlint.predictor",
    "read": "ansatzlint.readers",
    "read_all": "ansatzlint.readers",
    "recommend": "ansatzlint.advice",
    "recognise": "ansatzlint.families.recognition",
    "scaling": "ansatzlint.scales",
    "search": "ansatzlint.searcher",
}

__all__ = [*_HOMES, "__version__", "families"]


def __getattr__(name: str) -> Any:
    if name == "families":  # a package that is a mapping
        return import_module("ansatzlint.families")
    if name not in _HOMES:
        raise AttributeError(f"module 'ansatzlint' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
