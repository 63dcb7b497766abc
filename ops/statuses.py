"""What is known of the machines that targets name: read from the state, without opening a table."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

from fleet.status import MachineStatus
from fleet.targets import select_machines
from ops.groups import group_members
from ops.home import Home
from ops.scope import mark_outside
from ops.state.database import connect
from ops.state.statuses import StatusBook


def statuses_of(home: Home, targets: Sequence[str], at: datetime | None = None) -> list[MachineStatus]:
    """The status of each machine that any of ``targets`` names, by name; of an empty fleet nothing. Those outside the
    scope say so. At ``at``, an earlier instant, as they were known then; by the groups of now, and none is outside,
    since who was then is not kept.

    Raises:
        UnknownName, BadInput: a target that names nothing; see `fleet.targets.select_machines`.
    """
    if at is not None:
        return _statuses_at(home, targets, at)
    with closing(connect(home.state_file)) as connection:
        statuses = StatusBook(connection).list_statuses()
    machines = select_machines(targets, [status.machine for status in statuses], group_members(home))
    chosen = {machine.id for machine in machines}
    return mark_outside(home, [status for status in statuses if status.machine.id in chosen])


def _statuses_at(home: Home, targets: Sequence[str], at: datetime) -> list[MachineStatus]:
    from ops.config import load_settings
    from ops.past.room import opened_room
    from ops.past.statuses import fleet_at

    with opened_room(home, load_settings(home), at) as room:
        statuses = fleet_at(home, room).statuses
    if not statuses and [*targets] == ["all"]:
        return []
    machines = select_machines(targets, [status.machine for status in statuses], group_members(home))
    chosen = {machine.id for machine in machines}
    return [status for status in statuses if status.machine.id in chosen]
