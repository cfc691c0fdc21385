"""Facts that a Python file declares about a circuit."""

from __future__ import annotations

import pytest

from ansatzlint.declaration import Declaration, ansatz, declaration
from ansatzlint.errors import UsageError
from ansatzlint.initialisation import Normal


def test_the_function_comes_back_unchanged_with_its_facts() -> None:
    def f(x: float) -> float:
        return x

    declared = ansatz(observable="Z0", init="normal:0.1", args=[1.0, "shape(2)"], inputs="x", sizes=[4, 8])(f)
    assert declared is f
    assert f(3.0) == 3.0
    assert declaration(f) == Declaration("Z0", Normal(0.1), (1.0, "shape(2)"), ("x",), (4, 8))


def test_a_qnode_carries_its_own_facts_or_those_of_its_function() -> None:
    import pennylane as qml

    device = qml.device("default.qubit", wires=1)

    def f(x: float) -> object:
        return qml.expval(qml.Z(0))

    plain = qml.QNode(f, device)
    assert declaration(plain) is None
    above = ansatz(args={"x": 1.0})(qml.QNode(f, device))
    found = declaration(above)
    assert found is not None
    assert found.args == {"x": 1.0}
    below = qml.QNode(ansatz(observable="local-z")(f), device)
    found = declaration(below)
    assert found is not None
    assert found.observable == "local-z"


@pytest.mark.parametrize(
    "facts",
    [{"init": "strange"}, {"args": "text"}, {"observable": "  "}, {"sizes": [0]}, {"sizes": [2.5]}, {"sizes": [True]}],
)
def test_facts_that_cannot_be_meant_are_refused(facts: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        ansatz(**facts)  # type: ignore[arg-type]
