"""How far one operation over WinRM has come, and the time that each part of it may take."""

import time
from dataclasses import dataclass, field
from enum import IntEnum

from collectors.transports.output import CappedOutput
from collectors.transports.winrm_target import WinrmTarget
from fleet.failures import Step

CONNECT_SECONDS = 10.0
LOGIN_SECONDS = 30.0
# How long the machine holds a question that it has no answer to; then it is asked again. 20 s is pywinrm's own.
OPERATION_SECONDS = 20
# What an answer may take beyond that, on its way and on a machine that is busy.
_SLACK_SECONDS = 10.0


class Stage(IntEnum):
    """What is being waited for, in the order of time."""

    PREPARE = 0
    CONNECT = 1
    TLS = 2
    LOGIN = 3
    SESSION = 4

    @property
    def step(self) -> Step:
        """What a failure calls it."""
        return Step.BANNER if self is Stage.TLS else Step[self.name]


@dataclass(slots=True)
class WinrmJourney:
    """One operation on its way. ``tried`` says where to, in a failure's words.

    ``message`` is the one that is under way, by its name in WS-Management. ``methods_offered`` are the logins that the
    machine named when it refused one, ``last_answer`` the status and the kind of content of what came back last.
    ``certificate`` is the one that the machine showed over TLS, DER.
    """

    tried: str
    target: WinrmTarget
    deadline_seconds: float
    output: CappedOutput
    stage: Stage = Stage.PREPARE
    message: str = ""
    methods_offered: str = ""
    last_answer: str = ""
    certificate: bytes | None = None
    started: float = field(default_factory=time.monotonic)
    _ends_at: float | None = None

    @property
    def elapsed_seconds(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.started

    @property
    def left_seconds(self) -> float:
        """What is left of the time; below 0 where it is over."""
        ends_at = self.started + self.deadline_seconds if self._ends_at is None else self._ends_at
        return ends_at - time.monotonic()

    @property
    def operation_seconds(self) -> int:
        """How long the machine may hold the next question."""
        return max(1, min(OPERATION_SECONDS, int(self.left_seconds)))

    @property
    def timeouts_seconds(self) -> tuple[float, float]:
        """How long to wait for a connection, and for the bytes of an answer."""
        left = max(0.1, self.left_seconds)
        patience = LOGIN_SECONDS if self.stage < Stage.SESSION else self.operation_seconds + _SLACK_SECONDS
        return min(CONNECT_SECONDS, left), min(patience, left)

    def reach(self, stage: Stage) -> None:
        """``stage`` has begun; a later connection does not take anything back."""
        self.stage = max(self.stage, stage)

    def grant(self, seconds: float) -> None:
        """What follows has ``seconds`` of its own, whatever is left."""
        self._ends_at = time.monotonic() + seconds
