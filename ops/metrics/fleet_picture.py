"""The machines of a home as metrics see them, kept from one gathering to the next: only what changed is read again."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from fleet.errors import BadInput
from fleet.groups.membership import GroupRoster, Members
from fleet.status import MachineStatus
from fleet.targets import find_machines
from ops.config import Settings
from ops.groups import open_roster
from ops.home import Home
from ops.metrics.machine_sights import MachineSight, sight_of
from ops.scope import mark_outside
from ops.state.statuses import StatusBook

# Who is in a group or in the scope may change with time and with rows of queries; that costs a look at every machine.
_REGROUPED_EVERY = timedelta(minutes=5)
MOST_GROUPS = 100
MOST_MACHINES = 10_000
# What decides who is in a group or may be touched, beside the machines themselves.
_DEFINITIONS = """
SELECT document FROM groups
UNION ALL SELECT document FROM scope
"""


@dataclass(frozen=True, slots=True)
class FleetPicture:
    """The machines of one moment, by id. ``outside`` may not be touched; ``groups`` are by name, None: a group that
    could not be evaluated. ``chosen`` have metrics of their own. ``left_out`` counts what there is too much of,
    ``problems`` are targets of settings that cannot be used.
    """

    sights: Mapping[str, MachineSight]
    outside: Collection[str] = frozenset()
    groups: Mapping[str, Members | None] = field(default_factory=dict)
    chosen: Collection[str] = frozenset()
    left_out: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


class FleetMemory:
    """Keeps the picture of one home. For one thread at a time; connections are the caller's."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._sights: dict[str, MachineSight] = {}
        self._revision = -1
        self._decided_by: tuple[object, ...] = ()
        self._regrouped_at: datetime | None = None
        self._standing = FleetPicture({})

    def look(self, connection: sqlite3.Connection, settings: Settings, now: datetime) -> FleetPicture:
        """The picture now. Reads what changed since the last look; all, where groups or a scope have to be evaluated.

        Raises:
            HomeUnusable: state.db cannot be read.
        """
        definitions = tuple(row[0] for row in connection.execute(_DEFINITIONS))
        decided_by = (definitions, settings.metrics_groups, settings.metrics_machines)
        enrolled = [row[0] for row in connection.execute("SELECT id FROM machines")]
        is_decided = decided_by == self._decided_by and self._holds(now) and self._knows_all(enrolled)
        needs_all = bool(definitions or settings.metrics_machines)
        book = StatusBook(connection)
        revision = book.revision()  # first: what changes in between is read at the next look
        if needs_all and not is_decided:
            statuses = book.list_statuses()
            self._standing = self._regroup(statuses, settings, now)
            self._decided_by, self._regrouped_at = decided_by, now
            self._sights = {status.machine.id: sight_of(status) for status in statuses}
        else:
            if not needs_all:
                self._standing, self._decided_by = FleetPicture({}), ()
            self._update(book.changed_since(self._revision), enrolled)
        self._revision = revision
        return replace(self._standing, sights=self._sights)

    def _holds(self, now: datetime) -> bool:
        return self._regrouped_at is not None and abs(now - self._regrouped_at) < _REGROUPED_EVERY

    def _knows_all(self, enrolled: Iterable[str]) -> bool:
        return self._sights.keys() >= set(enrolled)

    def _update(self, changed: Iterable[MachineStatus], enrolled: Sequence[str]) -> None:
        self._sights |= {status.machine.id: sight_of(status) for status in changed}
        if len(self._sights) > len(enrolled):
            kept = set(enrolled)
            self._sights = {each: sight for each, sight in self._sights.items() if each in kept}

    def _regroup(self, statuses: Sequence[MachineStatus], settings: Settings, now: datetime) -> FleetPicture:
        outside = frozenset(each.machine.id for each in mark_outside(self._home, statuses) if each.outside)
        roster = open_roster(self._home, now, known=statuses)
        wanted = sorted(
            (group.name for group in roster.groups if _is_named(group.name, settings.metrics_groups)), key=str.casefold
        )
        chosen, problems = _choose(statuses, settings.metrics_machines, roster)
        left_out = {
            "groups": max(0, len(wanted) - MOST_GROUPS),
            "machines": max(0, len(chosen) - MOST_MACHINES),
        }
        groups = {name: _members(roster, name) for name in wanted[:MOST_GROUPS]}
        return FleetPicture({}, outside, groups, frozenset(chosen[:MOST_MACHINES]), left_out, problems)


def _choose(
    statuses: Sequence[MachineStatus], targets: Sequence[str], roster: GroupRoster
) -> tuple[list[str], tuple[str, ...]]:
    """The ids of the machines that any of ``targets`` names, by name, and what is wrong with targets.

    One that names no machine is not wrong: it may name one tomorrow. A group that is not there is.
    """
    machines = [status.machine for status in statuses]
    chosen: dict[str, str] = {}
    problems: list[str] = []
    for target in targets:
        try:
            found, missing = find_machines([target], machines, roster.members)
            problems += [f"metrics.machines: {text}" for text in missing if target.casefold().startswith("group:")]
        except BadInput as error:
            problems.append(f"metrics.machines: {error}")
        else:
            chosen |= {machine.id: machine.name.casefold() for machine in found}
    return sorted(chosen, key=lambda each: chosen[each]), tuple(problems)


def _is_named(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)


def _members(roster: GroupRoster, name: str) -> Members | None:
    try:
        return roster.find(name)
    except BadInput:
        return None
