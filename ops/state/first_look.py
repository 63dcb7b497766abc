"""The machines that need a look first, without reading those behind them: what the app shows while it reads the rest.

The order is that of `fleet.compliance.judge`, asked of SQLite: reading ten thousand statuses takes a second, and the
first screenful of them a tenth of one, most of it outside Python.
"""

import json
import sqlite3
from datetime import datetime

from fleet.answers import Coverage
from fleet.compliance import BY_URGENCY, freshness_limit
from fleet.failures import FailureKind
from fleet.machines import OSType
from fleet.status import MachineStatus
from ops.state.statuses import read_status

# Fewer are read whole before anybody has looked.
_WORTH_IT = 1_000

_FIRST = """
WITH said AS (
    SELECT name, document, attempted_at, answered_at, attempt, answer,
        coalesce(json_extract(document, '$.enabled'), 1) AS is_enabled,
        CASE WHEN answered_at IS NOT attempted_at THEN json_extract(attempt, '$.failure.kind') END AS failure,
        CASE WHEN answered_at = attempted_at THEN attempt ELSE answer END AS said
    FROM machines LEFT JOIN statuses ON machine_id = id
), counted AS (
    SELECT *,
        coalesce(json_extract(said, '$.facts.os_type'), json_extract(document, '$.os_type')) AS os,
        json_extract(said, '$.coverage') AS coverage,
        coalesce(json_extract(said, '$.counts.critical'), 0) AS critical,
        coalesce(json_extract(said, '$.counts.security'), 0) AS security,
        coalesce(json_extract(said, '$.counts.unclassified'), 0) AS unclassified
    FROM said
), judged AS (
    SELECT *, CASE
        WHEN NOT is_enabled THEN :disabled
        WHEN failure IN (SELECT value FROM json_each(:unreachable_kinds)) THEN :unreachable
        WHEN failure IS NOT NULL THEN :failed
        WHEN said IS NULL THEN :not_assessed
        WHEN answered_at < CASE os WHEN :windows THEN :stale_windows_at ELSE :stale_at END THEN :stale
        WHEN critical OR security THEN :non_compliant
        WHEN unclassified OR coverage NOT IN (SELECT value FROM json_each(:whole)) THEN :unknown
        ELSE :compliant
    END AS rank
    FROM counted
)
SELECT document, attempted_at, answered_at, attempt, answer
FROM judged
ORDER BY rank,
    CASE coverage WHEN :uncovered THEN 0 ELSE -critical END,
    CASE coverage WHEN :uncovered THEN 0 ELSE -security END,
    lower(name)
LIMIT :count
"""


def first_look(connection: sqlite3.Connection, now: datetime, count: int) -> tuple[list[MachineStatus], int]:
    """The first ``count`` machines, those that need a look at ``now`` before others, and how many there are.

    None of them where there are few machines, or a scope says who may be touched: that takes knowing all of them.
    """
    total: int = connection.execute("SELECT count(*) FROM machines").fetchone()[0]
    has_scope: bool = connection.execute("SELECT EXISTS (SELECT 1 FROM scope)").fetchone()[0]
    if total < _WORTH_IT or has_scope:
        return [], total
    rows = connection.execute(_FIRST, _parameters(now, count))
    return [read_status(*row) for row in rows], total


def _parameters(now: datetime, count: int) -> dict[str, object]:
    return {
        **{each.name.lower(): rank for rank, each in enumerate(BY_URGENCY)},
        "unreachable_kinds": json.dumps([each.value for each in FailureKind if each.means_unreachable]),
        "whole": json.dumps([each.value for each in Coverage if each.sees_every_update]),
        "uncovered": Coverage.UNKNOWN.value,
        "windows": OSType.WINDOWS.value,
        "stale_at": _before(now, OSType.LINUX),
        "stale_windows_at": _before(now, OSType.WINDOWS),
        "count": count,
    }


def _before(now: datetime, os_type: OSType) -> str:
    """As state.db has its times."""
    return (now - freshness_limit(os_type)).isoformat(timespec="microseconds")
