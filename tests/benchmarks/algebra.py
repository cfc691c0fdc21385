"""What the Lie algebra of Pauli strings costs, as ratios: `python tests/benchmarks/algebra.py`.

Run it on a quiet machine. A figure is the median of several measurements with the smallest and the largest behind it;
both sides of a ratio are measured in turns in one run. Strings are made beforehand on both sides.

    python tests/benchmarks/algebra.py [PART …] [--repeat N] [--peer-python PYTHON]

    peer        against PauLie: name and dimension of the algebra; it needs Python 3.12 and may live in an environment
                of its own: --peer-python FOLDER/bin/python
    closure     against PennyLane's lie_closure, dimensions of 5 qubits
    circuit     al.lie_algebra, from circuit to deep limit
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterable

from moments import Row, hardware_efficient, machine, ratios, seconds, versions

from ansatzlint.algebra.classify import Component, blocks
from ansatzlint.pauli.strings import PauliString

PATIENCE = 300
"""Seconds after which the peer is given up."""


def ising(n: int) -> list[str]:
    """XX on neighbours and Z: so(2n)."""
    return [_word(n, {i: "X", i + 1: "X"}) for i in range(n - 1)] + [_word(n, {i: "Z"}) for i in range(n)]


def universal(n: int) -> list[str]:
    """ZZ on neighbours, X and Z: su(2^n)."""
    fields = [_word(n, {i: letter}) for i in range(n) for letter in "XZ"]
    return [_word(n, {i: "Z", i + 1: "Z"}) for i in range(n - 1)] + fields


def heisenberg(n: int) -> list[str]:
    """XX, YY and ZZ on neighbours, each with an angle of its own."""
    return [_word(n, {i: letter, i + 1: letter}) for i in range(n - 1) for letter in "XYZ"]


def _word(n: int, letters: dict[int, str]) -> str:
    return "".join(letters.get(q, "I") for q in range(n))


def strings(words: Iterable[str]) -> list[PauliString]:
    return [PauliString.of(enumerate(word)) for word in words]


def classified(made: list[PauliString], qubits: int) -> list[Component]:
    found = [block.component for block in blocks(made, qubits)]
    assert sum(part.dimension for part in found) > 0
    return found


PEER = '''
"""Reads {"words", "repeat"}; writes seconds a call, name and dimension."""
import json, sys, time
from importlib.metadata import version
from paulie import get_pauli_string

sys.set_int_max_str_digits(0)
task = json.load(sys.stdin)
taken = []
for _ in range(task["repeat"] + 1):
    made = get_pauli_string(task["words"])
    started = time.perf_counter()
    name, dimension = made.get_algebra(), made.get_dla_dim()
    taken.append(time.perf_counter() - started)
print(json.dumps({"seconds": taken[1:], "name": name, "dimension": str(dimension), "version": version("paulie")}))
'''

CASES = (
    ("Ising chain, 100 qubits", ising, 100),
    ("Ising chain, 1000 qubits", ising, 1000),
    ("universal set, 100 qubits", universal, 100),
    ("Heisenberg chain, 100 qubits", heisenberg, 100),
)


def against_peer(repeat: int, python: str) -> Iterable[Row]:
    for title, words, n in CASES:
        given = words(n)
        made = strings(given)
        expected = sum(part.dimension for part in classified(made, n))
        ours = [seconds(lambda made=made, n=n: classified(made, n)) for _ in range(repeat)]
        task = json.dumps({"words": given, "repeat": repeat})
        try:
            done = subprocess.run(
                [python, "-c", PEER], input=task, capture_output=True, text=True, check=False, timeout=PATIENCE
            )
        except subprocess.TimeoutExpired:
            yield Row(f"PauLie: {title}", (), "s", f"not finished after {PATIENCE} s")
            continue
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            yield Row(f"PauLie: {title}", (), "x", f"not done there: {last}")
        else:
            peer = json.loads(done.stdout)
            sys.set_int_max_str_digits(0)
            if int(peer["dimension"]) != expected:
                raise SystemExit(f"dimensions differ: {expected} and {peer['dimension']} ({peer['name']})")
            yield Row(f"PauLie {peer['version']} / ours: {title}", ratios(peer["seconds"], ours), "x", "at least 1 x")
        yield Row("  ours", tuple(1e3 * t for t in ours), "ms")


def against_closure(repeat: int) -> Iterable[Row]:
    import pennylane as qml

    n = 5
    for title, words in (("Ising chain", ising), ("Heisenberg chain", heisenberg), ("universal set", universal)):
        given = words(n)
        operators = [qml.pauli.string_to_pauli_word(word.rstrip("I") or "I") for word in given]
        made = strings(given)
        expected = sum(part.dimension for part in classified(made, n))
        theirs, ours = [], []
        for _ in range(repeat if words is not universal else min(repeat, 2)):
            found: list[int] = []
            theirs.append(seconds(_closed(operators, found)))
            ours.append(seconds(lambda made=made: classified(made, n)))
            if found != [expected]:
                raise SystemExit(f"dimensions differ: {expected} and {found[0]}")
        yield Row(f"PennyLane lie_closure / ours: {title}, {n} qubits", ratios(theirs, ours), "x", "at least 1,000 x")
        yield Row("  lie_closure", tuple(theirs), "s")


def _closed(operators: list[object], found: list[int]) -> Callable[[], None]:
    import pennylane as qml

    return lambda: found.append(len(qml.lie_closure(operators)))


def whole_circuits(repeat: int) -> Iterable[Row]:
    import ansatzlint as al

    for n, layers, entangler in ((100, 100, "brick"), (100, 100, "stair"), (1000, 10, "brick")):
        circuit = hardware_efficient(n, layers, ("ry", "rz"), entangler, "local-z")
        taken = tuple(seconds(lambda circuit=circuit: al.lie_algebra(circuit)) for _ in range(repeat))
        yield Row(f"al.lie_algebra, {n} qubits x {layers} layers, {entangler}", taken, "s")


PARTS = ("peer", "closure", "circuit")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--repeat", type=int, default=5, help="measurements of each figure")
    parser.add_argument("--peer-python", default=sys.executable, help="the interpreter that has PauLie")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown or given.repeat < 1:
        parser.error(f"no such part: {', '.join(sorted(unknown))}" if unknown else "--repeat must be at least 1")
    parts: dict[str, Callable[[], Iterable[Row]]] = {
        "peer": lambda: against_peer(given.repeat, given.peer_python),
        "closure": lambda: against_closure(given.repeat),
        "circuit": lambda: whole_circuits(given.repeat),
    }
    print(machine())
    print(versions(), flush=True)
    for name in PARTS:
        if given.parts and name not in given.parts:
            continue
        for row in parts[name]():
            print(f"{row.title:<86} {row}".rstrip(), flush=True)
    print(f"at the end: {machine()}")


if __name__ == "__main__":
    main()
