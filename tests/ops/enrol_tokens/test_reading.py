"""Reading an introduction: bounded in size and time, whoever sends it."""

import os
import threading
from collections.abc import Iterator

import pytest

from fleet.introductions import MOST_BYTES, UnreadableIntroduction
from ops.enrol_tokens.reading import read_introduction


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Its end to read and its end to write."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_the_last_line_is_enough(pipe: tuple[int, int]) -> None:
    """Nobody is waited for who has said all and keeps the connection."""
    os.write(pipe[1], b"patchdeck-introduction 1\nend\n")
    assert read_introduction(pipe[0], 5.0) == b"patchdeck-introduction 1\nend\n"


def test_who_says_nothing_is_not_waited_for(pipe: tuple[int, int]) -> None:
    """The deadline is for the whole of it, however slowly it drips in."""
    os.write(pipe[1], b"patchdeck-")
    with pytest.raises(UnreadableIntroduction, match="did not come"):
        read_introduction(pipe[0], 0.05)


def test_who_says_too_much_is_not_heard_to_the_end(pipe: tuple[int, int]) -> None:
    """No more is kept than an introduction may have."""
    flood = threading.Thread(target=lambda: os.write(pipe[1], b"x" * (MOST_BYTES + 1)))
    flood.start()
    with pytest.raises(UnreadableIntroduction, match="longer"):
        read_introduction(pipe[0], 5.0)
    flood.join()
