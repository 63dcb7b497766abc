"""Whether anything changed of deployments, runs or what is asked of runs: one question that costs next to nothing."""

import json
import sqlite3

from fleet.deployments.runs import RunStatus

_OPEN = json.dumps([status.value for status in RunStatus if not status.is_over])
# A run that is over does not change; the revisions of the others are few. Counts are read from indexes alone.
_SELECT = """
SELECT
    (SELECT count(*) || ' ' || coalesce(sum(revision), 0) || ' ' || coalesce(max(changed_at), '') FROM deployments),
    (SELECT count(*) FROM runs),
    (SELECT group_concat(id || revision) FROM runs WHERE status IN (SELECT value FROM json_each(?))),
    (SELECT coalesce(max(id), 0) FROM run_requests),
    (SELECT count(*) FROM run_requests WHERE done_at IS NULL)
"""

WorkRevision = tuple[object, ...]


def work_revision(connection: sqlite3.Connection) -> WorkRevision:
    """A value that differs once a deployment, a run, a machine of a run or a request of one has changed."""
    return tuple(connection.execute(_SELECT, (_OPEN,)).fetchone())
