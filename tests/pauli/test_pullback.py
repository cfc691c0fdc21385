"""All strings at once give what each one gives alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import circuits

from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.gates import CLIFFORD
from ansatzlint.pauli.lowering import lower, pull
from ansatzlint.pauli.pullback import localities
from ansatzlint.pauli.strings import PauliString, bits

KINDS = (*sorted(CLIFFORD), "t", "rx", "ry", "rz", "rxx", "rzz", "crx", "pauli_rotation")


@settings(max_examples=300, deadline=None)
@given(circuit=circuits(max_qubits=5, max_gates=16, kinds=KINDS, observable=True), data=st.data())
def test_localities_of_many_strings(circuit: Circuit, data: st.DataObject) -> None:
    operations, n = lower(circuit), circuit.qubits
    parametrised = data.draw(st.lists(st.booleans(), min_size=len(operations), max_size=len(operations)))
    free = data.draw(st.sets(st.integers(0, n - 1)))
    (observable,) = circuit.observables
    assert isinstance(observable, PauliSum)
    strings = [PauliString.of(term.paulis) for term in observable.terms]
    expected = []
    for string in strings:
        stops: dict[int, int] = {}
        for index in range(len(operations) - 1, -1, -1):
            support = operations[index].support
            moved = None if any(support >> q & 1 for q in stops) else pull(operations[index], string, -1)
            if moved is None:
                stops |= {q: index for q in bits(support) if q not in stops}
            else:
                string = moved
        expected.append(sum(parametrised[stops[q]] if q in stops else q in free for q in bits(string.support)))
    assert localities(strings, operations, parametrised, free, n) == tuple(expected)
