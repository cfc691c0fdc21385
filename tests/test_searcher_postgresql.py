"""Several processes on one study in a real PostgreSQL server, one of them killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

BINARIES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
TRIALS = 20

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BINARIES is None, reason="no PostgreSQL server (Debian: apt-get install postgresql)"),
    pytest.mark.skipif(find_spec("psycopg") is None, reason="psycopg is not installed (extra postgresql)"),
]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root: then it runs as the user that Debian's package made."""
    if os.geteuid() != 0:
        return {}
    import pwd

    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of its own in a temporary folder; its URL."""
    import tempfile

    assert BINARIES is not None
    folder = Path(tempfile.mkdtemp(prefix="ansatzlint-postgresql-"))  # pytest's own are closed to other users
    who = _unprivileged()
    if who:
        os.chown(folder, int(str(who["user"])), int(str(who["group"])))
    data, port = folder / "data", _free_port()
    quiet = {"stdout": subprocess.DEVNULL, "cwd": folder, **who}
    subprocess.run(
        [BINARIES / "initdb", "-D", data, "-A", "trust", "-U", "tester", "--no-sync"], check=True, timeout=120, **quiet
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    control = [BINARIES / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-l", folder / "log", "-o", options, "start"], check=True, timeout=120, **quiet)
    try:
        yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, timeout=120, **quiet)
        shutil.rmtree(folder)


WORKER = """
import json, sys
import ansatzlint as al
found = al.search(3, trials=int(sys.argv[2]), storage=sys.argv[1], study="shared", work=200_000, max_depth=12,
                  families=["hardware-efficient", "real-amplitudes"])
print(json.dumps([candidate.number for candidate in found.pareto]))
"""


def _worker(url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, url, str(TRIALS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _open(url: str) -> object:
    import optuna

    return optuna.load_study(study_name="shared", storage=url.replace("postgresql:", "postgresql+psycopg:"))


def test_three_workers_of_which_one_is_killed_account_for_every_trial(server: str) -> None:
    import optuna
    from optuna.trial import TrialState

    workers = [_worker(server) for _ in range(3)]
    victim = workers[0]
    deadline = time.monotonic() + 120
    killed = None
    while killed is None and time.monotonic() < deadline:
        try:
            trials = _open(server).get_trials(deepcopy=False)  # type: ignore[attr-defined]
        except (KeyError, RuntimeError, optuna.exceptions.OptunaError, AssertionError):
            trials = []  # the first worker is still making the tables
        for trial in trials:
            worker = trial.user_attrs.get("worker")
            if trial.state == TrialState.RUNNING and worker is not None and worker["pid"] == victim.pid:
                os.kill(victim.pid, signal.SIGKILL)
                killed = trial.number
                break
        time.sleep(0.01)
    assert killed is not None, "the first worker never had a trial in hand"
    fronts = []
    for process in workers[1:]:
        output, errors = process.communicate(timeout=180)
        assert process.returncode == 0, errors
        fronts.append(json.loads(output))
    victim.communicate(timeout=10)

    trials = _open(server).get_trials(deepcopy=False)  # type: ignore[attr-defined]
    states = {trial.number: trial.state for trial in trials}
    assert set(states.values()) <= {TrialState.COMPLETE, TrialState.FAIL}
    assert states[killed] in (TrialState.FAIL, TrialState.COMPLETE)
    assert sorted(states) == list(range(len(states)))
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    assert TRIALS <= len(complete) <= TRIALS + 1
    owners = {trial.user_attrs["worker"]["pid"] for trial in complete}
    assert {process.pid for process in workers[1:]} <= owners
    measured = [t.user_attrs["content"] for t in complete if "same_as" not in t.user_attrs]
    assert len(measured) == len(set(measured)), "a circuit was evaluated twice"
    assert all(fronts)
