"""What a peer's machine is made of, beside its updates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class TokenKind(StrEnum):
    """What a user may do there once logged in.

    FILTERED: an administrator of a workgroup whose token WinRM filters, so that no shell is opened for it.
    UNPRIVILEGED: a shell is opened, and whatever needs an administrator is refused in it.
    """

    ADMINISTRATOR = "administrator"
    FILTERED = "filtered"
    UNPRIVILEGED = "unprivileged"


@dataclass(slots=True)
class PeerUser:
    """Somebody who can log in there, over WinRM and over SSH; ``public_keys`` as authorized_keys has them."""

    name: str = "patcher"
    password: str = "Correct-Horse-7"  # a password of nobody
    token: TokenKind = TokenKind.ADMINISTRATOR
    public_keys: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PeerService:
    """A service of Windows. ``state``: Running, Stopped, StartPending; ``start_type``: Automatic, Manual, Disabled."""

    state: str = "Running"
    start_type: str = "Automatic"
    exit_code: int = 0


@dataclass(slots=True)
class PeerLimits:
    """The limits and switches of a machine's WinRM: what ``winrm get winrm/config`` shows.

    ``most_operations`` is counted per shell and never given back, as WinRS does. ``piece_bytes`` is the most output
    that one answer to Receive holds, 0 what fits into its envelope: with 1 it comes byte by byte.
    """

    most_shells: int = 30
    most_operations: int = 1500
    most_processes: int = 25
    most_envelope_bytes: int = 512_000
    idle_seconds: float = 7200.0
    piece_bytes: int = 0
    allows_basic: bool = True
    allows_negotiate: bool = True
    allows_certificate: bool = False
    allows_kerberos: bool = False
    allows_unencrypted: bool = False


@dataclass(slots=True)
class PeerTask:
    """A scheduled task of SYSTEM, registered by a script.

    ``seconds`` is how long it works once it is started; ``state`` is its handler's own: whatever it needs to say later
    how far it is. ``queued_seconds``: it is queued so long before it begins; None: it never begins.
    """

    name: str
    told: Mapping[str, object] = field(default_factory=dict)
    seconds: float = 0.0
    queued_seconds: float | None = 0.0
    registered_at: float = 0.0
    started_at: float | None = None
    was_stopped: bool = False
    boot: int = 0
    state: dict[str, object] = field(default_factory=dict)

    def worked(self, seconds_now: float) -> float:
        """How many seconds it has worked so far; 0.0 where it did not begin."""
        if self.started_at is None or self.queued_seconds is None:
            return 0.0
        return min(self.seconds, max(0.0, seconds_now - self.started_at - self.queued_seconds))

    def has_begun(self, seconds_now: float) -> bool:
        """Whether it works, or did."""
        if self.started_at is None or self.queued_seconds is None:
            return False
        return seconds_now >= self.started_at + self.queued_seconds

    def has_ended(self, seconds_now: float) -> bool:
        """Whether its work is done, or it was stopped."""
        return self.was_stopped or (self.has_begun(seconds_now) and self.worked(seconds_now) >= self.seconds)


@dataclass(slots=True)
class PeerFile:
    """A file or a folder there (``content`` None), with its owner, and whether ordinary users may write it."""

    content: bytes | None = None
    owner: str = "NT AUTHORITY\\SYSTEM"
    is_writable_by_users: bool = False


@dataclass(slots=True)
class PeerTimer:
    """Something that happens by itself at a moment of the machine's clock."""

    at: float
    happens: Callable[[], None]


@dataclass(frozen=True, slots=True)
class ScriptRun:
    """One script that ran there: its name, what it was told, and who ran it."""

    name: str
    told: Mapping[str, object]
    user: str = ""
