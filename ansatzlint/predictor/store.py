"""Learned models in one file: arrays and a page of JSON in a zip archive, as NumPy writes it (`.npz`).

Nothing in it is code: no pickle, no classes by name. A file is judged before it is believed: its size, its members and
their headers, a digest of all that it holds, the version of its format, and the version and names of the features. The
digest finds damage; it proves no origin.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ansatzlint.errors import InputError
from ansatzlint.files import read_bytes, write_atomically
from ansatzlint.predictor.frozen import IntervalModel, Model, ProbabilityModel

FORMAT = 1
"""Raised when files of the old format can be read no more."""
LARGEST = 64 * 2**20
"""A file that unpacks to more bytes is refused; a model needs about half a megabyte."""
REMEDY = "make a new one with `ansatzlint predictor fit`"

_KINDS: dict[str, type[IntervalModel] | type[ProbabilityModel]] = {
    "interval": IntervalModel,
    "probability": ProbabilityModel,
}
_MEMBERS = 2048
_UNREADABLE = (
    AttributeError, IndexError, KeyError, MemoryError, OverflowError, RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What arrays and pages raise that are not those of a model."""

_META = "metadata"
_DIGEST = "sha256"


class ModelError(InputError):
    """A file that holds no model that can be used here; one line with the remedy."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file of models holds.

    Attributes
    ----------
    models : mapping of str to IntervalModel or ProbabilityModel
    names : tuple of str
        The features' names, in the order of the models' columns.
    version : int
        `ansatzlint.features.VERSION` at the time of learning.
    about : mapping
        What whoever saved it wrote beside: JSON values.
    sha256 : str
        The digest of the content.
    """

    models: Mapping[str, Model]
    names: tuple[str, ...]
    version: int
    about: Mapping[str, Any]
    sha256: str


def save(
    path: Path | str,
    models: Mapping[str, Any],
    *,
    names: tuple[str, ...],
    version: int,
    about: Mapping[str, Any] | None = None,
) -> str:
    """Write models to a file, at once; the same models give the same bytes.

    Parameters
    ----------
    path : Path or str
    models : mapping
        Name to a fitted estimator of `ansatzlint.predictor.regressor`, or to its `model_`.
    names : tuple of str
        The features' names.
    version : int
        `ansatzlint.features.VERSION`.
    about : mapping or None
        JSON values to keep beside: where the data came from, how well it does.

    Returns
    -------
    str
        The digest of the content.

    Raises
    ------
    ValueError
        For a model of other features, a name with a slash, something that is no model, or an `about` that is no JSON.
    InputError
        If the file cannot be written.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    kinds = {}
    for name, model in models.items():
        model = getattr(model, "model_", model)
        kind = next((kind for kind, form in _KINDS.items() if isinstance(model, form)), None)
        if kind is None:
            raise ValueError(f"{name!r} is no fitted model")
        if "/" in name:
            raise ValueError(f"a model's name has no slash: {name!r}")
        if model.names != names:
            raise ValueError(f"the model {name!r} was fitted on other features")
        kinds[name] = kind
        arrays |= {f"{name}/{part}": array for part, array in model.to_arrays().items()}
    page = {"format": FORMAT, "features": list(names), "version": version, "models": kinds, "about": dict(about or {})}
    arrays[_META] = np.frombuffer(json.dumps(page, sort_keys=True, allow_nan=False).encode(), dtype=np.uint8)
    digest = _digest(arrays)
    arrays[_DIGEST] = np.frombuffer(bytes.fromhex(digest), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]  # names of arrays, no flags
    write_atomically(Path(path), buffer.getvalue())
    return digest


def load(path: Path | str, *, names: tuple[str, ...] | None = None, version: int | None = None) -> Stored:
    """Read what `save` wrote.

    Parameters
    ----------
    path : Path or str
    names, version
        The features that models will be asked with; models of other ones are refused. None means any.

    Raises
    ------
    ModelError
        For a file that is damaged, is no model, is too large, or is of another format or other features.
    InputError
        For a file that is missing or cannot be read.
    """
    shown = Path(path).as_posix()
    data = read_bytes(Path(path))
    try:
        arrays = _unpack(data, shown)
        digest = arrays.pop(_DIGEST).tobytes().hex()
        page = json.loads(arrays[_META].tobytes().decode())
        if page["format"] != FORMAT:
            raise ModelError(f"has the format {page['format']}, this version reads {FORMAT}; {REMEDY}", path=shown)
        if _digest(arrays) != digest:
            raise ModelError(f"is damaged: its content does not match its digest; {REMEDY}", path=shown)
        found = tuple(map(str, page["features"]))
        _compare(found, page["version"], names, version, shown)
        models: dict[str, Model] = {}
        for name, kind in page["models"].items():
            start = f"{name}/"
            own = {key.removeprefix(start): array for key, array in arrays.items() if key.startswith(start)}
            models[name] = _KINDS[kind].from_arrays(found, own)
        return Stored(models, found, int(page["version"]), page["about"], digest)
    except _UNREADABLE as error:
        raise ModelError(f"holds no model ({_line(error)}); {REMEDY}", path=shown) from None


def _compare(
    found: tuple[str, ...], version: int, names: tuple[str, ...] | None, wanted: int | None, shown: str
) -> None:
    """ModelError unless models of the found features can be asked with the wanted ones."""
    if wanted is not None and version != wanted:
        raise ModelError(f"was fitted on features of version {version!r}, these are {wanted}; {REMEDY}", path=shown)
    if names is not None and found != names:
        other = sorted(set(found) ^ set(names))
        which = f", such as {other[0]!r}" if other else " in their order"
        raise ModelError(f"was fitted on other features{which}; {REMEDY}", path=shown)


def _unpack(data: bytes, shown: str) -> dict[str, npt.NDArray[Any]]:
    """The arrays of an archive whose members and sizes were checked before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MEMBERS or sum(member.file_size for member in members) > LARGEST:
                limit = f"{LARGEST // 2**20} MiB or {_MEMBERS} arrays"
                raise ModelError(f"unpacks to more than {limit}: no model is that large; {REMEDY}", path=shown)
            arrays = {}
            for member in members:
                name = member.filename.removesuffix(".npy")
                if name in arrays:
                    raise ValueError(f"two arrays are named {name}")
                with archive.open(member) as file:
                    arrays[name] = _array(file.read(member.file_size))
            return arrays
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise ModelError(f"is no model file, or a damaged one ({_line(error)}); {REMEDY}", path=shown) from None


def _array(content: bytes) -> npt.NDArray[Any]:
    """An array in NumPy's format; its header's size is compared with what there is before anything is allocated."""
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"an array of version {version[0]}.{version[1]}")
    shape, order, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.kind not in "biuf" or order:
        raise ValueError(f"an array of {dtype}")
    start = file.tell()
    count = 1
    for length in shape:
        count *= length
    if count * dtype.itemsize != len(content) - start:
        raise ValueError("an array that is cut off")
    return np.frombuffer(content, dtype=dtype, offset=start).reshape(shape)


def _digest(arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """SHA-256 over names, types, shapes and contents, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(json.dumps([name, array.dtype.str, list(array.shape)]).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
