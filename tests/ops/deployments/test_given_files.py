"""Files that are named by an administrator: definitions and calendars; pipes that nobody writes to."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.errors import BadInput
from ops.deployments.calendars import read_blackouts
from ops.deployments.definition_sources import read_definition_file
from ops.deployments.given_files import read_at_most


@pytest.mark.parametrize("read", [read_definition_file, lambda path: read_blackouts(path, "Europe/Berlin")])
def test_pipe_without_a_writer_is_refused(read: Callable[[str], object], tmp_path: Path) -> None:
    """At once, and in words: a service that opened it would wait for ever."""
    path = tmp_path / "pipe.toml"
    os.mkfifo(path)

    with pytest.raises(BadInput, match="a pipe to which nobody writes"):
        read(str(path))


def test_pipe_of_a_writer_is_read_to_its_end() -> None:
    """As bash gives one for ``<(git show …)``, also where the first byte takes its time."""
    read_end, write_end = os.pipe()

    def write() -> None:
        with os.fdopen(write_end, "wb") as file:
            file.write(b"name = ")
            file.flush()
            file.write(b"'web'")

    writer = threading.Timer(0.05, write)
    writer.start()
    try:
        assert read_at_most(Path(f"/dev/fd/{read_end}"), 100) == b"name = 'web'"
    finally:
        writer.join()
        os.close(read_end)


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    """However much there is; and folders are no files."""
    (tmp_path / "zero").symlink_to("/dev/zero")

    assert read_at_most(tmp_path / "zero", 5) == bytes(5)
    with pytest.raises(IsADirectoryError):
        read_at_most(tmp_path, 5)
