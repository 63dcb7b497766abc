"""Files that are read only where they are files."""

import os
from pathlib import Path

import pytest

from collectors.transports.ssh_key_files import read_certificate_file, read_key_file
from collectors.whole_files import read_whole


def test_regular_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    """What is larger is refused and not cut: half of a key is none."""
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_whole(path, 5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes"):
        read_whole(path, 4)


def test_pipe_in_the_place_of_a_key_is_told_and_not_waited_for(tmp_path: Path) -> None:
    """Nobody ever writes into it."""
    pipe = tmp_path / "key"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="no regular file"):
        read_whole(pipe, 5)
    assert read_key_file(pipe).problem == "cannot be read: it is no regular file"
    assert read_certificate_file(pipe).problem == "cannot be read: it is no regular file"
