"""What is remembered of machines so that their next assessment goes the shorter way."""

from collections.abc import Mapping, Sequence
from contextlib import closing

from fleet.facts import SearchWay
from fleet.machines import Machine
from ops.home import Home
from ops.state.database import connect
from ops.state.statuses import StatusBook


def remembered_ways(home: Home, machines: Sequence[Machine]) -> Mapping[str, SearchWay]:
    """How Windows Update was asked last, by machine id; of machines that are no Windows, or never answered, nothing.

    Blocking; for a thread.
    """
    asked = [machine.id for machine in machines if machine.speaks_powershell]
    if not asked:
        return {}
    with closing(connect(home.state_file)) as connection:
        return StatusBook(connection).search_ways(asked)
