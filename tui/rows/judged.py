"""The compliance of many machines, judged anew where they changed, and of all now and then: it hangs on time, too."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fleet.compliance import Compliance
from fleet.status import MachineStatus

# What time changes is told in minutes; the app asks twice a minute by itself (`tui.app`), each time for a look at all.
LOOK_EVERY = timedelta(seconds=20)


def are_fresh(looked_at: datetime | None, now: datetime) -> bool:
    """Whether what was found at ``looked_at`` can stand at ``now``, but for what changed."""
    return looked_at is not None and timedelta(0) <= now - looked_at < LOOK_EVERY


class JudgedMachines:
    """The compliance of the machines that were last asked for."""

    def __init__(self) -> None:
        self._statuses: Sequence[MachineStatus] = ()
        self._found: list[Compliance] = []
        self._looked_at: datetime | None = None

    def compliances(self, statuses: Sequence[MachineStatus], now: datetime) -> list[Compliance]:
        """That of each of ``statuses`` at ``now``, or a little earlier."""
        if len(statuses) == len(self._found) and are_fresh(self._looked_at, now):
            known = zip(self._statuses, self._found, statuses, strict=True)
            self._found = [found if old is new else new.compliance(now) for old, found, new in known]
        else:
            self._found = [status.compliance(now) for status in statuses]
            self._looked_at = now
        self._statuses = [*statuses]
        return self._found
