"""Labelled circuits in a folder: built in shards that survive an interruption, read together with their features.

A folder holds `recipe.json` (schema, head, seed, count) and one file for every `SHARD` examples: `labels-000000.npz`
and so on for examples that the engines label as they are, `shared-000000.npz` for the large circuits with shared
parameters of which a symmetry tells the truth. No file keeps circuits: seed and index make them again.

Building and reading run through `joblib.Parallel` with functions of plain arguments that give plain arrays back, and
only the caller writes. So another backend takes over by being named:

    client = distributed.Client(...)
    with joblib.parallel_config(backend="dask"):
        build("folder", "gradients", 200_000, jobs=-1)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit
from ansatzlint.errors import InputError, UsageError
from ansatzlint.files import write_atomically

Head = Literal["gradients", "training"]
Part = Literal["labels", "shared"]
Columns = dict[str, NDArray[Any]]
Progress = Callable[[int, int], None]

SCHEMA = 1
SHARD = 500
"""Examples a file."""
HEADS: tuple[Head, ...] = ("gradients", "training")
PARTS: tuple[Part, ...] = ("labels", "shared")

_FIGURES = ("largest", "median", "shots")


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """A data set in memory.

    Attributes
    ----------
    columns : mapping of str to array of shape (N,) or (N, k)
        The labels; for the head "gradients" index, group, kind, qubits, parameters; log10_largest, log10_median and
        log10_shots, each with _lower and _upper, as `labels.Figure` says; barren, method, seconds.
    features : float32 array of shape (N, F)
    names : tuple of str
        The features' names.
    """

    columns: Mapping[str, NDArray[Any]]
    features: NDArray[np.float32]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.features)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a folder is made of."""

    head: Head
    seed: int
    count: int


def build(
    folder: str | Path,
    head: Head,
    count: int,
    seed: int = 0,
    jobs: int = 1,
    parts: Sequence[Part] = PARTS,
    progress: Progress | None = None,
) -> int:
    """Label the first `count` examples of a seed; what the folder holds already is kept.

    In a folder that was begun with a larger count its files are filled up to that.

    Parameters
    ----------
    jobs : int
        Processes, as joblib counts them; the ambient `joblib.parallel_config` decides on the backend.
    parts
        "labels", "shared" or both; the head "training" has no "shared".
    progress
        Called with the numbers of finished files and of all files, at the start and after each file.

    Returns
    -------
    The number of files written.

    Raises
    ------
    UsageError
        For an unknown head, a count below 1, a seed below 0.
    InputError
        If the folder holds data of another recipe or cannot be written. More examples of the same recipe may be added.
    """
    from joblib import Parallel, delayed

    if head not in HEADS:
        raise UsageError(f"unknown head {head!r}; use {' or '.join(HEADS)}")
    if count < 1 or seed < 0:
        raise UsageError(f"count must be at least 1 and seed at least 0, not {count} and {seed}")
    root = Path(folder)
    whole = _state(root, Recipe(head, seed, count)).count
    wanted = [(part, shard) for part in parts for shard in _shards(head, part, count)]
    missing = [(part, shard) for part, shard in wanted if not _whole(root, head, part, shard, whole)]
    done = len(wanted) - len(missing)
    if progress is not None:
        progress(done, len(wanted))
    made = Parallel(n_jobs=jobs, return_as="generator_unordered")(
        delayed(_labelled)(head, part, shard, seed, whole) for part, shard in missing
    )
    for part, shard, columns in made:
        _write(_path(root, part, shard), columns)
        done += 1
        if progress is not None:
            progress(done, len(wanted))
    return len(missing)


def load(folder: str | Path, jobs: int = 1, progress: Progress | None = None) -> Data:
    """The examples of a folder that are labelled so far, with their features, which are kept beside them.

    Raises
    ------
    InputError
        If the folder holds no data set, a file of it cannot be read, or seed and index no longer make the circuits
        that were labelled.
    """
    from joblib import Parallel, delayed

    from ansatzlint import features

    root = Path(folder)
    recipe = read_recipe(root)
    files = [
        (part, shard) for part in PARTS for shard in _shards(recipe.head, part, recipe.count)
        if _whole(root, recipe.head, part, shard, recipe.count)
    ]  # fmt: skip
    if not files:
        raise InputError("holds no labels yet; run `ansatzlint predictor build`", path=str(root))
    columns = [_read(_path(root, part, shard)) for part, shard in files]
    missing = [
        (at, _cache(root, part, shard)) for at, (part, shard) in enumerate(files)
        if not _fresh(_cache(root, part, shard), columns[at]["index"])
    ]  # fmt: skip
    made = Parallel(n_jobs=jobs, return_as="generator_unordered")(
        delayed(_featured)(recipe.head, recipe.seed, at, columns[at]["index"].tolist()) for at, _ in missing
    )
    caches = dict(missing)
    for number, (at, rows, parameters) in enumerate(made):
        if not np.array_equal(parameters, columns[at]["parameters"]):
            raise InputError("is about circuits that this version makes otherwise; build it again", path=str(root))
        _write(caches[at], {"index": columns[at]["index"], "features": rows, "names": np.array(features.names())})
        if progress is not None:
            progress(number + 1, len(missing))
    tables = [_read(_cache(root, part, shard))["features"] for part, shard in files]
    names = columns[0].keys()
    return Data(
        {name: np.concatenate([one[name] for one in columns]) if name != "figure_names" else columns[0][name]
         for name in names},
        np.concatenate(tables).astype(np.float32),
        features.names(),
    )  # fmt: skip


def circuits(head: Head, seed: int, indices: Iterable[int]) -> list[Circuit]:
    """The circuits of some examples."""
    if head == "gradients":
        from ansatzlint.predictor.population import draw

        return [draw(seed, index).circuit for index in indices]
    from ansatzlint.predictor.quality.labels import circuit

    return [circuit(seed, index) for index in indices]


def read_recipe(folder: str | Path) -> Recipe:
    """What the folder is made of; InputError where it is no data set, or of another schema."""
    path = Path(folder) / "recipe.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        schema, recipe = found["schema"], Recipe(found["head"], int(found["seed"]), int(found["count"]))
        if recipe.head not in HEADS or recipe.count < 1 or recipe.seed < 0:
            raise ValueError(recipe)
    except FileNotFoundError:
        raise InputError("is no data set; run `ansatzlint predictor build`", path=str(folder)) from None
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        raise InputError("is no recipe of a data set; build it in another folder", path=str(path)) from None
    if schema != SCHEMA:
        raise InputError(f"is of schema {schema!r}, not {SCHEMA}; build it again", path=str(path))
    return recipe


def _state(root: Path, recipe: Recipe) -> Recipe:
    """Write the recipe into the folder, or see that it is the same but for the count, which may rise; what stands."""
    path = root / "recipe.json"
    if path.exists():
        known = read_recipe(root)
        if (known.head, known.seed) != (recipe.head, recipe.seed):
            raise InputError(
                f"holds the head {known.head!r} with seed {known.seed}; use another folder", path=str(root)
            )
        if known.count > recipe.count:
            return known
        for part in PARTS:  # the last file may have been cut short at the old count
            if known.count % _span(part) and known.count < recipe.count:
                _path(root, part, known.count // _span(part)).unlink(missing_ok=True)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made: {(error.strerror or str(error)).lower()}", path=str(root)) from None
    values = {"schema": SCHEMA, "head": recipe.head, "seed": recipe.seed, "count": recipe.count}
    write_atomically(path, json.dumps(values, indent=2) + "\n")
    return recipe


def _span(part: Part) -> int:
    """How many indices one file is about."""
    from ansatzlint.predictor.population import LARGE_SHARED

    return SHARD if part == "labels" else SHARD * LARGE_SHARED


def _shards(head: Head, part: Part, count: int) -> range:
    if head == "training" and part == "shared":
        return range(0)
    return range(-(-count // _span(part)))


def _path(root: Path, part: Part, shard: int) -> Path:
    return root / f"{part}-{shard:06d}.npz"


def _cache(root: Path, part: Part, shard: int) -> Path:
    from ansatzlint.features import VERSION

    stem = "features" if part == "labels" else "features-shared"
    return root / f"{stem}-{VERSION}-{shard:06d}.npz"


def _labelled(head: Head, part: Part, shard: int, seed: int, count: int) -> tuple[Part, int, Columns]:
    """The rows of one file, in whatever process."""
    indices = _indices(head, part, shard, count)
    if head == "training":
        from ansatzlint.predictor.quality.labels import rows

        return part, shard, rows(seed, indices)
    return part, shard, _gradients(seed, indices)


def _indices(head: Head, part: Part, shard: int, count: int) -> Sequence[int]:
    """The examples of one file."""
    from ansatzlint.predictor.population import LARGE_SHARED

    span = _span(part)
    indices = range(shard * span, min((shard + 1) * span, count))
    if head == "training":
        return indices
    return [i for i in indices if (i % LARGE_SHARED == LARGE_SHARED - 1) == (part == "shared")]


def _whole(root: Path, head: Head, part: Part, shard: int, count: int) -> bool:
    """Whether the file is there, and was not cut short by a smaller count that another process had."""
    path = _path(root, part, shard)
    return path.exists() and len(_read(path)["index"]) >= len(_indices(head, part, shard, count))


def _gradients(seed: int, indices: Sequence[int]) -> Columns:
    from ansatzlint.predictor.labels import label
    from ansatzlint.predictor.population import draw

    examples = [draw(seed, index) for index in indices]
    labels = [label(example.circuit, example.index) for example in examples]
    found: Columns = {
        "index": np.array(indices, dtype=np.int64),
        "group": np.array([e.group for e in examples], dtype="U32"),
        "kind": np.array([e.kind for e in examples], dtype="U16"),
        "qubits": np.array([e.circuit.qubits for e in examples], dtype=np.int16),
        "parameters": np.array([len(e.circuit.trainable) for e in examples], dtype=np.int32),
    }
    for name in _FIGURES:
        figures = [getattr(one, name) for one in labels]
        found[f"log10_{name}"] = np.array([f.value for f in figures], dtype=np.float64)
        found[f"log10_{name}_lower"] = np.array([f.lower for f in figures], dtype=np.float64)
        found[f"log10_{name}_upper"] = np.array([f.upper for f in figures], dtype=np.float64)
    found["barren"] = np.array([one.barren for one in labels], dtype=np.int8)
    found["method"] = np.array([one.method for one in labels], dtype="U12")
    found["seconds"] = np.array([one.seconds for one in labels], dtype=np.float32)
    return found


def _featured(
    head: Head, seed: int, at: int, indices: Sequence[int]
) -> tuple[int, NDArray[np.float32], NDArray[np.int64]]:
    """The features of one file's circuits, and how many trainable parameters each has."""
    from ansatzlint import features

    made = circuits(head, seed, indices)
    return at, features.table(made).astype(np.float32), np.array([len(c.trainable) for c in made], dtype=np.int64)


def _write(path: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    buffer = BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **columns)
    write_atomically(path, buffer.getvalue())


def _read(path: Path) -> Columns:
    from zipfile import BadZipFile

    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, BadZipFile, EOFError, KeyError):
        raise InputError("is no shard of a data set; delete it and build it again", path=str(path)) from None


def _fresh(path: Path, index: NDArray[np.int64]) -> bool:
    """Whether the file holds the features of these examples, in the columns of this version."""
    from ansatzlint.features import names

    if not path.exists():
        return False
    found = _read(path)
    return (
        {"index", "names", "features"} <= found.keys()
        and np.array_equal(found["index"], index)
        and tuple(found["names"].tolist()) == names()
    )
