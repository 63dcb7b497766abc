"""Scripts that a deployment runs before and after installing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class ScriptStage(StrEnum):
    """PRE: before the first machine, or before a machine's installation. POST: after it and its reboot."""

    PRE = "pre"
    POST = "post"


class ScriptPlace(StrEnum):
    """CONSOLE: once a run, where the service runs. MACHINE: on each machine, as the user it is reached with."""

    CONSOLE = "console"
    MACHINE = "machine"


class ScriptFailure(StrEnum):
    """What a failing script means. STOP: of PRE on the console the run, of PRE on a machine that machine fails and
    installs nothing; of POST, the run or the machine failed. CONTINUE: it is noted.
    """

    STOP = "stop"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class Script:
    """A script file on the console. It is given its parameters as PATCHDECK_NAME=value in its environment, and the run
    as a JSON object, in a file on the console, over standard input on a machine (see docs/deployments.md).
    """

    stage: ScriptStage
    place: ScriptPlace
    path: str
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    timeout_seconds: int = 300
    on_failure: ScriptFailure = ScriptFailure.STOP
