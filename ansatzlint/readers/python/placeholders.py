"""Stand-ins for libraries that only show things."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, MutableSequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from ansatzlint.readers.python.syntax import DISPLAY


class Absorber:
    """Takes every attribute, call and item, and gives itself back."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> Any:
        return self

    def __getitem__(self, _: Any) -> Any:
        return self

    def __setitem__(self, _: Any, __: Any) -> None:
        """Forget it."""

    def __iter__(self) -> Iterator[Any]:
        return iter((self, self))  # `fig, ax = plt.subplots()`

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave."""


class _Module(ModuleType):
    __path__: MutableSequence[str] = []  # noqa: RUF012  # never filled

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__name__.partition(".")[0] == "tqdm":
            return range if name in ("trange", "tnrange") else _unchanged
        return Absorber()


def _unchanged(iterable: Any = (), *_: Any, **__: Any) -> Any:
    # a progress bar gives what it is given
    return iterable


class _Finder(MetaPathFinder, Loader):
    """Finds the libraries of the given names, as stand-ins."""

    def __init__(self, libraries: Collection[str]) -> None:
        self._libraries = libraries

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in self._libraries:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


def install() -> None:
    """From here on, display libraries are stand-ins in this process, installed or not: importing them takes long
    and shows nothing to anybody."""
    for name in list(sys.modules):
        if name.partition(".")[0] in DISPLAY:
            del sys.modules[name]
    sys.meta_path.insert(0, _Finder(DISPLAY))
    sys.meta_path.append(_Finder(["tqdm"]))  # asked last: installed, it is itself
