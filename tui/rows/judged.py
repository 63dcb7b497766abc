"""The compliance of many machines, judged anew where they changed, and of all now and then: it hangs on time, too."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fleet.compliance import Compliance
from fleet.status import MachineStatus
from tui.widgets.changed_places import changed_places

# What time changes is told in minutes; the app asks twice a minute by itself (`tui.app`), each time for a look at all.
LOOK_EVERY = timedelta(seconds=20)


def are_fresh(looked_at: datetime | None, now: datetime) -> bool:
    """Whether what was found at ``looked_at`` can stand at ``now``, but for what changed."""
    return looked_at is not None and timedelta(0) <= now - looked_at < LOOK_EVERY


class JudgedMachines:
    """The compliance of the machines that were last asked for; may be asked from several threads."""

    def __init__(self) -> None:
        # Replaced as a whole: one thread may judge while another asks.
        self._known: tuple[Sequence[MachineStatus], list[Compliance], datetime | None] = ((), [], None)

    def compliances(self, statuses: Sequence[MachineStatus], now: datetime) -> list[Compliance]:
        """That of each of ``statuses`` at ``now``, or a little earlier."""
        before, known, looked_at = self._known
        if len(statuses) == len(known) and are_fresh(looked_at, now):
            found = [*known]
            for place in changed_places(before, statuses):
                found[place] = statuses[place].compliance(now)
        else:
            found = [status.compliance(now) for status in statuses]
            looked_at = now
        self._known = ([*statuses], found, looked_at)
        return found
