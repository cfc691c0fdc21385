"""The peer's own problem, judged by the peer: `python tests/benchmarks/search_peer.py --peer PYTHON`.

The quickstart of ansatz-search 0.1.0 (4 qubits; rx, ry, rz, cx, crz; at most 12 parameters, 24 gates, depth 16;
gradient variance of ZZZZ at Gaussian angles with 0.1 as good enough, expressibility on a log scale) is run by the peer
and by `al.search`, one after the other on one machine, each in a process of its own that is timed as a whole. The five
circuits that either thinks best are then scored by the peer's `evaluate` on fresh seeds. PYTHON is the interpreter of
an environment with ansatz-search 0.1.0.

Our own pick rests on our figures alone: the engine's variances and our divergence stand in for the peer's samples.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

PROBLEM = """
from ansatz_search import (AnsatzSpec, BayesianOptimizationSearch, HierarchicalCostFunction, SearchProblem,
                           ansatz_search, evaluate)
from ansatz_search.metrics import Expressibility, GradientVariance
cost = HierarchicalCostFunction({0: [GradientVariance(observables="ZZZZ", max_variance=0.1),
                                     Expressibility(num_qubits=4, log_scale=True)]})
problem = SearchProblem(cost_fn=cost, num_qubits=4, allowed_gates=["rx", "ry", "rz", "cx", "crz"], max_param=12,
                        max_gates=24, max_depth=16)
"""

PEER = PROBLEM + """
import json, sys
result = ansatz_search(problem, BayesianOptimizationSearch(seed=int(sys.argv[1])), fdata=sys.argv[2])
from ansatz_search.analysis.runs import top_circuits
found = top_circuits(sys.argv[2], result.compiler, k=5)
print("\\n" + json.dumps([circuit.spec.to_dict() for circuit in found]))
"""

JUDGE = PROBLEM + """
import json, sys
from ansatz_search.backends.numpy import NumpyCompiler
from ansatz_search.analysis.evaluation import within_search_limits
specs = {name: AnsatzSpec.from_dict(data) for name, data in json.load(open(sys.argv[1])).items()}
outside = [name for name, spec in specs.items() if not within_search_limits(spec, problem, NumpyCompiler())]
assert not outside, outside
found = evaluate(specs, seeds=5, cost_fn=cost, progress=False)
print("\\n" + json.dumps({name: entry["objective"]["mean"] for name, entry in found.circuits.items()}))
"""

OURS = """
import json, sys
from math import log, log10
import ansatzlint as al
from ansatzlint.architecture.stages import spread
from ansatzlint.expressivity import expressibility
found = al.search(4, observable="Z0 Z1 Z2 Z3", init=al.Normal(1.0), gates=["rx", "ry", "rz", "cx", "crz"],
                  max_parameters=12, max_gates=24, max_depth=16, trials=int(sys.argv[2]), seed=int(sys.argv[1]))
top = 15 * log(75)  # the divergence of fidelities that are all 1
def objective(circuit, kl, floor):
    return max(1 - al.gradient_variance(circuit).mean / 0.1, 0) + log10(max(kl, floor) / floor) / log10(top / floor)
def rough(candidate):
    return objective(candidate.circuit, 10 ** candidate.objectives["log10_kl"].value, 74 / 10000)
def fine(candidate):
    kl = expressibility(spread(candidate.circuit), samples=5000, seed=1)
    return objective(candidate.circuit, kl.kl, kl.floor)
def spec(circuit):
    index = {p.name: k for k, p in enumerate(circuit.parameters)}
    return {"num_qubits": 4, "blocks": [[g.name, list(g.qubits), [index[g.parameters[0]]] if g.angles else []]
                                        for g in circuit.gates]}
ranked = sorted(sorted(found.candidates(), key=rough)[:20], key=fine)[:5]
print(json.dumps([spec(candidate.circuit) for candidate in ranked]))
"""


def last_line(command: list[str]) -> tuple[object, float]:
    """JSON of the last line that a process prints, and the seconds that it took."""
    started = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1]), time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True, help="Python with ansatz-search 0.1.0")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=350, help="of ours")
    given = parser.parse_args()
    best: dict[str, list[float]] = {"peer": [], "ours": []}
    times: dict[str, list[float]] = {"peer": [], "ours": []}
    print("seed   peer best  seconds   our best  seconds")
    for seed in range(given.seeds):
        with TemporaryDirectory() as folder:
            runs = {
                "peer": [given.peer, "-c", PEER, str(seed), folder],
                "ours": [sys.executable, "-c", OURS, str(seed), str(given.trials)],
            }
            specs: dict[str, object] = {}
            for who, command in runs.items():
                found, seconds = last_line(command)
                times[who].append(seconds)
                assert isinstance(found, list)
                specs |= {f"{who} {k}": circuit for k, circuit in enumerate(found)}
            path = Path(folder) / "circuits.json"
            path.write_text(json.dumps(specs))
            scores, _ = last_line([given.peer, "-c", JUDGE, str(path)])
        assert isinstance(scores, dict)
        for who in best:
            best[who].append(min(score for name, score in scores.items() if name.startswith(who)))
        print(f"{seed:>4}  {best['peer'][-1]:>10.3f}  {times['peer'][-1]:>7.1f}  {best['ours'][-1]:>9.3f}  "
              f"{times['ours'][-1]:>7.1f}", flush=True)  # fmt: skip
    middle = {who: (statistics.median(best[who]), statistics.median(times[who])) for who in best}
    (peer, peers_time), (ours, our_time) = middle["peer"], middle["ours"]
    print(f"median{peer:>10.3f}  {peers_time:>7.1f}  {ours:>9.3f}  {our_time:>7.1f}")


if __name__ == "__main__":
    main()
