"""The administrators of the sample fleet, and where their deeds come from."""

from dataclasses import dataclass
from datetime import datetime

from fleet.audit_origin import Origin
from fleet.persons import Person
from generator.era import chance
from ops.state import Actor

_CONSOLE = "patch-01.fra.example.com"


@dataclass(frozen=True, slots=True)
class Admin:
    """Somebody who administers the fleet from the one console."""

    name: str
    uid: int
    address: str

    @property
    def person(self) -> Person:
        """By which approvals know them."""
        return Person((self.uid,), self.name)

    def origin(self, at: datetime) -> Origin:
        """Whose process did something at ``at``."""
        random = chance("origin", self.name, at)
        terminal = f"pts/{chance('terminal', self.name, at.date()).randrange(6)}"
        return Origin(self.uid, self.uid, terminal, _CONSOLE, random.randrange(2_000, 60_000))

    def ssh_client(self, at: datetime) -> str:
        """Their address and port: one connection a day."""
        return f"{self.address} {chance('port', self.name, at.date()).randrange(33_000, 60_000)}"

    def actor(self, at: datetime, command: str) -> Actor:
        """Them, as the audit knows who did something at ``at``."""
        return Actor(self.name, self.ssh_client(at), command, self.origin(at))


JONAS = Admin("jonas", 20_011, "192.0.2.201")
PETRA = Admin("petra", 20_012, "192.0.2.200")
AMIRA = Admin("amira", 20_013, "198.51.100.24")
