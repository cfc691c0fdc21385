"""Where trials are kept: memory, a journal file, a database or a proxy before one; their errors in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ansatzlint.errors import InputError, MissingDependencyError, UsageError

if TYPE_CHECKING:
    import optuna
    from optuna.study import Study

HEARTBEAT, GRACE = 15, 90
"""Seconds between signs of life that a database is given, and without any until a trial counts as lost."""


def reach(where: str | None) -> optuna.storages.BaseStorage:
    """Memory, a journal file, a proxy or a database; UsageError for one that cannot be reached."""
    import optuna

    if where is None:
        return optuna.storages.InMemoryStorage()
    scheme, separator, rest = where.partition("://")
    if not separator:
        path = Path(where)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InputError(f"its folder cannot be made: {reason}", path=where) from None
        _mend(path)
        return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
    if scheme == "grpc":
        return _proxy(rest)
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    url = f"postgresql+psycopg://{rest}" if scheme == "postgresql" else where
    connect = {"connect_timeout": 10} if scheme.startswith("postgresql") else {}
    try:
        return optuna.storages.RDBStorage(
            url, engine_kwargs={"pool_pre_ping": True, "connect_args": connect},
            heartbeat_interval=HEARTBEAT, grace_period=GRACE,
        )  # fmt: skip
    except (ArgumentError, NoSuchModuleError):
        raise UsageError(f"{_hidden(where)} is no storage; write postgresql://user@host/database, or a file") from None
    except ImportError:
        extra = "; install it with: pip install 'ansatzlint[postgresql]'" if scheme.startswith("postgresql") else ""
        raise MissingDependencyError(f"the driver for {scheme} is not installed{extra}") from None
    except (SQLAlchemyError, optuna.exceptions.StorageInternalError, RuntimeError) as error:
        raise UsageError(f"the storage {_hidden(where)} cannot be used: {_first_line(error)}") from None


def _proxy(address: str) -> optuna.storages.BaseStorage:
    import optuna

    host, _, port = address.rstrip("/").partition(":")
    if not host or not port.isdigit():
        raise UsageError(f"a proxy is written as grpc://host:port, not grpc://{address}")
    try:
        proxy = optuna.storages.GrpcStorageProxy(host=host, port=int(port))
        proxy.wait_server_ready(timeout=10)
    except ImportError:
        raise MissingDependencyError("the proxy needs grpcio; install it with: pip install grpcio protobuf") from None
    except Exception as error:  # noqa: BLE001 - grpc's own errors, which may not be installed to be named
        raise UsageError(f"the storage grpc://{address} cannot be reached: {_first_line(error)}") from None
    return proxy


def _hidden(url: str) -> str:
    """The URL without its password."""
    return re.sub(r"//([^/@:]*):[^/@]*@", r"//\1:***@", url)


def _first_line(error: BaseException) -> str:
    cause = error.__cause__ or error
    text = str(getattr(cause, "orig", None) or cause).strip()
    return text.splitlines()[0] if text else type(cause).__name__


@contextmanager
def readable(storage: str | None) -> Iterator[None]:
    """Errors of a storage that is there no more, or full, in one line."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except OSError as error:
        if storage is None or "://" in storage:
            raise
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"cannot be written: {reason}; the finished trials are kept", path=storage) from None
    except (SQLAlchemyError, StorageInternalError) as error:
        assert storage is not None, "memory does not fail so"
        raise UsageError(f"the storage {_hidden(storage)} was lost: {_first_line(error)}") from None
    except json.JSONDecodeError as error:
        raise InputError(f"is no journal of a search: {error.msg}", path=str(storage)) from None


def _mend(path: Path) -> None:
    """Cut off a last line that was never finished: whoever wrote it was killed, or the disk was full."""
    from optuna.storages.journal import JournalFileSymlinkLock

    if not path.exists() or not path.stat().st_size:
        return
    lock = JournalFileSymlinkLock(str(path))
    lock.acquire()
    try:
        data = path.read_bytes()
        if not data.endswith(b"\n"):
            with path.open("rb+") as file:
                file.truncate(data.rfind(b"\n") + 1)
    finally:
        lock.release()


def in_memory(study: Study, name: str) -> Study:
    """A copy that outlives its storage."""
    import optuna

    memory = optuna.storages.InMemoryStorage()
    optuna.copy_study(from_study_name=name, from_storage=study._storage, to_storage=memory, to_study_name=name)
    return optuna.load_study(study_name=name, storage=memory)
