"""The file of metrics: whole at each moment, and readable for everybody."""

import os
import stat
from pathlib import Path

import pytest

from ops.metrics.textfile import TextfileUnwritable, write_textfile


def test_the_file_is_replaced_and_everybody_may_read_it(tmp_path: Path) -> None:
    """Whatever the umask is; who has the old one open still reads it whole."""
    path = tmp_path / "patchdeck.prom"
    before = os.umask(0o077)
    try:
        write_textfile(path, "one\n")
        with path.open() as reader:
            write_textfile(path, "two\n")
            assert reader.read() == "one\n"
    finally:
        os.umask(before)
    assert path.read_text() == "two\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [each.name for each in tmp_path.iterdir()] == ["patchdeck.prom"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """What it led to stays as it was."""
    precious, path = tmp_path / "precious", tmp_path / "patchdeck.prom"
    precious.write_text("mine")
    path.symlink_to(precious)
    write_textfile(path, "one\n")
    assert precious.read_text() == "mine"
    assert path.read_text() == "one\n"
    assert not path.is_symlink()


def test_what_is_no_file_stays(tmp_path: Path) -> None:
    """A pipe, a device or a folder; nothing is left beside it."""
    pipe, folder = tmp_path / "pipe.prom", tmp_path / "folder.prom"
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, folder):
        with pytest.raises(TextfileUnwritable, match="no ordinary file"):
            write_textfile(path, "one\n")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder.prom", "pipe.prom"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """In one line with the path."""
    with pytest.raises(TextfileUnwritable, match=r"gone/patchdeck\.prom: No such file"):
        write_textfile(tmp_path / "gone" / "patchdeck.prom", "one\n")


def test_what_cannot_be_written_whole_leaves_what_was_there(tmp_path: Path) -> None:
    """A full disk, here a text that cannot be written, leaves nothing half-written behind."""
    path = tmp_path / "patchdeck.prom"
    write_textfile(path, "one\n")
    with pytest.raises(UnicodeEncodeError):
        write_textfile(path, "two\n\ud800")
    assert path.read_text() == "one\n"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_a_killed_writer_left_is_cleared_away(tmp_path: Path) -> None:
    """Not what another writes at this moment, nor anybody else's file."""
    path = tmp_path / "patchdeck.prom"
    left, fresh, other = (
        tmp_path / f".{name}.aside" for name in ("patchdeck.prom.1", "patchdeck.prom.2", "node.prom.1")
    )
    for each in (left, fresh, other):
        each.write_text("half")
    for each in (left, other):
        os.utime(each, (0, 0))
    write_textfile(path, "one\n")
    assert not left.exists()
    assert fresh.exists()
    assert other.exists()
