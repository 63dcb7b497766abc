"""Files that are there whole or not at all."""

import os
from pathlib import Path

import pytest

from fleet.errors import QueryFailed
from query.engine import QueryEngine
from query.outfile import written_aside


def test_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is replaced."""
    link = tmp_path / "latest.csv"
    link.symlink_to("answer.csv")

    with written_aside(link) as file:
        file.write(b"1\n")

    assert link.is_symlink()
    assert (tmp_path / "answer.csv").read_bytes() == b"1\n"


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/null", "/proc/self/fd/1", "/dev/patchdeck.csv"])
def test_devices_are_never_replaced(name: str) -> None:
    """A file instead of /dev/stdout would break every program of the system."""
    before = os.path.lexists(name) and os.lstat(name).st_mode

    with pytest.raises(QueryFailed, match="no ordinary file"), written_aside(Path(name)) as file:
        file.write(b"1\n")

    assert (os.path.lexists(name) and os.lstat(name).st_mode) == before


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """Folders, pipes and links in a circle; nothing is left beside them."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "circle.csv").symlink_to("circle.csv")
    before = sorted(path.name for path in tmp_path.iterdir())

    for name in before:
        with pytest.raises(QueryFailed, match="cannot be written"), written_aside(tmp_path / name):
            pytest.fail("it was opened")

    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full is /dev/full of Linux")
def test_full_disk_is_told_in_one_line(engine: QueryEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB would tell it as a traceback of Python, where Parquet is written."""
    aside = str(tmp_path / "aside.part")
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: (os.open("/dev/full", os.O_WRONLY), aside))

    with pytest.raises(QueryFailed) as failure:
        engine.write_parquet("SELECT hash(i) FROM range(300000) AS r(i)", {}, tmp_path / "a.parquet")

    assert str(failure.value) == f"{tmp_path / 'a.parquet'} cannot be written: No space left on device."
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []
