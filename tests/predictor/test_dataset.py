"""Data sets in folders: resumable, reproducible, readable without pickle."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ansatzlint import features
from ansatzlint.circuit import Circuit
from ansatzlint.errors import InputError, UsageError
from ansatzlint.predictor import dataset
from ansatzlint.predictor.dataset import build, circuits, load, read_recipe
from ansatzlint.predictor.population import LARGE_SHARED

COUNT = 24


def table(circuits: Sequence[Circuit], jobs: int = 1) -> NDArray[np.float64]:
    """Features that cost nothing."""
    return np.array([[c.qubits, len(c.gates), len(c.trainable)] for c in circuits], dtype=np.float64).reshape(-1, 3)


@pytest.fixture(autouse=True)
def small_files_and_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "SHARD", 10)
    monkeypatch.setattr(features, "table", table)
    monkeypatch.setattr(features, "names", lambda: ("qubits", "gates", "parameters"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "new" / "folder"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "SHARD", 10)
        build(folder, "gradients", COUNT, seed=5, parts=("labels",))
    return folder


def copy(folder: Path, to: Path) -> Path:
    to.mkdir()
    for file in folder.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    return to


def content(path: Path) -> dict[str, bytes]:
    """What stands in the file but for the seconds that it took."""
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name].tobytes() for name in file.files if name != "seconds"}


def test_every_example_stands_in_one_file(built: Path) -> None:
    data = load(built)
    assert sorted(data.columns["index"].tolist()) == list(range(COUNT))
    assert [p.name for p in sorted(built.glob("labels-*.npz"))] == [f"labels-{k:06d}.npz" for k in range(3)]


def test_the_recipe_stands_beside(built: Path) -> None:
    assert json.loads((built / "recipe.json").read_text()) == {
        "schema": 1, "head": "gradients", "seed": 5, "count": COUNT,
    }  # fmt: skip


def test_an_interrupted_build_goes_on_and_ends_with_the_same_labels(built: Path, tmp_path: Path) -> None:
    folder = copy(built, tmp_path / "copy")
    (folder / "labels-000001.npz").unlink()
    seen: list[tuple[int, int]] = []
    assert build(folder, "gradients", COUNT, 5, parts=("labels",), progress=lambda *now: seen.append(now)) == 1
    assert seen == [(2, 3), (3, 3)]
    assert content(folder / "labels-000001.npz") == content(built / "labels-000001.npz")


def test_a_finished_build_writes_nothing(built: Path) -> None:
    assert build(built, "gradients", COUNT, 5, parts=("labels",)) == 0


def test_more_examples_are_added_and_the_file_that_was_cut_short_is_made_again(built: Path, tmp_path: Path) -> None:
    folder = copy(built, tmp_path / "copy")
    assert build(folder, "gradients", COUNT + 4, 5, parts=("labels",)) == 1
    assert sorted(load(folder).columns["index"].tolist()) == list(range(COUNT + 4))


def test_a_smaller_count_cuts_no_file_short(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "_write", lambda path, columns: None)  # as if stopped before the first file
        build(folder, "gradients", COUNT, seed=5, parts=("labels",))
    build(folder, "gradients", 4, seed=5, parts=("labels",))
    build(folder, "gradients", COUNT, seed=5, parts=("labels",))
    assert content(folder / "labels-000000.npz") == content(built / "labels-000000.npz")
    assert len(load(folder)) == COUNT


def test_a_file_that_another_process_cut_short_is_made_again(built: Path, tmp_path: Path) -> None:
    folder, other = copy(built, tmp_path / "own"), tmp_path / "other"
    build(other, "gradients", 4, seed=5, parts=("labels",))
    (folder / "labels-000000.npz").write_bytes((other / "labels-000000.npz").read_bytes())
    assert len(load(folder)) == COUNT - 10
    assert build(folder, "gradients", COUNT, seed=5, parts=("labels",)) == 1
    assert content(folder / "labels-000000.npz") == content(built / "labels-000000.npz")


def test_two_processes_find_what_one_does(built: Path, tmp_path: Path) -> None:
    from joblib import parallel_config

    with parallel_config(backend="threading"):
        build(tmp_path, "gradients", COUNT, 5, jobs=2, parts=("labels",))
    for name in ("labels-000000.npz", "labels-000002.npz"):
        assert content(tmp_path / name) == content(built / name)


def test_a_dask_cluster_takes_over(built: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    from joblib import parallel_config

    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
        parallel_config(backend="dask"),
    ):
        assert build(tmp_path, "gradients", COUNT, 5, jobs=-1, parts=("labels",)) == 3
    assert content(tmp_path / "labels-000002.npz") == content(built / "labels-000002.npz")


def test_features_are_kept_beside_the_labels_and_read_again(built: Path, tmp_path: Path) -> None:
    folder = copy(built, tmp_path / "copy")
    first = load(folder)
    files = sorted(folder.glob(f"features-{features.VERSION}-*.npz"))
    before = [file.stat().st_mtime_ns for file in files]
    second = load(folder)
    assert len(files) == 3
    assert [file.stat().st_mtime_ns for file in files] == before
    np.testing.assert_array_equal(first.features, second.features)
    assert first.names == features.names()


def test_features_belong_to_the_row_of_their_circuit(built: Path) -> None:
    data = load(built)
    made = circuits("gradients", 5, data.columns["index"].tolist())
    np.testing.assert_array_equal(data.columns["qubits"], [c.qubits for c in made])
    np.testing.assert_array_equal(data.features, table(made))


def test_features_of_other_columns_are_worked_out_again(built: Path, tmp_path: Path) -> None:
    folder = copy(built, tmp_path / "copy")
    load(folder)
    path = folder / f"features-{features.VERSION}-000000.npz"
    with np.load(path) as file:
        columns = {name: file[name] for name in file.files}
    np.savez(path, **columns | {"names": columns["names"][::-1], "features": columns["features"] + 1})
    np.testing.assert_array_equal(load(folder).features, load(built).features)


def test_labels_of_other_circuits_are_refused(built: Path, tmp_path: Path) -> None:
    folder = copy(built, tmp_path / "copy")
    for file in folder.glob("features-*"):
        file.unlink()
    path = folder / "labels-000000.npz"
    with np.load(path) as file:
        columns = {name: file[name] for name in file.files}
    columns["parameters"] = columns["parameters"] + 1
    np.savez(path, **columns)
    with pytest.raises(InputError, match="build it again"):
        load(folder)


def test_ends_stand_around_values_and_bounds_have_no_lower_end(built: Path) -> None:
    columns = load(built).columns
    for name in ("largest", "median", "shots"):
        value, lower, upper = (columns[f"log10_{name}{end}"] for end in ("", "_lower", "_upper"))
        known = np.isfinite(value)
        assert known.any()
        assert np.all(lower[known] <= value[known] + 1e-12)
        assert np.all(value[known] <= upper[known] + 1e-12)
        assert np.all(np.isfinite(lower[~known]) <= (name == "shots"))


def test_large_circuits_with_shared_parameters_stand_in_files_of_their_own(tmp_path: Path) -> None:
    assert dataset._shards("gradients", "shared", LARGE_SHARED * 10 + 1) == range(2)
    assert dataset._shards("training", "shared", 4000) == range(0)


@pytest.mark.parametrize(
    ("head", "count", "seed", "message"),
    [("gradient", 5, 0, "unknown head"), ("gradients", 0, 0, "count"), ("gradients", 5, -1, "seed")],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, head: str, count: int, seed: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build(tmp_path, head, count, seed)  # type: ignore[arg-type]  # what a user may type


def test_a_folder_of_another_seed_is_refused(built: Path) -> None:
    with pytest.raises(InputError, match="seed 5; use another folder"):
        build(built, "gradients", COUNT, 6)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": 1}', '{"schema": 9, "head": "gradients", "seed": 0, "count": 1}',
             '{"schema": 1, "head": "other", "seed": 0, "count": 1}',
             '{"schema": 1, "head": "gradients", "seed": 0, "count": 1e400}',
             '{"schema": 1, "head": "gradients", "seed": 0, "count": -5}'],
)  # fmt: skip
def test_a_recipe_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "recipe.json").write_text(text)
    with pytest.raises(InputError, match="build it"):
        read_recipe(tmp_path)


def test_a_folder_without_a_recipe_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no data set"):
        load(tmp_path)


def test_a_file_that_cannot_be_read_is_named(built: Path, tmp_path: Path) -> None:
    folder = copy(built, tmp_path / "copy")
    (folder / "labels-000001.npz").write_bytes(b"PK no archive")
    with pytest.raises(InputError, match=r"labels-000001\.npz"):
        load(folder)
