"""Sources: lists that were taken over, and those among them that are read again from time to time."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean
from fleet.importing.request import ImportRequest

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LEAST_MINUTES = 1
MOST_MINUTES = 527_040
USUAL_MINUTES = 60


class NewMachines(StrEnum):
    """What becomes of machines that a followed list names for the first time."""

    ENROL = "enrol"
    PROPOSE = "propose"


@dataclass(frozen=True, slots=True)
class Following:
    """How a list is followed: how often it is read, and what becomes of machines that it names for the first time."""

    every_minutes: int = USUAL_MINUTES
    new_machines: NewMachines = NewMachines.ENROL


@dataclass(frozen=True, slots=True)
class Source:
    """A list that was taken over. One that is not ``followed`` is only remembered, to know what was changed by hand.

    ``checked_at`` is when it was last read or tried, ``read_at`` when it last could be. ``error`` says why not; what it
    said before stays. The numbers are those of the last reading.
    """

    name: str
    request: ImportRequest
    added_at: datetime
    followed: bool = False
    following: Following = Following()
    checked_at: datetime | None = None
    read_at: datetime | None = None
    error: str = ""
    machines: int = 0
    missing: int = 0
    refused: int = 0

    @property
    def due_at(self) -> datetime:
        """When it is to be read again."""
        return (self.checked_at or self.added_at) + timedelta(minutes=self.following.every_minutes)


def check_source_name(text: str) -> str:
    """A source's name: letters, digits, dot, dash and underscore, at most 64.

    Raises:
        BadInput: it is not one.
    """
    if not _NAME.fullmatch(text):
        raise BadInput(
            f"Source name {text!r} is not usable: up to 64 letters, digits, '.', '-' and '_', starting with a letter "
            "or digit."
        )
    return text


def check_minutes(minutes: int) -> int:
    """How often a source is read, in minutes.

    Raises:
        BadInput: more often than every minute, or less often than once a year.
    """
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise BadInput(f"A source is read every {LEAST_MINUTES} to {MOST_MINUTES:,} minutes, not every {minutes:,}.")
    return minutes


def parse_minutes(text: str) -> int:
    """How often a source is read, as written: a number of minutes.

    Raises:
        BadInput: it is none, or out of bounds.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadInput(f"{clean(text, 40)!r} is no number of minutes, such as {USUAL_MINUTES}.")
    return check_minutes(int(text))


def parse_new_machines(text: str) -> NewMachines:
    """What becomes of new machines, as written; empty for what is usual.

    Raises:
        UnknownName: it is no such way.
    """
    if not text:
        return NewMachines.ENROL
    if text not in {each.value for each in NewMachines}:
        raise UnknownName("way for new machines", text, [each.value for each in NewMachines])
    return NewMachines(text)


def source_name_of(path: str) -> str:
    """What the list at ``path`` is called where nothing else was said: ``hosts.ini`` for ``ansible/hosts.ini``."""
    last = path.rstrip("/").rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).lstrip("._-")[:64] or "list"
