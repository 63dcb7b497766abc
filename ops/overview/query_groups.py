"""The groups of an overview whose members the rows of a saved query name: counted by who may load the query engine."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from fleet.errors import BadInput, UnknownName
from fleet.groups.membership import GroupRoster
from ops.groups import open_roster
from ops.home import Home
from ops.overview.standing import JudgedMachine, Part, judge_statuses, most_work_first, part_of
from ops.statuses import statuses_of


def part_of_group(roster: GroupRoster, machines: Sequence[JudgedMachine], name: str) -> Part:
    """The machines of the group called ``name``; why it cannot be said who they are, where that is so.

    Raises:
        NotAsked: they hang on a query that the roster does not ask.
    """
    found = roster.find(name)
    return part_of(name, (each for each in machines if each.status.machine.id in found.known), len(found.unknown))


def count_groups(home: Home, names: Sequence[str], now: datetime) -> list[Part]:
    """The groups called ``names`` at ``now``, in that order; their queries are asked. Blocking; for a thread.

    Raises:
        HomeUnusable, StoreBusy: the state cannot be read.
    """
    machines = judge_statuses(statuses_of(home, ["all"]), now)
    roster = open_roster(home, now, known=[each.status for each in machines])
    return [_counted(roster, machines, name) for name in names]


def with_counted(parts: Sequence[Part], counted: Mapping[str, Part]) -> list[Part]:
    """``parts`` with those that wait for their query replaced by those of ``counted`` that have their name."""
    found = [counted.get(each.name, each) if each.is_pending else each for each in parts]
    return sorted(found, key=most_work_first)


def failed_parts(names: Sequence[str], problem: str) -> list[Part]:
    """The groups called ``names``, which nobody could count."""
    return [Part(name, problem=problem) for name in names]


def _counted(roster: GroupRoster, machines: Sequence[JudgedMachine], name: str) -> Part:
    try:
        return part_of_group(roster, machines, name)
    except (BadInput, UnknownName) as error:
        return Part(name, problem=str(error))
