# expect: nothing
"""Label circuits for the learned predictor on a Dask cluster.

On this machine, or on the cluster whose scheduler is named:

    python predictor_on_dask.py folder --count 2000 --workers 8
    python predictor_on_dask.py folder --count 200000 --scheduler tcp://head:8786

The work goes through joblib, so whatever backend `joblib.parallel_config` names takes it over: "dask" here, Ray with
its own backend the same way. Only this process writes into the folder; stopped and started again it goes on where it
stopped. `ansatzlint predictor fit folder` learns from the labels.
"""

import argparse

import joblib
from dask.distributed import Client, LocalCluster

from ansatzlint.predictor.dataset import build, load


def main() -> None:
    parser = argparse.ArgumentParser(description="Label circuits for the learned predictor on a Dask cluster.")
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=2000, help="circuits")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2, help="processes on this machine")
    parser.add_argument("--scheduler", help="the address of a cluster that runs already")
    options = parser.parse_args()
    cluster = options.scheduler or LocalCluster(options.workers, threads_per_worker=1, dashboard_address=None)
    with Client(cluster), joblib.parallel_config(backend="dask"):
        build(options.folder, "gradients", options.count, options.seed, jobs=-1)
        data = load(options.folder, jobs=-1)
    print(f"{len(data)} circuits labelled, {len(data.names)} features each, in {options.folder}")


if __name__ == "__main__":
    main()
