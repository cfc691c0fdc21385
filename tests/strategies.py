"""Hypothesis strategies for circuits over the whole gate set."""

from __future__ import annotations

from math import pi

from hypothesis import strategies as st

from ansatzlint import angles
from ansatzlint.circuit import Circuit, Gate, Parameter, PauliSum, PauliTerm
from ansatzlint.gates import CONTROLLED, KINDS, shape

NUMBERS = st.one_of(
    st.sampled_from([0.0, pi, -pi, pi / 2, pi / 4, -3 * pi / 8, 2 * pi]),
    st.floats(-10, 10, allow_nan=False).map(float),
)


def angle(names: tuple[str, ...]) -> st.SearchStrategy[angles.Angle]:
    """Numbers, affine and general angles in the given parameters."""
    if not names:
        return NUMBERS
    symbol = st.sampled_from(names).map(angles.parameter)
    affine = st.builds(
        lambda s, c, d: angles.add(angles.multiply(c, s), d),
        symbol, st.sampled_from([1.0, 2.0, -1.0, 0.5, -0.25, 3.7]), st.sampled_from([0.0, 0.1, pi / 2, -pi]),
    )  # fmt: skip
    general = st.one_of(
        st.builds(lambda a, b: angles.multiply(angles.subtract(pi, a), angles.subtract(pi, b)), affine, affine),
        st.builds(lambda f, a: angles.apply(f, a), st.sampled_from(["sin", "cos", "exp"]), symbol),
        st.builds(angles.add, affine, affine),
    )
    return st.one_of(NUMBERS, symbol, affine, general)


@st.composite
def circuits(
    draw: st.DrawFn, max_qubits: int = 4, max_gates: int = 10, kinds: tuple[str, ...] = (), observable: bool = False
) -> Circuit:
    """Random circuits; `kinds` restricts the gate names."""
    qubits = draw(st.integers(1, max_qubits))
    names = tuple(f"t{i}" for i in range(draw(st.integers(0, 4))))
    allowed = [
        name
        for name in (kinds or (*KINDS, *CONTROLLED, "pauli_rotation"))
        if name == "pauli_rotation" or 0 < shape(name)[0] <= qubits
    ]
    gates = []
    for _ in range(draw(st.integers(0, max_gates))):
        name = draw(st.sampled_from(allowed))
        word = draw(st.text("XYZ", min_size=1, max_size=qubits)) if name == "pauli_rotation" else ""
        size, count = shape(name, "", word)
        where = tuple(draw(st.permutations(range(qubits)))[:size])
        gates.append(Gate(name, where, tuple(draw(angle(names)) for _ in range(count)), word=word))
    used = {n for g in gates for n in g.parameters}
    observables: tuple[PauliSum, ...] = ()
    if observable:
        term = st.builds(
            lambda c, w: PauliTerm(c, tuple(sorted(w.items()))),
            st.sampled_from([1.0, -0.5, 2.0]),
            st.dictionaries(st.integers(0, qubits - 1), st.sampled_from("XYZ"), min_size=1),
        )
        observables = (PauliSum(tuple(draw(st.lists(term, min_size=1, max_size=3, unique_by=lambda t: t.paulis)))),)
    return Circuit(
        name="random",
        qubits=qubits,
        gates=tuple(gates),
        parameters=tuple(Parameter(n) for n in names if n in used),
        observables=observables,
    )
