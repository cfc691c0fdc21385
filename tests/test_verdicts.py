"""Verdicts that the literature has settled, each with its assumptions, against `ansatzlint.scaling`.

What is expected is what the paper proves or shows under the assumptions given, never what the code was seen to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from math import comb, cos, log, pi, sin, sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import ansatzlint as al
from ansatzlint.angles import evaluate, names
from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Amplitudes, Circuit, PauliSum, Projector
from ansatzlint.families import FAMILIES
from ansatzlint.families.blocks import place
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import chain
from ansatzlint.families.layouts import halvings
from ansatzlint.gates import rotations
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros
from ansatzlint.noise import AmplitudeDamping, Depolarizing, Noise
from ansatzlint.variance import Effort

Build = Callable[[int], Circuit]

DRAWS = 4_000_000_000
"""Work on circuits with shared angles."""

WIDE = (6, 10, 14, 18, 26, 34, 42, 50)
"""Sizes of circuits whose depth does not grow, or hardly."""
TREES = (4, 8, 16, 32, 64, 128)
LINEAR = (6, 10, 14, 18, 22, 26, 30)
"""Sizes of circuits whose depth grows with n, where the gradients do not fall by a factor of two a qubit."""
DEEP = (5, 7, 9, 11, 13, 15)
"""Sizes of circuits whose depth grows with n, where they do."""
EVEN = (4, 6, 8, 10, 12)
FREE = (6, 8, 10, 12, 14, 16, 18, 20)
"""Sizes of circuits of free fermions, whose depth grows with n."""
MIXED = (4, 5, 6, 10, 11, 12)
"""Sizes of circuits that reach all Pauli strings: exact at the first three, sampled at the others."""
DRAWN = (4, 5, 6, 7, 8, 9, 10)
"""Sizes of circuits with shared angles, which are drawn: a surrogate is no verdict."""


@dataclass(frozen=True)
class Case:
    """One verdict of the literature.

    `paper` and `claim` say who claims what; `state`, `angles`, `depth` and `cost` under which assumptions. `largest`
    and `median` are the verdicts on the live gradients, `median` only where the claim covers it. `law` is the closed
    form of the largest mean square gradient up to a factor, where there is one. `work` is what the measurements may
    cost, more where statevectors have to be drawn.
    """

    name: str
    paper: str
    claim: str
    state: str
    angles: str
    depth: str
    cost: str
    build: Build
    sizes: tuple[int, ...]
    largest: str
    median: str | None = None
    law: Callable[[int], float] | None = None
    observable: str | None = None
    noise: Noise | None = None
    work: int = 1_000_000_000


def family(name: str, **arguments: Any) -> Build:
    return lambda n: FAMILIES[name].build(n, **arguments)


def with_cost(build: Build, cost: Callable[[int], str]) -> Build:
    return lambda n: state(build(n), Assumed(observable=cost(n)))


def started(build: Build, law: Callable[[int], Initialisation]) -> Build:
    return lambda n: state(build(n), Assumed(init=law(n)))


def product(n: int) -> Circuit:
    """RX on every qubit."""
    builder = Builder("product", n)
    for qubit in range(n):
        builder.turn("rx", qubit)
    return builder.circuit()


def gathered(n: int) -> Circuit:
    """RX on every qubit, then CNOT from all others to the last one."""
    builder = Builder("gathered", n)
    for qubit in range(n):
        builder.turn("rx", qubit)
    for qubit in range(n - 1):
        builder.gate("cx", qubit, n - 1)
    return builder.circuit()


def random_axes(n: int) -> Circuit:
    """10 n layers of rotations about random axes and of CZ along a line, from RY(pi/4) |0> on every qubit."""
    rng = np.random.default_rng(n)
    builder = Builder("random-axes", n)
    for _ in range(10 * n):
        for qubit in range(n):
            builder.turn(str(rng.choice(["rx", "ry", "rz"])), qubit)
        for pair in chain(n):
            builder.gate("cz", *pair)
    turned = reduce(np.kron, [[cos(pi / 8), sin(pi / 8)]] * n)
    return replace(builder.circuit(), initial_state=Amplitudes(tuple(range(n)), tuple(complex(a) for a in turned)))


def grown_tree(n: int) -> Circuit:
    """A binary tree of general two-qubit blocks from the root to the sites, which it prepares."""
    builder = Builder("grown-tree", n)
    for level in reversed(halvings(n)):
        for fresh, carried in level.pairs:
            place(builder, "general", (carried, fresh))
    return builder.circuit()


def middle_z(n: int) -> str:
    return f"Z{n // 2}"


def half_string(n: int) -> str:
    """Z on the first half of the qubits: a product of n Majorana operators."""
    return " ".join(f"Z{q}" for q in range(n // 2))


def zz_bonds(n: int) -> str:
    return " + ".join(f"Z{q} Z{q + 1}" for q in range(n - 1))


def matchgates(n: int) -> Circuit:
    """2 n^2 layers of RXX and RZ: Majorana operators diffuse along the line until every set of them is as likely."""
    return FAMILIES["matchgate"].build(n, layers=2 * n * n, generators="rxx-rz")


HEA = family("hardware-efficient", layers="n")
TWISTED = with_cost(family("hardware-efficient", layers="n", rotations="rx-ry"), middle_z)

ZERO, UNIFORM = "|0...0>", "independent, uniform over [0, 2 pi)"

CASES = (
    Case(
        "hardware-efficient, depth n", "arXiv:1803.11173",
        "circuits near a 2-design have gradients of variance 2^-n, polynomial depth suffices",
        ZERO, UNIFORM, "n layers of RY, RZ, CZ on a line", "mean Z",
        HEA, LINEAR, "exponential", "exponential", observable="local-z",
    ),
    Case(
        "random axes, depth 10 n", "arXiv:1803.11173",
        "the gradients of this circuit fall exponentially with n",
        "RY(pi/4) on |0...0>", UNIFORM, "10 n layers of a rotation about a random axis and CZ on a line", "Z0 Z1",
        random_axes, MIXED, "exponential", "exponential", observable="Z0 Z1",
    ),
    Case(
        "general bricks, depth 2 n", "arXiv:1803.11173",
        "both sides 2-designs: N^2 / (2 (N - 1) (N + 1)^2), N = 2^n, which falls as 2^-n",
        ZERO, UNIFORM, "2 n layers of arbitrary two-qubit blocks", "Z in the middle",
        with_cost(family("brickwork", layers="2n"), middle_z), MIXED, "exponential", "exponential",
        law=lambda n: 2.0**-n,
    ),
    Case(
        "simplified two-design, depth 2 n", "arXiv:1803.11173", "as above",
        ZERO, UNIFORM, "2 n layers of RY, CZ in a brick", "mean Z",
        family("simplified-two-design", layers="2n"), DEEP, "exponential", "exponential", observable="local-z",
    ),
    Case(
        "efficient SU(2), depth 2 n", "arXiv:1803.11173", "as above",
        ZERO, UNIFORM, "2 n layers of RY, RZ, CX", "mean Z",
        family("efficient-su2", layers="2n"), DEEP, "exponential", "exponential", observable="local-z",
    ),
    Case(
        "strongly entangling, depth n", "arXiv:1803.11173", "as above",
        ZERO, UNIFORM, "n layers of arbitrary rotations and a CNOT ring", "Z on the first qubit",
        family("strongly-entangling", layers="n"), DEEP, "exponential", "exponential", observable="Z0",
    ),
    Case(
        "re-uploading, depth 2 n", "arXiv:1803.11173", "as above; the inputs do not change the rotations' law",
        ZERO, UNIFORM + ", inputs likewise", "2 n layers of RX(x), arbitrary rotations and a CZ ring",
        "Z on the first qubit",
        family("data-reuploading", layers="2n"), DRAWN, "exponential", "exponential", work=DRAWS,
    ),
    Case(
        "local cost, two layers", "arXiv:2001.00550",
        "a local cost and depth O(log n) make gradients vanish at worst polynomially",
        ZERO, UNIFORM, "2 layers of RY, RZ, CZ on a line", "mean Z: the mean brings n^-2, the light cone nothing",
        family("hardware-efficient", layers=2), WIDE, "polynomial", "polynomial", law=lambda n: n**-2.0,
        observable="local-z",
    ),
    Case(
        "local cost, finite light cone", "arXiv:2311.01393", "a finite local depth has no barren plateau",
        ZERO, UNIFORM, "2 layers of RY, RZ, CZ in a brick", "one Z: the light cone does not grow",
        with_cost(family("finite-light-cone"), middle_z), WIDE, "polynomial", "polynomial", law=lambda n: 1.0,
    ),
    Case(
        "CZ ring, 3 layers", "arXiv:2011.10530", "the gradient is bounded below by the width of the causal cone",
        ZERO, UNIFORM, "3 layers of arbitrary rotations and a CZ ring", "Z on the first qubit",
        family("strongly-entangling", layers=3, imprimitive="cz"), (14, 18, 22, 26, 34, 42, 50),
        "polynomial", "polynomial", law=lambda n: 1.0, observable="Z0",
    ),
    Case(
        "CNOT ring, 1 layer", "arXiv:2001.00550",
        "a global cost is barren at any depth: the ring makes Z0 a Z on all other qubits, E[sin^2] E[cos^2]^(n-2)",
        ZERO, UNIFORM, "1 layer of arbitrary rotations and a CNOT ring", "Z on the first qubit",
        family("strongly-entangling", layers=1), WIDE, "exponential", "exponential", law=lambda n: 2.0**-n,
        observable="Z0",
    ),
    Case(
        "global Z that CNOTs make local", "arXiv:2001.00550", "a local cost: what the CNOTs leave of it is one Z",
        ZERO, UNIFORM, "one RX a qubit, then CNOT from all qubits to the last one", "Z on all qubits",
        gathered, WIDE, "polynomial", "polynomial", law=lambda n: 1.0, observable="global-z",
    ),
    Case(
        "local cost, log n bricks", "arXiv:2001.00550",
        "a local cost and depth O(log n) make gradients vanish at worst polynomially",
        ZERO, UNIFORM, "log n layers of arbitrary two-qubit blocks in a brick", "Z in the middle",
        with_cost(family("brickwork", layers="log n"), middle_z), (4, 8, 16, 32, 64), "polynomial",
    ),
    Case(
        "local cost, log n two-designs", "arXiv:2001.00550",
        "as above; blocks of RY and CZ stand for their 2-designs",
        ZERO, UNIFORM, "log n layers of RY, CZ in a brick", "mean Z",
        family("simplified-two-design", layers="log n"), TREES[:-1], "polynomial", "polynomial", observable="local-z",
    ),
    Case(
        "projector, product circuit", "arXiv:2001.00550", "the warm-up example: (1/8) (3/8)^(n-1)",
        ZERO, UNIFORM, "one RX a qubit", "projector on |0...0>",
        product, WIDE, "exponential", "exponential", law=lambda n: (3 / 8) ** n, observable="projector",
    ),
    Case(
        "local cost, product circuit", "arXiv:2001.00550", "the warm-up example: 1 / (8 n^2) for the mean of |0><0|",
        ZERO, UNIFORM, "one RX a qubit", "mean Z, twice that of |0><0|",
        product, WIDE, "polynomial", "polynomial", law=lambda n: n**-2.0, observable="local-z",
    ),
    Case(
        "global Z, product circuit", "arXiv:2001.00550",
        "a global cost is barren at any depth; here E[sin^2] E[cos^2]^(n-1) = 2^-n",
        ZERO, UNIFORM, "one RX a qubit", "Z on all qubits",
        product, WIDE, "exponential", "exponential", law=lambda n: 2.0**-n, observable="global-z",
    ),
    Case(
        "global Z, two layers", "arXiv:2001.00550", "a global cost is barren at any depth",
        ZERO, UNIFORM, "2 layers of RY, RZ, CZ on a line, then RY, RZ", "Z on all qubits",
        family("hardware-efficient", layers=2, final_rotations=True), WIDE, "exponential", "exponential",
        observable="global-z",
    ),
    Case(
        "projector, log n bricks", "arXiv:2001.00550", "a global cost is barren at any depth",
        ZERO, UNIFORM, "log n layers of RY, CZ in a brick", "projector on |0...0>",
        family("simplified-two-design", layers="log n"), DEEP, "exponential", "exponential", observable="projector",
    ),
    Case(
        "global Z, depth n", "arXiv:2001.00550", "a global cost is barren at any depth",
        ZERO, UNIFORM, "n layers of RY, RZ, CZ on a line, then RY, RZ", "Z on all qubits",
        family("hardware-efficient", layers="n", final_rotations=True), DEEP, "exponential", "exponential",
        observable="global-z",
    ),
    Case(
        "QCNN", "arXiv:2011.02966", "the variance vanishes at worst polynomially",
        ZERO, UNIFORM + ", no block shared", "log n levels of arbitrary blocks and controlled pooling",
        "Z on the last qubit",
        family("qcnn"), TREES, "polynomial",
    ),
    Case(
        "tree tensor network", "arXiv:2102.01828", "no barren plateau",
        ZERO, UNIFORM, "log n levels of arbitrary blocks", "Z on the root",
        family("tree-tensor-network"), TREES, "polynomial",
    ),
    Case(
        "tree that prepares a state", "arXiv:2209.00292", "qTTN: the variance falls polynomially",
        ZERO, UNIFORM, "log n levels of arbitrary blocks", "sum of ZZ",
        with_cost(grown_tree, zz_bonds), TREES[:-1], "polynomial", "polynomial",
    ),
    Case(
        "MERA", "arXiv:2209.00292", "qMERA: the variance falls polynomially",
        ZERO, UNIFORM, "log n levels of isometries and disentanglers", "sum of ZZ",
        family("mera"), TREES[:-1], "polynomial", "polynomial",
    ),
    Case(
        "MPS staircase, one term", "arXiv:2209.00292",
        "the variance decays exponentially with the distance between block and term",
        ZERO, UNIFORM, "one sweep of arbitrary blocks", "Z on the last qubit, which the last block meets",
        with_cost(family("mps-staircase"), lambda n: f"Z{n - 1}"), WIDE, "polynomial", "exponential",
    ),
    Case(
        "MPS staircase, extensive cost", "arXiv:2304.14320",
        "extensive finite-range Hamiltonians have no barren plateau",
        ZERO, UNIFORM, "one sweep of arbitrary blocks", "sum of ZZ",
        with_cost(family("mps-staircase"), zz_bonds), WIDE, "polynomial", "polynomial",
    ),
    Case(
        "matchgates, one Z", "arXiv:2310.11505", "C(n,1) / C(2n,2) = 1 / (2n - 1), a product of two Majorana operators",
        "|0101...>", UNIFORM, "2 n^2 layers of RXX in a brick and RZ", "Z in the middle",
        matchgates, (4, 6, 8, 10, 12, 14), "polynomial", law=lambda n: 1 / (2 * n - 1),
    ),
    Case(
        "matchgates, middle degree", "arXiv:2310.11505", "C(n,n/2) / C(2n,n), a product of n Majorana operators",
        "|0101...>", UNIFORM, "2 n^2 layers of RXX in a brick and RZ", "Z on half of the qubits",
        with_cost(matchgates, half_string), EVEN, "exponential",
        law=lambda n: comb(n, n // 2) / comb(2 * n, n),
    ),
    Case(
        "Givens rotations", "arXiv:2310.11505", "one Z has degree two: an invariant space of dimension O(n^2)",
        "|0101...>", UNIFORM, "2n layers of Givens rotations in a brick and RZ", "Z in the middle",
        family("matchgate", layers="2n"), LINEAR, "polynomial", "polynomial",
    ),
    Case(
        "permutation-equivariant", "arXiv:2210.09974", "no barren plateau: an algebra of dimension O(n^3)",
        ZERO, "uniform over [0, 2 pi), one for each sum", "n layers", "mean Z",
        family("permutation-equivariant", layers="n"), DRAWN, "polynomial", "polynomial", observable="local-z",
        work=DRAWS,
    ),
    Case(
        "TFIM ansatz, shared", "arXiv:2105.14377", "an algebra of dimension O(n) or O(n^2): no barren plateau",
        "|+...+>", "uniform over [0, 2 pi), two a layer", "2n layers", "its Hamiltonian on a ring",
        family("hamiltonian-variational", layers="2n", model="tfim", boundary="periodic"), EVEN,
        "polynomial", "polynomial", work=DRAWS,
    ),
    Case(
        "TFIM ansatz, free", "arXiv:2309.09342", "so(2n), and the cost lies in it",
        "|+...+>", UNIFORM, "2n layers", "its Hamiltonian on an open chain",
        family("hamiltonian-variational", layers="2n", model="tfim", angles="free"), FREE, "polynomial", "polynomial",
    ),
    Case(
        "XY chain", "arXiv:2309.09342", "so(n), and the cost lies in it",
        "singlets", "uniform over [0, 2 pi), one a bond", "2n layers", "its Hamiltonian on an open chain",
        family("hamiltonian-variational", layers="2n", model="xy", angles="free"), FREE, "polynomial", "polynomial",
    ),
    Case(
        "Heisenberg ansatz", "arXiv:2309.09342",
        "the cost lies in an algebra of exponential dimension: variance about 1 / dim",
        "singlets", "uniform over [0, 2 pi), one for the even and one for the odd bonds a layer", "2n layers",
        "its Hamiltonian on an open chain",
        family("hamiltonian-variational", layers="2n", model="heisenberg"), EVEN, "exponential", "exponential",
        work=DRAWS,
    ),
    Case(
        "Heisenberg ansatz, free", "arXiv:2309.09342", "as above; turns by XX + YY + ZZ are those of transpositions",
        "singlets", "uniform over [0, 2 pi), one a bond", "2n layers", "its Hamiltonian on an open chain",
        family("hamiltonian-variational", layers="2n", model="heisenberg", angles="free"), EVEN,
        "exponential", "exponential", work=DRAWS,
    ),
    Case(
        "Ising with a longitudinal field", "arXiv:2105.14377", "a controllable system is barren",
        "|+...+>", UNIFORM, "5 n layers", "its Hamiltonian on an open chain",
        lambda n: FAMILIES["hamiltonian-variational"].build(n, layers=5 * n, model="ltfim", angles="free"), MIXED,
        "exponential", "exponential",
    ),
    *(
        Case(
            f"multi-angle QAOA, {graph}", "arXiv:2410.05187", claim,
            "|+...+>", UNIFORM, "2n layers", "the cut",
            family("qaoa", layers="2n", graph=graph, angles="multi"), sizes, verdict, verdict,
        )
        for graph, verdict, sizes, claim in (
            ("path", "polynomial", LINEAR, "an algebra of polynomial dimension: no barren plateau"),
            ("cycle", "polynomial", FREE, "an algebra of polynomial dimension: no barren plateau"),
            ("regular3", "exponential", (4, 6, 10, 12, 14), "any other graph: an algebra of exponential dimension"),
            ("complete", "exponential", MIXED, "any other graph: an algebra of exponential dimension"),
        )
    ),
    Case(
        "QAOA, cycle", "arXiv:2407.12587", "an algebra of dimension O(n)",
        "|+...+>", "uniform over [0, 2 pi), two a layer", "2n layers", "the cut",
        family("qaoa", layers="2n", graph="cycle"), EVEN, "polynomial", "polynomial",
        work=DRAWS,
    ),
    Case(
        "Z2-symmetric, all pairs", "arXiv:2410.05187", "an algebra of exponential dimension",
        "|+...+>", UNIFORM, "2n layers of RZZ on all pairs and RX", "mean X",
        family("z2-symmetric", layers="2n", coupling="all-to-all"), MIXED, "exponential", "exponential",
    ),
    Case(
        "small angles", "arXiv:2203.09376", "the gradient's norm falls at worst polynomially with n and depth",
        ZERO + ", where <Z> = 1", "independent, normal with variance 1 / (4 S (L + 2)), S = 1, L = n",
        "n layers of RX, RY, CZ on a line", "Z in the middle",
        started(TWISTED, lambda n: Normal(sqrt(1 / (4 * (n + 2))))), DEEP, "polynomial",
    ),
    Case(
        "reduced domain", "arXiv:2302.06858",
        "a polynomial lower bound for uniform angles in [-a pi, a pi], a ~ L^-1/2",
        ZERO, "independent, uniform over that interval, a = 0.5 L^-1/2, L = n", "n layers of RX, RY, CZ on a line",
        "Z in the middle",
        started(TWISTED, lambda n: Uniform(-0.5 * pi / sqrt(n), 0.5 * pi / sqrt(n))), DEEP, "polynomial",
    ),
    Case(
        "small angles, noise", "arXiv:2007.14384", "local Pauli noise at linear depth: exponential whatever the start",
        ZERO, "independent, normal with variance 1 / (4 (L + 2)), L = n: fine without noise",
        "n layers of RX, RY, CZ on a line, depolarizing 0.05 and 0.1", "Z in the middle",
        started(TWISTED, lambda n: Normal(sqrt(1 / (4 * (n + 2))))), DEEP, "exponential", "exponential",
        noise=Depolarizing(0.05, 0.1),
    ),
    Case(
        "matchgates, noise", "arXiv:2007.14384", "local Pauli noise at linear depth: exponential",
        "|0101...>", UNIFORM, "2n layers of RXX in a brick and RZ, depolarizing 0.02 and 0.05",
        "Z in the middle, which without noise is fine",
        family("matchgate", layers="2n", generators="rxx-rz"), DEEP, "exponential", "exponential",
        noise=Depolarizing(0.02, 0.05),
    ),
    Case(
        "amplitude damping", "arXiv:2403.13927",
        "non-unital noise: no barren plateau of a local cost, but only the last layers train",
        ZERO, UNIFORM, "n layers of RY, RZ, CZ on a line, damping 0.1", "Z in the middle",
        with_cost(HEA, middle_z), (3, 4, 5, 6, 7, 8, 12, 16, 20), "polynomial", "exponential",
        noise=AmplitudeDamping(0.1), work=2_000_000_000,
    ),
    Case(
        "identity blocks", "arXiv:1903.05076", "at the start all blocks but one are the identity: a shallow circuit",
        "RY(pi/4) on |0...0>", "theta uniform, delta zero", "n blocks of depth one and its inverse",
        "mean Z: the last RY of a qubit alone turns it by pi/4 more, which gives 1 / (2 n^2)",
        family("identity-block", layers="n"), (3, 4, 5, 6, 7, 8, 9), "polynomial", law=lambda n: n**-2.0,
        observable="local-z", work=DRAWS,
    ),
    Case(
        "short evolution", "arXiv:2302.08529",
        "an ansatz that approximates a short evolution by a local Hamiltonian has no barren plateau",
        "singlets", "uniform over [0, 2 / L), L = n, one for the even and one for the odd bonds a layer", "n layers",
        "its Hamiltonian on an open chain",
        started(family("hamiltonian-variational", layers="n", model="heisenberg"), lambda n: Uniform(0.0, 2.0 / n)),
        EVEN, "polynomial", "polynomial", work=DRAWS,
    ),
)  # fmt: skip

NAMES = [case.name for case in CASES]


def test_every_case_is_written_out():
    assert len(CASES) >= 40
    assert len(set(NAMES)) == len(NAMES)
    for case in CASES:
        assert re.fullmatch(r"arXiv:\d{4}\.\d{5}", case.paper), case.name
        assert all((case.claim, case.state, case.angles, case.depth, case.cost)), case.name
        assert len(case.sizes) >= 5, case.name
    for verdict in ("polynomial", "exponential"):
        assert sum(case.largest == verdict for case in CASES) >= 15


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case.name, marks=() if case.sizes is WIDE else pytest.mark.slow) for case in CASES],
)
def test_verdict(case: Case):
    found = al.scaling(
        case.build, sizes=case.sizes, target=case.sizes[-1], observable=case.observable, noise=case.noise,
        effort=Effort(work=case.work),
    )  # fmt: skip
    assert all(p.method != "surrogate" for p in found.points)
    assert found.verdict == case.largest, str(found)
    if case.median is not None:
        assert found.median.verdict == case.median, str(found)
    if case.law is not None:
        least, most = exponents(case.law, case.sizes, case.largest)
        assert found.lower <= most, str(found)
        assert found.upper >= least, str(found)


def exponents(law: Callable[[int], float], sizes: tuple[int, ...], verdict: str) -> tuple[float, float]:
    """The least and the largest slope of the law between neighbouring sizes, and far beyond the last of them."""
    reach = (*sizes, *((100 * sizes[-1], 1000 * sizes[-1]) if verdict == "polynomial" else ()))
    x = np.log(reach) if verdict == "polynomial" else np.array(reach) * np.log(2)
    slopes = -np.diff([log(law(n)) for n in reach]) / np.diff(x)
    return float(slopes.min()) - 1e-6, float(slopes.max()) + 1e-6


def drawn_squares(circuit: Circuit, draws: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """G of each parameter and its standard error, by statevectors of drawn angles and the adjoint of every rotation."""
    n = circuit.qubits
    rng = np.random.default_rng(seed)
    values = {p.name: drawn(p.initialisation or circuit.initialisation, draws, rng) for p in circuit.parameters}
    (cost,) = circuit.observables

    def apply(word: str, qubits: tuple[int, ...], psi: NDArray[np.complex128]) -> NDArray[np.complex128]:
        for qubit, letter in zip(qubits, word, strict=True):
            if letter != "I":
                psi = np.moveaxis(np.tensordot(PAULI[letter], psi, (1, qubit)), 0, qubit)
        return psi

    psi = np.zeros((2,) * n + (draws,), dtype=np.complex128)
    if circuit.initial_state is None:
        psi[(0,) * n] = 1.0
    else:
        psi += np.array(circuit.initial_state.values).reshape((2,) * n + (1,))
    turns = [
        (word, gate.qubits, angle)
        for gate in circuit.gates
        for word, angle in rotations(gate.name, gate.angles, gate.controls, gate.word)
    ]

    def turn(word: str, qubits: tuple[int, ...], half: Any, psi: NDArray[np.complex128]) -> NDArray[np.complex128]:
        return np.cos(half) * psi - 1j * np.sin(half) * apply(word, qubits, psi)

    halves = [np.asarray(evaluate(angle, values)) / 2 for _, _, angle in turns]
    for (word, qubits, _), half in zip(turns, halves, strict=True):
        psi = turn(word, qubits, half, psi)
    if isinstance(cost, Projector):
        bra = np.zeros_like(psi)
        bra[(0,) * n] = psi[(0,) * n]
    else:
        assert isinstance(cost, PauliSum)
        bra = sum(t.coefficient * apply("".join(p for _, p in t.paulis), t.qubits, psi) for t in cost.terms)
    slopes = {p.name: np.zeros(draws) for p in circuit.parameters}
    axes = tuple(range(n))
    for (word, qubits, angle), half in zip(reversed(turns), reversed(halves), strict=True):
        if names(angle):
            slope = np.sum(bra.conj() * apply(word, qubits, psi), axis=axes).imag
            for name in names(angle):
                slopes[name] += dict(angle.terms)[name] * slope
        psi, bra = turn(word, qubits, -half, psi), turn(word, qubits, -half, bra)
    squares = np.array([slopes[p.name] ** 2 for p in circuit.trainable])
    return squares.mean(axis=1), squares.std(axis=1) / sqrt(draws)


def drawn(law: Initialisation | None, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Values of one angle."""
    match law:
        case Normal(std, mean):
            return rng.normal(mean, std, draws)
        case Zeros():
            return np.zeros(draws)
        case None:
            return rng.uniform(0, 2 * pi, draws)
    return rng.uniform(law.low, law.high, draws)


PAULI = {"X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1])}

SMALL = [case for case in CASES if case.noise is None and case.sizes[0] <= 6]


@pytest.mark.slow
@pytest.mark.parametrize("case", SMALL, ids=[case.name for case in SMALL])
def test_engine_against_drawn_statevectors(case: Case):
    """At the smallest size, where the verdict's first point lies."""
    circuit = complete(state(case.build(case.sizes[0]), Assumed(observable=case.observable)))
    found = al.gradient_variance(circuit)
    draws = 500 if len(circuit.gates) < 100 else 200
    squares, error = drawn_squares(circuit, draws, seed=1)
    spread = np.hypot(error, (found.mean_square_upper - found.mean_square_lower) / 3.92)
    # A gradient of which the draws hit little has no error that they could tell: a thousandth of the largest is let be.
    allowed = 6 * spread + 1e-3 * found.mean_square.max()
    assert (np.abs(squares - found.mean_square) <= allowed).all()


def test_share_of_a_staircase_that_can_be_resolved():
    """One term sees the last blocks alone: as many resolvable gradients at every size (arXiv:2209.00292)."""
    counts = {}
    for n in (16, 32, 64):
        circuit = with_cost(family("mps-staircase"), lambda n: f"Z{n - 1}")(n)
        found = al.gradient_variance(circuit, samples=1 << 18)
        counts[n] = int((found.shots_upper <= 1e5).sum())
        assert found.live.sum() > 9 * n
    assert counts[16] > 50
    assert max(counts.values()) <= 1.1 * min(counts.values())
