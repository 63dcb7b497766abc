"""How far a connection has come: its stage, what was seen on the way, and the time that each stage may take."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum

from collectors.transports.output import CappedOutput

# OpenSSH's own limit for a login is 120 s (LoginGraceTime); a machine that needs a quarter of it is ill.
CONNECT_SECONDS = 10.0
BANNER_SECONDS = 10.0
LOGIN_SECONDS = 30.0

_FIRST_BYTES = 256


class Stage(Enum):
    """What a connection is waiting for. The order is the order of time."""

    PREPARE = "reading the configuration"
    JUMP = "connecting to the jump host"
    CONNECT = "connecting"
    BANNER = "waiting for the SSH banner"
    LOGIN = "logging in"
    SESSION = "running the script"


@dataclass(slots=True)
class Journey:
    """One connection on its way to one host. ``tried`` says where to, in a failure's words.

    Args:
        tried: what is being tried.
        machine_name: the machine's name in Patchdeck, or None for a jump host.
        deadline_seconds: for all stages and attempts together.
        at_login: called once the login is done.
        host_key: the fingerprint of the key that the host has proved to have, once it has.
        attempt: which one this is, from 1.
    """

    tried: str
    machine_name: str | None
    deadline_seconds: float
    stage: Stage = Stage.PREPARE
    stage_seconds: float = 0.0
    is_looking_up: bool = False
    connect_seconds: float = CONNECT_SECONDS
    first_bytes: bytes = b""
    server_message: str = ""
    methods_offered: set[str] = field(default_factory=set)
    methods_tried: list[str] = field(default_factory=list)
    left_out: tuple[str, ...] = ()
    output: CappedOutput | None = None
    host_key: str | None = None
    at_login: Callable[[], None] = lambda: None
    attempt: int = 0
    started: float = field(default_factory=time.monotonic)
    _scope: asyncio.Timeout | None = None

    @property
    def elapsed_seconds(self) -> float:
        """Seconds since the journey began."""
        return time.monotonic() - self.started

    @asynccontextmanager
    async def on_time(self) -> AsyncIterator[None]:
        """The time in which everything happens; `enter` sets how much of it a stage may take.

        Raises:
            TimeoutError: the stage, or all of them together, took too long.
        """
        async with asyncio.timeout(self.deadline_seconds - self.elapsed_seconds) as self._scope:
            yield

    def enter(self, stage: Stage, seconds: float | None = None) -> None:
        """Begin ``stage``, which may take ``seconds``, or all the time that is left."""
        self.stage = stage
        if stage is Stage.SESSION:
            self.at_login()
        left = self.deadline_seconds - self.elapsed_seconds
        self.stage_seconds = min(seconds, left) if seconds is not None else left
        if self._scope is not None and not self._scope.expired():
            self._scope.reschedule(asyncio.get_running_loop().time() + self.stage_seconds)

    def again(self, at_login: Callable[[], None]) -> "Journey":
        """The next attempt at the same journey, in the time that is left; the first one begins now."""
        return Journey(
            self.tried,
            self.machine_name,
            self.deadline_seconds,
            output=self.output,
            at_login=at_login,
            attempt=self.attempt + 1,
            started=self.started if self.attempt else time.monotonic(),
        )

    def note_bytes(self, data: bytes) -> None:
        """Keep the beginning of what the server sent."""
        self.first_bytes += data[: _FIRST_BYTES - len(self.first_bytes)]
