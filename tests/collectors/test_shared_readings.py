"""What machines print alike is read once, and only what is alike."""

import pytest

from collectors.sections import Section
from collectors.shared_readings import MOST_READINGS, MOST_SECTION_BYTES, shared
from fleet.errors import UnreadableOutput


class Reader:
    """Reads sections, and counts how often it had to."""

    def __init__(self) -> None:
        self.readings = 0

    def read(self, section: Section, architecture: str = "") -> tuple[str, ...]:
        self.readings += 1
        if section.exit_status:
            raise UnreadableOutput(section.name, 1, "no")
        return (*(line for _, line in section.lines()), architecture)


def section(text: bytes, exit_status: int = 0) -> Section:
    return Section("apt-plan", text, b"", exit_status)


def test_equal_sections_are_read_once() -> None:
    """Two machines with the same answer share what was read; another answer, or another argument, is read anew."""
    reader = Reader()
    read = shared(reader.read)
    assert read(section(b"one\n")) is read(section(b"one\n"))
    assert reader.readings == 1
    assert read(section(b"two\n")) == ("two", "")
    assert read(section(b"one\n"), "amd64") == ("one", "amd64")
    assert reader.readings == 3


def test_what_cannot_be_read_is_told_to_every_machine() -> None:
    """An error is no reading."""
    reader = Reader()
    read = shared(reader.read)
    for _ in range(2):
        with pytest.raises(UnreadableOutput):
            read(section(b"odd\n", exit_status=1))
    assert reader.readings == 2


def test_what_is_remembered_is_bounded() -> None:
    """A flood of different answers drives out the oldest, and one that is large is not kept at all."""
    reader = Reader()
    read = shared(reader.read)
    for number in range(MOST_READINGS + 1):
        read(section(b"%d\n" % number))
    read(section(b"0\n"))
    assert reader.readings == MOST_READINGS + 2
    large = section(b"x\n" * (MOST_SECTION_BYTES // 2 + 1))
    assert read(large) is not read(large)
