"""From paths to texts: which files a folder holds, and what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePath

from ansatzlint.errors import InputError

SUFFIXES = (".py", ".ipynb", ".qasm")
MAX_BYTES = 64 * 2**20
"""A larger file is refused: no circuit that a person or a generator meant to be linted is that large."""

_SKIPPED = frozenset(["__pycache__", "node_modules", "venv", "env", "build", "dist", "site-packages"])


def collect(paths: Iterable[str], exclude: Iterable[str] = ()) -> Iterator[Path]:
    """The files that the paths mean, each once: a file as it is, a folder's files sorted by name.

    In folders hidden ones, virtual environments and build outputs are passed over, symbolic links to folders are
    not followed, and files that match an `exclude` pattern are left out, named ones too.
    """
    patterns = tuple(exclude)
    seen: set[str] = set()
    for name in paths:
        path = Path(name)
        for file in _walk(path) if is_folder(path) else (path,):
            key = os.path.abspath(file)  # noqa: PTH100 - resolve() would follow links, which may be circular
            if key not in seen and not _matches(file, patterns):
                seen.add(key)
                yield file


def is_folder(path: Path) -> bool:
    """Whether the path is a folder; False for one that cannot be looked up, such as a name that is too long."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises there


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(
            f for f in folders if not f.startswith(".") and f not in _SKIPPED and not _is_environment(Path(root, f))
        )
        for file in sorted(files):
            if file.endswith(SUFFIXES) and not file.startswith("."):
                yield Path(root, file)


def _is_environment(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists()


def _matches(file: Path, patterns: Iterable[str]) -> bool:
    text = file.as_posix()
    return any(fnmatch(text, p) or fnmatch(text, f"*/{p}") or fnmatch(text, f"{p.rstrip('/')}/*") or
               fnmatch(text, f"*/{p.rstrip('/')}/*") for p in patterns)  # fmt: skip


def read_bytes(path: Path) -> bytes:
    """The file's content; InputError in one line for a file that is missing, no file, unreadable or too large."""
    shown = PurePath(path).as_posix()
    try:
        if path.is_dir():
            raise InputError("is a folder, not a file", path=shown)
        if not path.is_file() and path.exists():
            raise InputError("is no regular file", path=shown)
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"is larger than {MAX_BYTES // 2**20} MiB; split it", path=shown)
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError("no such file; check the path", path=shown) from None
    except PermissionError:
        raise InputError("may not be read; check its permissions", path=shown) from None
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read: {reason.lower()}", path=shown) from None


def decode(data: bytes, shown: str) -> str:
    """UTF-8 text (a byte order mark is dropped); InputError with the line of the first bad byte, or for NUL bytes."""
    if not data.strip():
        raise InputError("is empty", path=shown)
    if b"\0" in data:
        raise InputError("is binary (it holds a NUL byte); give a text file", path=shown)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("is not UTF-8; save it as UTF-8", path=shown, line=line) from None


def check_writable(path: Path) -> None:
    """InputError if a file could not be written there, before the work that its content takes is begun."""
    reason = ""
    if path.is_dir():
        reason = "is a folder; name a file in it"
    elif not path.absolute().parent.is_dir():
        reason = "cannot be written: there is no such folder; make it first"
    elif not os.access(path.absolute().parent, os.W_OK):
        reason = "cannot be written: its folder may not be written to"
    if reason:
        raise InputError(reason, path=path.as_posix())


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write text, as UTF-8, or bytes so that the file is never seen half written; InputError if that cannot be done."""
    import tempfile

    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode("utf-8") if isinstance(content, str) else content)
            umask = os.umask(0)
            os.umask(umask)
            Path(temporary).chmod(0o666 & ~umask)
            Path(temporary).replace(path)
        except BaseException:  # whatever happened, the half-written file goes
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"cannot be written: {(error.strerror or str(error)).lower()}", path=str(path)) from None
