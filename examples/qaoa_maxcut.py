# expect: nothing
"""QAOA for MaxCut on a triangular prism: two angles a layer, each shared by all gates of its layer."""

import networkx as nx
import pennylane as qml
from pennylane import numpy as np
from pennylane import qaoa

graph = nx.circular_ladder_graph(3)
cost_h, mixer_h = qaoa.maxcut(graph)
wires = range(graph.number_of_nodes())
depth = 3

dev = qml.device("default.qubit", wires=wires)


def qaoa_layer(gamma, beta):
    qaoa.cost_layer(gamma, cost_h)
    qaoa.mixer_layer(beta, mixer_h)


def circuit(params):
    for wire in wires:
        qml.Hadamard(wires=wire)
    qml.layer(qaoa_layer, depth, params[0], params[1])


@qml.qnode(dev)
def cost(params):
    circuit(params)
    return qml.expval(cost_h)


@qml.qnode(dev)
def probabilities(params):
    circuit(params)
    return qml.probs(wires=wires)  # ansatzlint: ignore[AL102] read once, after training


if __name__ == "__main__":
    # A linear ramp, as in adiabatic evolution: gamma grows, beta falls.
    ramp = (np.arange(depth) + 0.5) / depth
    params = np.array([0.6 * ramp, 0.6 * (1 - ramp)], requires_grad=True)
    optimizer = qml.GradientDescentOptimizer(stepsize=0.02)
    for step in range(40):
        params, value = optimizer.step_and_cost(cost, params)
        if step % 10 == 0:
            print(f"step {step:2d}   cost {value:+.4f}")
    best = int(np.argmax(probabilities(params)))
    print(f"most likely cut {best:0{len(wires)}b}")
