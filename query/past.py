"""The tables as they were at an earlier time, as far as history holds it; and what it does not hold, in words.

History tables have their rows up to then. `Update` is rebuilt from `UpdateHistory`, `Machine` from the assessments, the
summaries and what the state knows of enrolments. Of the other CURRENT tables the past is kept in part only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from fleet.machines import Machine
from fleet.tables import (
    ASSESSMENT,
    CVE,
    HEARTBEAT,
    MACHINE,
    MISSING_FIX,
    REPOSITORY,
    UPDATE,
    UPDATE_HISTORY,
    UPDATE_SUMMARY,
    TableKind,
    find_table,
)
from query.past_machines import FACTS, past_machines
from query.past_updates import past_updates
from query.snapshots import TableSnapshot
from query.views import quoted, select_sql, tables_behind


@dataclass(frozen=True, slots=True)
class Past:
    """A time, and the machines that were enrolled then.

    Args:
        at: the time, aware.
        machines: those that were enrolled then, as they were.
        absent: the ids of machines that were enrolled earlier or later, but not then.
    """

    at: datetime
    machines: tuple[Machine, ...] = ()
    absent: frozenset[str] = frozenset()

    @property
    def moment(self) -> str:
        """The time as SQL."""
        return f"TIMESTAMP '{self.at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"


# What each CURRENT table is rebuilt from, beside itself.
_BEHIND = {
    UPDATE.name: (UPDATE_HISTORY, ASSESSMENT),
    MACHINE.name: (ASSESSMENT, UPDATE_SUMMARY, HEARTBEAT),
    REPOSITORY.name: (),
    MISSING_FIX.name: (ASSESSMENT,),
    CVE.name: (),
}
REBUILT = frozenset(_BEHIND)
_NOTES = {
    UPDATE.name: (
        "Update as of then has versions, classes and reasons as they were; SizeBytes, PackageRepository, "
        "NotInstallableDetail and what feeds say of its CVEs are those of the last change before then. Where a scan "
        "did not see every repository, TimeGenerated is the last time that the row is certain."
    ),
    MACHINE.name: (
        f"Machine as of then: {', '.join(FACTS)} are not kept, and empty for machines that answered again since then."
    ),
    REPOSITORY.name: (
        "Repository as of then has only machines that have not answered since then: what others used is not kept."
    ),
    MISSING_FIX.name: (
        "MissingFix as of then has only what is still lacking: fixes that were installed since then are not kept. "
        "InstalledVersion, OfferedVersion, NotInstallableReason and IsOffered are not kept, and empty."
    ),
    CVE.name: (
        "Cve as of then has what the feeds say now of CVEs that were published by then; Severity, Score and Title may "
        "have been others."
    ),
}


def tables_behind_past(views: Iterable[str]) -> frozenset[str]:
    """The stored tables from which ``views`` are rebuilt."""
    named = frozenset(views)
    return tables_behind(named) | {table.name for name in named for table in _BEHIND.get(name, ())}


def notes_on_past(tables: Iterable[str]) -> tuple[str, ...]:
    """What of the past of ``tables`` is not kept, a sentence or two for each."""
    return tuple(_NOTES[name] for name in sorted(tables) if name in _NOTES)


def note_on_beginning(name: str, snapshots: Mapping[str, TableSnapshot], last: date) -> str:
    """That the history of the table ``name`` begins after the day ``last``; empty where it does not.

    Without it, nothing known would read like nothing there.
    """
    days = [snapshots[table].first_day for table in tables_behind_past([name])]
    first = min((day for day in days if day), default="")
    if first <= last.isoformat():
        return ""
    return f"{name}: nothing is known as of then, since what is stored begins on {first}."


def note_on_pinned(now: datetime, snapshots: Mapping[str, TableSnapshot]) -> str:
    """That tables go on after ``now``, to which a query is pinned; empty where they do not."""
    last = max((snapshot.last_day for snapshot in snapshots.values()), default="")
    if last <= now.astimezone(UTC).date().isoformat():
        return ""
    return (
        f"Now is taken for {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC, and the tables go on to {last}: times since then "
        "come out negative. To ask what was known at that time: --as-of."
    )


def past_view_sql(name: str, snapshots: Mapping[str, TableSnapshot], past: Past) -> str:
    """The statement that makes the view ``name`` as of ``past``."""
    return f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {_body(name, snapshots, past)}"


def _body(name: str, snapshots: Mapping[str, TableSnapshot], past: Past) -> str:
    table = find_table(name)
    if table is UPDATE:
        return past_updates(snapshots, past.moment, past.machines, past.absent)
    if table is MACHINE:
        return past_machines(snapshots, past.moment, past.machines, past.absent)
    rows = f"SELECT * FROM ({select_sql(table, snapshots[name])})"  # noqa: S608 - declared names
    if table.kind is TableKind.HISTORY or table is REPOSITORY:
        return f"{rows} WHERE TimeGenerated <= {past.moment}"
    if table is CVE:
        return _past_cves(rows, past.moment)
    return _past_fixes(rows, snapshots, past.moment)


def _past_cves(rows: str, at: str) -> str:
    exploited = f"CASE WHEN ExploitedSince > {at} THEN false ELSE KnownExploited END AS KnownExploited"
    since = f"CASE WHEN ExploitedSince > {at} THEN NULL ELSE ExploitedSince END AS ExploitedSince"
    due = f"CASE WHEN ExploitedSince > {at} THEN NULL ELSE DueAt END AS DueAt"
    chosen = f"SELECT * REPLACE ({exploited}, {since}, {due}) FROM ({rows})"  # noqa: S608 - ours
    return f"{chosen} WHERE coalesce(PublishedAt, ExploitedSince, TimeGenerated) <= {at}"


def _past_fixes(rows: str, snapshots: Mapping[str, TableSnapshot], at: str) -> str:
    assessments = select_sql(ASSESSMENT, snapshots[ASSESSMENT.name])
    return f"""
        SELECT
            rows.* REPLACE (
                coalesce(answers.AnsweredAt, rows.FirstSeen) AS TimeGenerated,
                CAST(coalesce(answers.AnsweredAt, rows.FirstSeen) AS DATE) AS Day,
                NULL AS InstalledVersion,
                NULL AS OfferedVersion,
                NULL AS NotInstallableReason,
                CAST(NULL AS BOOLEAN) AS IsOffered
            )
        FROM ({rows}) AS rows
        LEFT JOIN (
            SELECT SourceComputerId, max(TimeGenerated) AS AnsweredAt
            FROM ({assessments})
            WHERE TimeGenerated <= {at} AND Outcome <> 'failed'
            GROUP BY SourceComputerId
        ) AS answers ON answers.SourceComputerId = rows.SourceComputerId
        WHERE rows.FirstSeen <= {at}"""  # noqa: S608 - declared names
