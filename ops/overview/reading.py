"""The overview of a home at a moment: its machines judged and counted, and what needs somebody. No table is opened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.errors import BadInput, PatchdeckError, UnknownName
from fleet.groups.membership import GroupRoster
from fleet.status import MachineStatus
from ops.config import Settings, last_usable_settings, load_settings
from ops.groups import NotAsked, open_roster
from ops.home import Home
from ops.overview.kept import read_kept, read_kept_at
from ops.overview.needs import Need, machine_needs, needs_of
from ops.overview.query_groups import part_of_group
from ops.overview.standing import (
    JudgedMachine,
    Part,
    judge_statuses,
    most_work_first,
    part_of,
    parts_by_system,
)
from ops.statuses import statuses_of


@dataclass(frozen=True, slots=True)
class FleetStanding:
    """How the machines of a fleet stand: all of them, by system, by group, and what they need somebody for."""

    fleet: Part
    systems: Sequence[Part]
    groups: Sequence[Part]
    needs: Sequence[Need]


@dataclass(frozen=True, slots=True)
class Overview:
    """How a fleet stands, and what needs somebody. ``is_past``: without plans that waited, groups and the service.

    ``quiet_since`` is when the last run ended or the last alert was resolved, None where neither ever did.
    """

    standing: FleetStanding
    needs: Sequence[Need]
    quiet_since: datetime | None = None
    is_past: bool = False

    @property
    def needed(self) -> Sequence[Need]:
        """What somebody has to do something about."""
        return [each for each in self.needs if each.kind.asks_for_somebody]

    @property
    def is_empty(self) -> bool:
        """Whether no machine is enrolled."""
        return not sum(self.standing.fleet.counts.values())


def read_overview(home: Home, now: datetime, as_of: datetime | None = None) -> Overview:
    """The overview of ``home`` at ``now``. Blocking.

    ``as_of``: machines, runs and alerts as they were at that time, without plans that waited, groups and the service.

    Raises:
        BadInput: ``as_of`` is given, and the settings cannot be used.
        HomeUnusable, StoreBusy: the state or the tables cannot be read.
    """
    if as_of is not None:
        from ops.past.room import opened_room
        from ops.past.statuses import fleet_at

        with opened_room(home, load_settings(home), as_of) as room:
            return overview_at(home, fleet_at(home, room).statuses, as_of)
    return with_kept(home, stand(home, statuses_of(home, ["all"]), now), now)


def stand(
    home: Home, statuses: Sequence[MachineStatus], now: datetime, *, asks_queries: bool = True, has_groups: bool = True
) -> FleetStanding:
    """How the machines with ``statuses`` stand at ``now``. Blocking where there are groups.

    ``asks_queries`` False: of a group of a query it is told that it is not counted here; asking one imports the query
    engine. ``has_groups`` False: groups are left out, for a time whose groups nobody knows.

    Raises:
        HomeUnusable, StoreBusy: the groups cannot be read.
    """
    machines = judge_statuses(statuses, now)
    groups = _groups_now(home, now, machines, asks_queries=asks_queries) if has_groups else []
    return FleetStanding(part_of("fleet", machines), parts_by_system(machines), groups, list(machine_needs(machines)))


def overview_at(home: Home, statuses: Sequence[MachineStatus], at: datetime) -> Overview:
    """The overview at ``at``, of the machines with ``statuses`` as they were then. Blocking.

    Raises:
        HomeUnusable, StoreBusy: the state cannot be read.
    """
    standing = stand(home, statuses, at, has_groups=False)
    return Overview(standing, needs_of(standing.needs, read_kept_at(home, at)), is_past=True)


def with_kept(home: Home, standing: FleetStanding, now: datetime) -> Overview:
    """``standing`` with what is kept of runs, approvals, alerts and the service. Blocking, but short.

    Settings that cannot be used are told; meanwhile those hold that this process last could use, else the defaults.

    Raises:
        HomeUnusable, StoreBusy: the state cannot be read.
    """
    settings, problem = _usable_settings(home)
    kept = read_kept(home, settings, now, has_machines=bool(standing.fleet.counts))
    kept = replace(kept, settings_problem=problem)
    return Overview(standing, needs_of(standing.needs, kept), kept.ended_at)


def _usable_settings(home: Home) -> tuple[Settings, str]:
    try:
        return load_settings(home), ""
    except PatchdeckError as error:
        problem = str(error)
    try:
        return last_usable_settings(home), problem
    except PatchdeckError:
        return Settings(), problem


def _groups_now(home: Home, now: datetime, machines: Sequence[JudgedMachine], *, asks_queries: bool) -> list[Part]:
    roster = open_roster(home, now, asks_queries=asks_queries, known=[each.status for each in machines])
    return sorted(_group_parts(roster, machines), key=most_work_first)


def _group_parts(roster: GroupRoster, machines: Sequence[JudgedMachine]) -> Iterator[Part]:
    for group in roster.groups:
        try:
            yield part_of_group(roster, machines, group.name)
        except (BadInput, UnknownName) as error:
            yield Part(group.name, problem=str(error), is_pending=isinstance(error, NotAsked))
