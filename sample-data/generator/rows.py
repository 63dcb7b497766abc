"""Every row of the sample tables, made from the history by the code that stores real scans."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from fleet.assessments import Assessment
from fleet.cves import MissingFix
from fleet.fix_records import fix_values
from fleet.records import Row
from fleet.tables import MISSING_FIX, REPOSITORY, UPDATE, UPDATE_HISTORY, UPDATE_SUMMARY
from fleet.updates import UpdateState
from generator.feed_documents import fixed_first_at
from generator.run_rows import run_rows
from generator.simulation import History
from ops.feeds.exposure import Exposure
from ops.store.batch import Batch, Known, Lacking, make_rows

# The version of Patchdeck that is said to have made the scans.
VERSION = "0.1.0"


def rows_of(history: History, exposure: Exposure) -> dict[str, list[Row]]:
    """The rows of each table but Machine and Cve, by its name, in the order in which they came to be.

    ``exposure`` is what the feeds say at the end.
    """
    tables: dict[str, list[Row]] = defaultdict(list)
    desk = _Desk(history, exposure)
    for batch in history.batches:
        for table, rows in desk.take_in(batch).items():
            tables[table] += rows
    for run in history.runs:
        for table, rows in run_rows(run).items():
            tables[table] += rows
    return dict(tables) | desk.current()


class _Desk:
    """Takes scans in, one after the other, as the store does, and adds what the store knows from before."""

    def __init__(self, history: History, exposure: Exposure) -> None:
        self._exposure = exposure
        self._fixed_first_at = fixed_first_at()
        self._boxes = {box.member.machine.id: box for box in history.boxes}
        self._machines = {machine_id: box.member.machine for machine_id, box in self._boxes.items()}
        self._applied = {machine_id: sorted(box.applied) for machine_id, box in self._boxes.items()}
        self._current: dict[str, Sequence[Row]] = {}
        self._answered_at: dict[str, datetime] = {}
        self._repositories: dict[str, Sequence[Row]] = {}
        self._lacking: dict[str, Lacking] = {}
        self._lacking_since: dict[tuple[str, str, str, str], datetime] = {}
        self._fleet_first_seen: dict[tuple[str, str], datetime] = {}

    def take_in(self, batch: Batch) -> dict[str, list[Row]]:
        """The rows to which ``batch`` leads."""
        answered = [each for each in batch.assessments if each.failure is None]
        missing = {(each.machine_id, each.ended_at): self._find_missing(each) for each in answered}
        examined = replace(batch, assessments=tuple(map(self._enrich, batch.assessments)))
        rows = make_rows(examined, Known(self._machines, self._current, self._answered_at), VERSION, missing)
        self._current |= rows.current[UPDATE.name]
        self._repositories |= rows.current[REPOSITORY.name]
        self._take_in_lacking(rows.lacking)
        self._answered_at |= {a.machine_id: a.ended_at for a in batch.assessments if a.failure is None}
        complete = {UPDATE_HISTORY.name: self._first_offered, UPDATE_SUMMARY.name: self._summary}
        return {
            table: [complete[table](row) for row in made] if table in complete else made
            for table, made in rows.history.items()
        }

    def current(self) -> dict[str, list[Row]]:
        """The rows at the end of the tables that hold what is true now."""
        return {
            UPDATE.name: [self._first_offered(row) for rows in self._current.values() for row in rows],
            REPOSITORY.name: [row for rows in self._repositories.values() for row in rows],
            MISSING_FIX.name: list(self._lacking_rows()),
        }

    def _enrich(self, assessment: Assessment) -> Assessment:
        return self._exposure.enrich(assessment) if assessment.failure is None else assessment

    def _find_missing(self, assessment: Assessment) -> tuple[MissingFix, ...]:
        """Without those that nobody could lack at that time: the feeds are those of the end."""
        at = assessment.ended_at
        found = self._exposure.find_missing(assessment)
        return tuple(fix for fix in found if fix.cve in self._fixed_first_at and self._fixed_first_at[fix.cve] <= at)

    def _take_in_lacking(self, lacking: dict[str, Lacking]) -> None:
        """As `ops.store.lacking`: what a machine lacked before keeps the time when that was first seen."""
        for machine_id, lacked in lacking.items():
            before = self._lacking.get(machine_id)
            known = {(fix.cve, fix.product, fix.architecture) for fix in before.fixes} if before else set()
            for fix in lacked.fixes:
                if (fix.cve, fix.product, fix.architecture) not in known:
                    self._lacking_since[_key(machine_id, fix)] = _first_seen(lacked)
            self._lacking[machine_id] = lacked

    def _lacking_rows(self) -> Iterator[Row]:
        for machine_id, lacked in self._lacking.items():
            for fix in lacked.fixes:
                since = self._lacking_since[_key(machine_id, fix)]
                yield {**lacked.row, **fix_values(fix), "FirstSeen": since}

    def _first_offered(self, row: Row) -> Row:
        return {**row, "FleetFirstSeen": self._first_sighting(row)}

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
        return {**row, "LastUpdateApplied": times[count - 1] if count else None}


def _key(machine_id: str, fix: MissingFix) -> tuple[str, str, str, str]:
    return machine_id, fix.cve, fix.product, fix.architecture


def _first_seen(lacked: Lacking) -> datetime:
    at = lacked.row["FirstSeen"]
    assert isinstance(at, datetime)
    return at
