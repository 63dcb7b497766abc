"""A duty: something that the service does from time to time. Each is a file of its own, listed in `duties`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ops.config import Settings
from ops.home import Home
from ops.service.doing import Activity, Trouble


@dataclass(frozen=True, slots=True)
class Look:
    """One look of the service at what is due.

    ``passed`` is how much time has truly passed since the last look, None at the first. ``since`` is when the service
    began to watch the clock: its start, or when the clock was last set or the console last woke up.
    """

    now: datetime
    passed: timedelta | None
    since: datetime
    settings: Settings


@dataclass(frozen=True, slots=True)
class Post:
    """What duties share: the home, the token of the lease under which they act, a wall clock, and how they ask the
    service to look again, from the event loop's thread.
    """

    home: Home
    token: str
    clock: Callable[[], datetime]
    look_again: Callable[[], None]


class Duty(Protocol):
    """What the service needs of a duty. Methods are called in the event loop's thread and must not block it."""

    @property
    def name(self) -> str:
        """One word, for logs and the status."""
        ...

    async def attend(self, look: Look) -> datetime | None:
        """Begins what is due, in tasks of its own where it lasts, and says when to be asked again at the latest; None:
        when something in state.db changes.

        Raises:
            PatchdeckError: it cannot be done now; the duty is asked again a little later.
        """
        ...

    def activities(self) -> Sequence[Activity]:
        """What it does now."""
        ...

    def troubles(self) -> Sequence[Trouble]:
        """What it cannot do."""
        ...

    async def end(self) -> None:
        """Begins nothing any more, and returns when what it does has come to an orderly end or is left to the next
        service.
        """
        ...
