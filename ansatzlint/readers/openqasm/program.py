"""A text with everything that it includes, parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ansatzlint.errors import ParseError
from ansatzlint.files import MAX_BYTES
from ansatzlint.readers.openqasm.library import STANDARD
from ansatzlint.readers.openqasm.parser import Parser
from ansatzlint.readers.openqasm.statements import Include, Input, Statement
from ansatzlint.readers.openqasm.text import Text, shown

MAX_INCLUDES = 256
_MAX_DEPTH = 32
_VERSION_2 = re.compile(r"\b(?:qreg|creg|opaque)\b|qelib1\.inc")
_VERSION_3 = re.compile(r"\b(?:qubit|bit|input|const|let|ctrl|gphase)\b|stdgates\.inc")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HEADER = re.compile(r"\s*+OPENQASM\b")
_COMMENT = re.compile(r"//[^\n]*+|/\*(?>.*?(?:\*/|\Z))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Program:
    """One parsed text; `included` holds the programs of its `include` statements by file name."""

    text: Text
    version: int
    statements: tuple[Statement, ...]
    included: dict[str, Program] = field(default_factory=dict)
    hardware: frozenset[int] = frozenset()

    @property
    def has_inputs(self) -> bool:
        """Whether it declares parameters."""
        return any(isinstance(s, Input) for s in self.statements) or any(p.has_inputs for p in self.included.values())


def load(content: str, path: str, folder: Path | None, shortcut: bool = True) -> Program:
    """Parse a text and what it includes from within `folder`; ParseError or InputError for what cannot be read."""
    text = Text(content, path)
    if "\0" in content:
        raise text.syntax_error("holds a NUL byte: this is no text file", content.index("\0"))
    if _SURROGATE.search(content):
        raise ParseError("is not encoded in UTF-8: save it as UTF-8", path=path)
    if not content.strip() or not _COMMENT.sub("", content).strip():
        raise ParseError("is empty: there is no statement in it", path=path)
    root = folder.resolve() if folder is not None else None
    return _Loader(root, shortcut).load(text, None, root, ())


class _Loader:
    def __init__(self, root: Path | None, shortcut: bool) -> None:
        self.root = root
        self.shortcut = shortcut
        self.count = 0

    def load(self, text: Text, version: int | None, here: Path | None, above: tuple[Path, ...]) -> Program:
        """Parse one text; `here` is the folder that it lies in, `above` the files that lead to it."""
        parser = Parser(text, version or guess_version(text), self.shortcut)
        statements = parser.parse()
        included: dict[str, Program] = {}
        hardware = parser.hardware
        for statement in statements:
            if isinstance(statement, Include) and statement.file not in STANDARD and statement.file not in included:
                program = self._include(statement, text, parser.version, here, above)
                included[statement.file] = program
                hardware |= program.hardware
        return Program(text, parser.version, statements, included, frozenset(hardware))

    def _include(
        self, statement: Include, text: Text, version: int, here: Path | None, above: tuple[Path, ...]
    ) -> Program:
        file = shown(statement.file)

        def refuse(why: str) -> ParseError:
            return text.syntax_error(f"include {file}: {why}", statement.start)

        if here is None or self.root is None:
            raise refuse(f"only {' and '.join(STANDARD)} can be included from a text without a folder")
        name = PurePosixPath(statement.file.replace("\\", "/"))
        try:
            target = (here / name).resolve()
            if name.is_absolute() or not target.is_relative_to(self.root):
                raise refuse("it lies outside of the file's folder; copy it there")
            if not target.is_file():
                raise refuse("there is no such file beside this one")
            if target in above or len(above) > _MAX_DEPTH:
                raise refuse("it includes itself; remove one of the includes")
            self.count += 1
            if self.count > MAX_INCLUDES:
                raise refuse(f"more than {MAX_INCLUDES} files are included")
            if target.stat().st_size > MAX_BYTES:
                raise refuse(f"it is larger than {MAX_BYTES // 2**20} MiB")
            content = target.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise refuse("it is not encoded in UTF-8") from None
        except (OSError, ValueError, RuntimeError) as error:
            raise refuse(f"it cannot be read ({getattr(error, 'strerror', None) or error})") from None
        path = str(PurePosixPath(text.path).parent / name)
        return self.load(Text(normalised(content), path), version, target.parent, (*above, target))


def normalised(content: str) -> str:
    """The text with plain line ends and without a byte order mark."""
    if "\r" in content:
        content = content.replace("\r\n", "\n").replace("\r", "\n")
    return content.removeprefix("\ufeff")


def guess_version(text: Text) -> int:
    """The version of a text without a header, by its words; ParseError where they fit neither or both."""
    content = _COMMENT.sub(" ", text.content)
    if _HEADER.match(content):
        return 3  # the parser takes the header's
    two, three = bool(_VERSION_2.search(content)), bool(_VERSION_3.search(content))
    if three and (not two or "stdgates.inc" in content):
        return 3
    if two and not three:
        return 2
    raise text.syntax_error(
        "no OpenQASM header: start the file with `OPENQASM 2.0;` or `OPENQASM 3.0;`", 0
    )
