"""How the fleet of one instant became that of another: read from the tables as they were at both, and in between."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fleet.differences.pictures import FleetPicture, UpdateKey, UpdatePicture, picture_machines
from fleet.differences.telling import FleetDifference, Happened, Installation, Line, Subject, Told, tell_difference
from fleet.errors import BadInput
from fleet.instants import instant_text
from fleet.machines import Machine
from fleet.targets import select_machines
from ops.config import Settings
from ops.groups import group_members
from ops.home import Home
from ops.missing import find_articles
from ops.past.room import PastRoom, opened_room
from ops.past.statuses import fleet_at

_NEEDED = """SELECT SourceComputerId, UpdateID, Product, ProductArch, Title, KBID, RevisionNumber, ProductVersion,
    InstalledVersion, Classification, NotInstallableReason
FROM Update WHERE UpdateState = 'Needed'"""
_INSTALLED = """SELECT SourceComputerId, UpdateID, Product, ProductArch, max(TimeGenerated) AS Moment,
    arg_max(Computer, TimeGenerated) AS Name, arg_max(Title, TimeGenerated) AS Title,
    arg_max(coalesce(nullif(ProductVersion, ''), 'KB' || nullif(split_part(KBID, ';', 1), '')), TimeGenerated)
        AS Version
FROM UpdateHistory
WHERE TimeGenerated > $since AND UpdateState = 'Installed' AND LoadedAt IS NULL
GROUP BY ALL"""
# A step of a run that installed it; of one that was tried again, the last.
_BY_RUNS = """SELECT SourceComputerId, coalesce(UpdateId, ''), Product, coalesce(ProductArch, ''),
    max(TimeGenerated) AS Moment, arg_max(Computer, TimeGenerated) AS Name, arg_max(Title, TimeGenerated) AS Title,
    arg_max(coalesce(nullif(ProductVersion, ''), 'KB' || nullif(split_part(KBID, ';', 1), '')), TimeGenerated)
        AS Version,
    arg_max(CorrelationId, TimeGenerated) AS Run
FROM UpdateRunProgress
WHERE TimeGenerated > $since AND InstallationStatus = 'Succeeded'
GROUP BY ALL"""
_REBOOTS = """SELECT SourceComputerId, Computer, coalesce(EndTime, TimeGenerated) AS Moment, CorrelationId
FROM MachineRun WHERE Rebooted AND TimeGenerated > $since ORDER BY Moment, Computer"""
_FAILED = """SELECT SourceComputerId, arg_max(Computer, TimeGenerated) AS Name, count(*) AS Times,
    arg_max(FailureText, TimeGenerated) AS Text, max(TimeGenerated) AS Moment
FROM Assessment WHERE Outcome = 'failed' AND TimeGenerated > $since GROUP BY SourceComputerId ORDER BY Name"""


_PLAIN_KEY = 4  # the columns that begin each row: machine, id, package, architecture


@dataclass(frozen=True, slots=True)
class Compared:
    """The difference, and what of it is not known, a sentence each."""

    difference: FleetDifference
    notes: tuple[str, ...] = ()


def compare_instants(
    home: Home, settings: Settings, since: datetime, until: datetime, targets: Sequence[str] = ()
) -> Compared:
    """How the machines that ``targets`` name (all, where none is given) changed from ``since`` to ``until``. Blocking.

    Raises:
        BadInput: ``until`` is before ``since``; a target cannot be used.
        UnknownName: a target names no machine, neither then nor later.
        QueryFailed, QueryTimedOut: the tables could not be asked.
    """
    if until < since:
        raise BadInput(f"{instant_text(until)} is before {instant_text(since)}: write the earlier time first.")
    with opened_room(home, settings, since) as room:
        machines, before = _look(home, room)
        notes = _notes(room)
    with opened_room(home, settings, until) as room:
        later, after = _look(home, room)
        happened = _happened(room, since)
    if targets:
        # Of one that was enrolled at both, how it is enrolled later decides.
        known = {machine.id: machine for machine in (*machines, *later)}
        found = select_machines(targets, sorted(known.values(), key=lambda each: each.name), group_members(home))
        chosen = frozenset(machine.id for machine in found)
        before, after, happened = _part(before, chosen), _part(after, chosen), _happened_to(happened, chosen)
    return Compared(tell_difference(since, until, before, after, happened), notes)


def _look(home: Home, room: PastRoom) -> tuple[list[Machine], FleetPicture]:
    statuses = fleet_at(home, room).statuses
    updates = dict(_needed(row) for row in room.ask(_NEEDED).rows)
    return [status.machine for status in statuses], FleetPicture(picture_machines(statuses, room.past.at), updates)


def _needed(row: Sequence[Any]) -> tuple[UpdateKey, UpdatePicture]:  # Any: values of a row, typed by fleet.tables
    key = _key(row)
    *_, title, articles, revision, version, installed, class_, blocker = row
    if not row[1]:
        return key, UpdatePicture(row[2] or "", version or "", installed or "", class_ or "", blocker or "")
    numbers = find_articles(articles or "")
    known_as = f"KB{numbers[0]}" if numbers else f"rev {revision or '?'}"
    return key, UpdatePicture(title or "", known_as, "", class_ or "", blocker or "")


def _key(row: Sequence[Any]) -> UpdateKey:  # Any: as above
    """As `fleet.changes` knows an update: one of Windows by its id alone."""
    machine_id, update_id, product, architecture = row[:_PLAIN_KEY]
    return (machine_id, update_id, "") if update_id else (machine_id, product or "", architecture or "")


def _happened(room: PastRoom, since: datetime) -> Happened:
    """What the tables of ``room`` tell of the time after ``since``."""
    installed = {_key(row): _installation(row) for row in _rows(room, _INSTALLED, since)}
    installed |= {_key(row): _installation(row) for row in _rows(room, _BY_RUNS, since)}
    lines = [
        Line(Subject.REBOOTS, Told.REBOOTED, machine_id, name, by=run_id or "", at=at)
        for machine_id, name, at, run_id in _rows(room, _REBOOTS, since)
    ]
    for machine_id, name, times, text, at in _rows(room, _FAILED, since):
        often = f"{times} times: " if times > 1 else ""
        line = Line(Subject.ASSESSMENTS, Told.FAILED_ASSESSMENT, machine_id, name, f"{often}{text or ''}", at=at)
        lines.append(line)
    return Happened(installed, tuple(lines))


def _installation(row: Sequence[Any]) -> Installation:  # Any: as above
    at, machine_name, title, version, *run = row[_PLAIN_KEY:]
    name = title if row[1] else row[2]
    return Installation(at, machine_name, name or "", version or "", *(run_id or "" for run_id in run))


def _rows(room: PastRoom, sql: str, since: datetime) -> list[tuple[Any, ...]]:  # Any: as above
    return room.ask(sql, {"since": since}).rows


def _part(picture: FleetPicture, chosen: Collection[str]) -> FleetPicture:
    return FleetPicture(
        {key: machine for key, machine in picture.machines.items() if key in chosen},
        {key: update for key, update in picture.updates.items() if key[0] in chosen},
    )


def _happened_to(happened: Happened, chosen: Collection[str]) -> Happened:
    installed = {key: found for key, found in happened.installed.items() if key[0] in chosen}
    return Happened(installed, tuple(line for line in happened.lines if line.machine_id in chosen))


def _notes(room: PastRoom) -> tuple[str, ...]:
    if not room.is_before_all:
        return ()
    begins = f"what is stored begins on {room.kept_since:%Y-%m-%d}" if room.kept_since else "no assessment is stored"
    return (f"What machines said by {instant_text(room.past.at)} is unknown: {begins}.",)
