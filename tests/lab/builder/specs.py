"""What a machine of the lab is, in the words that `machines` lists them in."""

from dataclasses import dataclass
from enum import Enum, auto

from tests.lab.builder.layers import ARCHIVE, Layer


class Door(Enum):
    """What answers at a machine's address; all but SSHD are faults of the way to a healthy machine."""

    SSHD = auto()
    CLOSED = auto()
    SILENT = auto()
    NOT_SSH = auto()
    STOPS_AFTER_BANNER = auto()
    STALLS = auto()


class HostKey(Enum):
    """What known_hosts holds of a machine."""

    KNOWN = auto()
    CHANGED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """One machine of the lab. ``shows`` says what it is there for.

    When its first process ends (`reboot` does that) it is off for ``reboot_seconds``, or for good.
    """

    name: str
    shows: str
    below: Layer = ARCHIVE
    prepare: tuple[str, ...] = ()
    boot: tuple[str, ...] = ()
    door: Door = Door.SSHD
    host_key: HostKey = HostKey.KNOWN
    is_key_accepted: bool = True
    sshd_options: tuple[str, ...] = ()
    reboot_seconds: float = 1.0
    is_lost_by_reboot: bool = False

    @property
    def layer(self) -> Layer:
        """The topmost layer of the machine, below its own files."""
        return Layer(self.name, self.below, "\n".join(self.prepare)) if self.prepare else self.below
