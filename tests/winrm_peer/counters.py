"""What a peer counts, for tests that ask whether something was left behind."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class PeerCounters:
    """``shells_opened`` less ``shells_closed`` are those that are open or were left behind (`shells_open`).

    ``shells_lost`` went with a reboot, ``shells_expired`` were idle for too long: nobody closed them.
    """

    connections: int = 0
    connections_open: int = 0
    messages: Counter[str] = field(default_factory=Counter)
    logins: int = 0
    logins_refused: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    shells_opened: int = 0
    shells_closed: int = 0
    shells_lost: int = 0
    shells_expired: int = 0
    commands_left: int = 0

    @property
    def shells_open(self) -> int:
        """How many shells are open on the machine now."""
        return self.shells_opened - self.shells_closed - self.shells_lost - self.shells_expired
