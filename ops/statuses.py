"""What is known of the machines that targets name: read from the state, without opening a table."""

from collections.abc import Sequence
from contextlib import closing

from fleet.status import MachineStatus
from fleet.targets import select_machines
from ops.groups import group_members
from ops.home import Home
from ops.scope import mark_outside
from ops.state.database import connect
from ops.state.statuses import StatusBook


def statuses_of(home: Home, targets: Sequence[str]) -> list[MachineStatus]:
    """The status of each machine that any of ``targets`` names, by name; of an empty fleet nothing. Those outside the
    scope say so.

    Raises:
        UnknownName, BadInput: a target that names nothing; see `fleet.targets.select_machines`.
    """
    with closing(connect(home.state_file)) as connection:
        statuses = StatusBook(connection).list_statuses()
    machines = select_machines(targets, [status.machine for status in statuses], group_members(home))
    chosen = {machine.id for machine in machines}
    return mark_outside(home, [status for status in statuses if status.machine.id in chosen])
