"""Which files a folder holds, and what is said of those that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansatzlint.errors import InputError
from ansatzlint.files import check_writable, collect, decode, read_bytes, write_atomically


def test_folders_are_walked_in_order_without_what_is_not_the_users(tmp_path: Path) -> None:
    for name in ("b.qasm", "a.py", "sub/c.ipynb", "sub/readme.txt", ".hidden/d.py", "venv/e.py", "node_modules/f.py"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("x")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pyvenv.cfg").write_text("")
    (tmp_path / "mine" / "g.py").write_text("x")
    found = [p.relative_to(tmp_path).as_posix() for p in collect([str(tmp_path)])]
    assert found == ["a.py", "b.qasm", "sub/c.ipynb"]


def test_a_file_named_twice_comes_once_and_excludes_hold_for_named_files(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x")
    named = [str(tmp_path / "a.py"), str(tmp_path), str(tmp_path / "b.py")]
    assert [p.name for p in collect(named)] == ["a.py", "b.py"]
    assert [p.name for p in collect(named, ["a.py"])] == ["b.py"]


def test_two_files_of_one_name_are_two_files(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text("x")
    assert len(list(collect([str(tmp_path)]))) == 2


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no symbolic links here")
def test_a_circular_link_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.qasm").symlink_to(tmp_path / "b.qasm")
    (tmp_path / "b.qasm").symlink_to(tmp_path / "a.qasm")
    with pytest.raises(InputError, match=r"a\.qasm: cannot be read: too many levels of symbolic links"):
        read_bytes(tmp_path / "a.qasm")


def test_a_folder_that_links_to_itself_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [p.name for p in collect([str(tmp_path)])] == ["a.py"]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_bytes(tmp_path / "none.py")
    with pytest.raises(InputError, match="is a folder"):
        read_bytes(tmp_path)
    fifo = tmp_path / "pipe.py"
    os.mkfifo(fifo)
    with pytest.raises(InputError, match="no regular file"):
        read_bytes(fifo)


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "is empty"), (b" \n", "is empty"), (b"a\0b", "is binary"), (b"ok\n\xff", "a:2: is not UTF-8")],
)
def test_texts_that_are_none(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decode(data, "a")


def test_a_byte_order_mark_is_dropped() -> None:
    assert decode(b"\xef\xbb\xbfx", "a") == "x"


def test_where_nothing_can_be_written_is_said_beforehand(tmp_path: Path) -> None:
    check_writable(tmp_path / "new.txt")
    assert not (tmp_path / "new.txt").exists()
    with pytest.raises(InputError, match="is a folder; name a file in it"):
        check_writable(tmp_path)
    with pytest.raises(InputError, match=r"cannot be written: there is no such folder"):
        check_writable(tmp_path / "none" / "new.txt")


def test_writing_replaces_the_whole_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_text("old")
    write_atomically(file, "new")
    assert file.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]
    with pytest.raises(InputError, match="cannot be written"):
        write_atomically(tmp_path / "none" / "out", "x")
