"""What a number of Windows Update means, and what kind of trouble that is."""

from dataclasses import dataclass
from enum import StrEnum


class ResultClass(StrEnum):
    """What kind of trouble a number means, which is what decides what is done about it."""

    REFUSED = "refused"
    NETWORK = "network"
    SERVER = "server"
    ASK_AGAIN = "ask-again"
    CONFIGURATION = "configuration"
    SERVICE = "service"
    POLICY = "policy"
    BUSY = "busy"
    REBOOTING = "rebooting"
    SEE_UPDATES = "see-updates"
    ASSESS_AGAIN = "assess-again"
    NEEDS_PERSON = "needs-person"
    LICENCE = "licence"
    INSTALLER = "installer"
    SERVICING = "servicing"
    DOWNLOAD = "download"
    SYSTEM = "system"
    UNKNOWN = "unknown"

    @property
    def is_passing(self) -> bool:
        """Whether the same may go well a while later, without anybody doing something."""
        return self in _PASSING


_PASSING = frozenset(
    {
        ResultClass.NETWORK,
        ResultClass.SERVER,
        ResultClass.ASK_AGAIN,
        ResultClass.BUSY,
        ResultClass.REBOOTING,
        ResultClass.DOWNLOAD,
        ResultClass.SERVICING,
    }
)


@dataclass(frozen=True, slots=True)
class WindowsResult:
    """A number explained: ``code`` is ``0x`` and eight digits, ``name`` empty where none is known."""

    code: str
    name: str
    meaning: str
    treat_as: ResultClass
    remedy: str

    def describe(self) -> str:
        """The meaning, with number and name behind it."""
        return f"{self.meaning} ({self.code}{f' {self.name}' if self.name else ''})"
