"""Every row of the sample tables, made from the history by the code that stores real scans."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from fleet.records import Row
from fleet.tables import UPDATE, UPDATE_HISTORY, UPDATE_SUMMARY
from fleet.updates import UpdateState
from generator.boxes import Box
from generator.published import Publications
from generator.run_rows import run_rows
from generator.simulation import History
from ops.store.batch import Batch, Known, make_rows

# The version of Patchdeck that is said to have made the scans.
VERSION = "0.1.0"
_WSUS = "http://wsus-01.fra.example.com:8530"


def rows_of(history: History) -> dict[str, list[Row]]:
    """The rows of each table but Machine, by its name, in the order in which they came to be."""
    tables: dict[str, list[Row]] = defaultdict(list)
    desk = _Desk(history)
    for batch in history.batches:
        for table, rows in desk.take_in(batch).items():
            tables[table] += rows
    for run in history.runs:
        for table, rows in run_rows(run).items():
            tables[table] += rows
    tables[UPDATE.name] = desk.current()
    return dict(tables)


class _Desk:
    """Takes scans in, one after the other, as the store does, and adds what only publishers and Windows say."""

    def __init__(self, history: History) -> None:
        self._boxes = {box.member.machine.id: box for box in history.boxes}
        self._machines = {machine_id: box.member.machine for machine_id, box in self._boxes.items()}
        self._applied = {machine_id: sorted(box.applied) for machine_id, box in self._boxes.items()}
        self._publications = {machine_id: Publications(box.member) for machine_id, box in self._boxes.items()}
        self._current: dict[str, Sequence[Row]] = {}
        self._answered_at: dict[str, datetime] = {}
        self._fleet_first_seen: dict[tuple[str, str], datetime] = {}

    def take_in(self, batch: Batch) -> dict[str, list[Row]]:
        """The rows to which ``batch`` leads."""
        rows = make_rows(batch, Known(self._machines, self._current, self._answered_at), VERSION)
        self._current |= rows.current[UPDATE.name]
        self._answered_at |= {a.machine_id: a.ended_at for a in batch.assessments if a.failure is None}
        complete = {UPDATE_HISTORY.name: self._published, UPDATE_SUMMARY.name: self._summary}
        return {
            table: [complete[table](row) for row in made] if table in complete else made
            for table, made in rows.history.items()
        }

    def current(self) -> list[Row]:
        """The rows of Update at the end."""
        return [self._published(row) for rows in self._current.values() for row in rows]

    def _published(self, row: Row) -> Row:
        whole = self._publications[str(row["SourceComputerId"])].complete(row)
        return {**whole, "FleetFirstSeen": self._first_sighting(whole)}

    def _first_sighting(self, row: Row) -> datetime | None:
        """As `ops.store.first_seen`: of a version that was never offered to any machine there is none."""
        version = str(row["UpdateID"] or row["Product"]), str(row["ProductVersion"])
        if row["UpdateState"] == UpdateState.NEEDED.value and isinstance(seen_at := row["FirstSeen"], datetime):
            self._fleet_first_seen.setdefault(version, seen_at)
        return self._fleet_first_seen.get(version)

    def _summary(self, row: Row) -> Row:
        machine_id, at = str(row["SourceComputerId"]), row["TimeGenerated"]
        times = self._applied[machine_id]
        count = bisect_right(times, at) if isinstance(at, datetime) else 0
        applied = {"LastUpdateApplied": times[count - 1] if count else None}
        return {**row, **applied, **_windows_agent(self._boxes[machine_id])}


def _windows_agent(box: Box) -> dict[str, str]:
    if box.member.is_linux:
        return {}
    is_workstation = box.member.role == "workstation"
    return {
        "WindowsUpdateSetting": "Notify before installation" if is_workstation else "Disabled",
        "WindowsUpdateAgentVersion": f"{box.member.system.os_version}.1",
        "WSUSServer": "" if is_workstation else _WSUS,
        "NETRuntimeVersion": "4.8.1",
    }
