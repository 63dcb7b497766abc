"""What a service says of itself in the row of its lease, for whoever asks for its status."""

from dataclasses import dataclass
from datetime import datetime

from ops.state.documents import Codec


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that a duty does now, in words, since when."""

    duty: str
    text: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that a duty cannot do, in one line."""

    duty: str
    text: str


@dataclass(frozen=True, slots=True)
class Doing:
    """What the service does now, what it cannot do, and whether it is on its way to end."""

    activities: tuple[Activity, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    is_ending: bool = False


_CODEC = Codec(Doing)


def write_doing(doing: Doing) -> str:
    """``doing`` as `read_doing` reads it."""
    return _CODEC.dump(doing)


def read_doing(text: str) -> Doing:
    """What a service wrote; nothing where another version of Patchdeck wrote what cannot be read."""
    try:
        return _CODEC.load(text) if text else Doing()
    except (ValueError, KeyError, TypeError, AttributeError):
        return Doing()
