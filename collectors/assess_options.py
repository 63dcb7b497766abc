"""How an assessment is made: what both kinds of machines, asked in sh and in PowerShell, are asked by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from collectors.secrets import NoSecrets, SecretSource
from fleet.facts import SearchWay
from fleet.machines import Machine

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class AssessOptions:
    """How an assessment is made.

    ``refresh`` fetches package lists first, as root; Windows Update always asks its server. ``evidence`` is handed the
    raw bytes of an answer that could not be used, without the sudo password; it may be called in a thread.
    ``search_ways`` is how searching last went, by machine id: nothing else, so a Windows that is not in it finds out.
    ``windows_deadline_seconds`` is the deadline of Windows machines, None: as of others.
    """

    deadline_seconds: float = 120.0
    max_output_bytes: int = 32 * _MIB
    refresh: bool = False
    secrets: SecretSource = field(default_factory=NoSecrets)
    evidence: Callable[[Machine, bytes], None] | None = None
    search_ways: Mapping[str, SearchWay] = field(default_factory=dict)
    windows_deadline_seconds: float | None = None

    def deadline_of(self, machine: Machine) -> float:
        """How long ``machine`` may take, in seconds."""
        longer = self.windows_deadline_seconds if machine.speaks_powershell else None
        return longer or self.deadline_seconds
