"""The instants at which something changed: what stepping through the past stops at."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from ops.home import Home
from ops.state.database import opened


class Track(StrEnum):
    """What changed: what was known of machines, how runs stood, what became of alerts, what anybody did."""

    ASSESSMENTS = "assessments"
    RUNS = "runs"
    ALERTS = "alerts"
    AUDIT = "audit"


# A scan of the fleet is one change; the last of its machines ends it.
_SCANS = """SELECT max(TimeGenerated) AS Moment FROM Assessment
WHERE $machine IS NULL OR SourceComputerId = $machine
GROUP BY coalesce(nullif(BatchId, ''), CAST(Day AS VARCHAR)) ORDER BY Moment"""
_RUNS = """SELECT DISTINCT moment FROM (
    SELECT json_extract(document, '$.requested_at') AS moment FROM runs
    UNION ALL SELECT json_extract(document, '$.started_at') FROM runs
    UNION ALL SELECT json_extract(document, '$.ended_at') FROM runs
) WHERE moment IS NOT NULL"""
_OF_RUN = """SELECT DISTINCT moment FROM (
    SELECT json_extract(document, '$.requested_at') AS moment FROM runs WHERE id = ?1
    UNION ALL SELECT json_extract(document, '$.started_at') FROM runs WHERE id = ?1
    UNION ALL SELECT json_extract(document, '$.ended_at') FROM runs WHERE id = ?1
    UNION ALL SELECT json_extract(document, '$.started_at') FROM machine_runs WHERE run_id = ?1
    UNION ALL SELECT json_extract(document, '$.ended_at') FROM machine_runs WHERE run_id = ?1
    UNION ALL SELECT at FROM journal WHERE run_id = ?1
) WHERE moment IS NOT NULL"""
_STATE = {
    Track.ALERTS: "SELECT DISTINCT json_extract(document, '$.at') FROM alert_events",
    Track.AUDIT: "SELECT DISTINCT at FROM audit",
}


def list_changes(home: Home, track: Track, key: str = "") -> Sequence[datetime]:
    """The instants of ``track`` in order; of the machine or the run with the id ``key`` only. Blocking.

    Raises:
        QueryFailed, QueryTimedOut: the tables could not be asked.
    """
    if track is Track.ASSESSMENTS:
        return _scans(home, key)
    query, values = (_OF_RUN, (key,)) if key else (_RUNS, ())
    query, values = (query, values) if track is Track.RUNS else (_STATE[track], ())
    with opened(home.state_file) as connection:
        return sorted(datetime.fromisoformat(moment) for (moment,) in connection.execute(query, values))


def _scans(home: Home, machine_id: str) -> Sequence[datetime]:
    from dataclasses import replace

    from ops.config import load_settings
    from ops.questions import limits_of, open_engine

    settings = load_settings(home)
    limits = replace(limits_of(settings), rows=None)
    with open_engine(home, settings, limits=limits) as engine:
        found = engine.run(_SCANS, {"machine": machine_id or None}).rows
    return [moment for (moment,) in found if isinstance(moment, datetime)]
