"""What happened to one machine, newest first: assessments, updates, runs, reboots, failures, and who changed it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fleet.audit_difference import differences
from fleet.hostile import clean
from ops.home import Home

MOST_EVENTS = 1_000
_MOST_DEEDS = 500
_MOST_CHANGES = 4

# A run's installations that succeeded are told by the update's own history; what failed is nowhere else.
_SQL = f"""
SELECT TimeGenerated, Event, What, RunId FROM (
    SELECT TimeGenerated, Outcome AS Event,
        CASE WHEN Outcome = 'failed' THEN FailureText
        ELSE concat(
            coalesce(CAST(CriticalUpdatesMissing AS VARCHAR), '?'), ' critical, ',
            coalesce(CAST(SecurityUpdatesMissing AS VARCHAR), '?'), ' security, ',
            coalesce(CAST(OtherUpdatesMissing AS VARCHAR), '?'), ' other missing in ',
            round(DurationSeconds, 1), ' s; reboot ', RebootRequired)
        END AS What, '' AS RunId
    FROM Assessment WHERE SourceComputerId = $id
    UNION ALL
    SELECT TimeGenerated, UpdateState AS Event,
        CASE WHEN UpdateID <> '' THEN concat_ws(' ', 'KB' || nullif(split_part(KBID, ';', 1), ''), Title)
        ELSE concat_ws(' ', Product, InstalledVersion, '→', ProductVersion, lower(Classification)) END AS What,
        '' AS RunId
    FROM UpdateHistory WHERE SourceComputerId = $id
    UNION ALL
    SELECT coalesce(EndTime, TimeGenerated), concat('run ', Status) AS Event,
        concat(UpdateRunName, ': ', UpdatesSucceeded, ' installed, ', UpdatesFailed, ' failed, ', UpdatesNotAttempted,
            ' not attempted', CASE WHEN ErrorResult <> '' THEN concat('; ', ErrorResult) ELSE '' END) AS What,
        CorrelationId AS RunId
    FROM MachineRun WHERE SourceComputerId = $id
    UNION ALL
    SELECT coalesce(EndTime, TimeGenerated), 'rebooted' AS Event,
        concat('by ', UpdateRunName, coalesce(concat(', back after ', round(RebootSeconds), ' s'), '')) AS What,
        CorrelationId AS RunId
    FROM MachineRun WHERE SourceComputerId = $id AND Rebooted
    UNION ALL
    SELECT coalesce(EndTime, TimeGenerated), 'install failed' AS Event,
        concat_ws(' ', 'KB' || nullif(KBID, ''), coalesce(nullif(Title, ''), Product), '-', ErrorResult) AS What,
        CorrelationId AS RunId
    FROM UpdateRunProgress
    WHERE SourceComputerId = $id AND InstallationStatus IN ('Failed', 'InstallFailed')
) AS happened
ORDER BY TimeGenerated DESC, Event, What, RunId
LIMIT {MOST_EVENTS}
"""  # noqa: S608  # the only thing put in is our own number


@dataclass(frozen=True, slots=True)
class MachineEvent:
    """One thing that happened; ``by`` is who did it, where a person did, ``run_id`` the run that it was part of."""

    at: datetime | None
    event: str
    what: str
    by: str = ""
    run_id: str = ""


def machine_events(
    home: Home, machine_id: str, now: datetime | None = None, as_of: datetime | None = None
) -> list[MachineEvent]:
    """The newest events of a machine, enrolled or not any more; `MOST_EVENTS` at most. Blocking; for a thread.

    ``as_of``: as they were known at an earlier time; None: now.

    Raises:
        QueryFailed, QueryTimedOut: the tables could not be asked.
    """
    from ops.config import load_settings
    from ops.questions import open_engine

    with open_engine(home, load_settings(home), now=now, as_of=as_of) as engine:
        rows = engine.run(_SQL, {"id": machine_id}).rows
    stored = [_stored(row) for row in rows]
    known = [*stored, *_deeds(home, machine_id, as_of)]
    dated = [(each.at, number, each) for number, each in enumerate(known) if each.at is not None]
    dated.sort(key=lambda entry: (-entry[0].timestamp(), entry[1]))
    return [each for _, _, each in dated][:MOST_EVENTS]


def _stored(row: tuple[object, ...]) -> MachineEvent:
    at, event, what, run_id = row
    word = str(event).replace("NotNeeded", "not needed").replace("MaintenanceWindowExceeded", "out of window").lower()
    return MachineEvent(at if isinstance(at, datetime) else None, clean(word), clean(str(what)), "", str(run_id or ""))


def _deeds(home: Home, machine_id: str, until: datetime | None) -> Iterator[MachineEvent]:
    """What people did to it, under whatever name it had then."""
    from ops.audit.book import deeds_of
    from ops.state.audit_search import AuditFilter

    with deeds_of(home, AuditFilter(machine_id=machine_id, until=until), _MOST_DEEDS) as entries:
        for entry in entries:
            telling = [each for each in differences(entry.before, entry.after) if each.path != "id"]
            told = "; ".join(each.describe(80) for each in telling[:_MOST_CHANGES])
            more = f"; {len(telling) - _MOST_CHANGES} more" if len(telling) > _MOST_CHANGES else ""
            what = clean(f"{entry.target}{': ' if told else ''}{told}{more}")
            yield MachineEvent(entry.at, clean(entry.action), what, clean(entry.actor.user))
