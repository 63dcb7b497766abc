"""The view `Update` as of an earlier time, rebuilt from every change of state before it."""

from collections.abc import Collection, Iterable, Mapping

from fleet.machines import Machine
from fleet.tables import ASSESSMENT, LOADED_AT, UPDATE, UPDATE_HISTORY
from query.past_machines import enrolled_sql
from query.snapshots import TableSnapshot
from query.views import history_in_update, select_sql

_KEY = "SourceComputerId, UpdateID, Product, ProductArch"


def past_updates(
    snapshots: Mapping[str, TableSnapshot], at: str, machines: Iterable[Machine], absent: Collection[str]
) -> str:
    """The rows of `Update` at ``at``, a time as SQL: what was needed then, and what was settled by then.

    A row of what was needed bears the time of its machine's last scan of every repository, or a later time.
    """
    assessments = select_sql(ASSESSMENT, snapshots[ASSESSMENT.name])
    seen_at = "greatest(needed.TimeGenerated, seen.SeenAt)"
    needed = f"""
        SELECT
            needed.* REPLACE (
                enrolled.Computer AS Computer,
                '{UPDATE.name}' AS Type,
                {seen_at} AS TimeGenerated,
                CAST({seen_at} AS DATE) AS Day
            )
        FROM ({_needed(snapshots, at)}) AS needed
        JOIN ({enrolled_sql(machines, absent, assessments, at)}) AS enrolled USING (SourceComputerId)
        LEFT JOIN (
            SELECT SourceComputerId, max(TimeGenerated) AS SeenAt
            FROM ({assessments})
            WHERE TimeGenerated <= {at} AND Outcome = 'succeeded'
            GROUP BY SourceComputerId
        ) AS seen USING (SourceComputerId)"""  # noqa: S608 - declared names
    others = (f"SELECT * FROM ({rows}) WHERE TimeGenerated <= {at}" for rows in history_in_update(snapshots))  # noqa: S608
    return " UNION ALL BY NAME ".join((needed, *others))


def _needed(snapshots: Mapping[str, TableSnapshot], at: str) -> str:
    """The last change of each update, if that made it needed.

    A row that is needed still and of which the history has expired stands for itself.
    """
    history = select_sql(UPDATE_HISTORY, snapshots[UPDATE_HISTORY.name])
    return f"""
        WITH history AS NOT MATERIALIZED (
            SELECT * EXCLUDE ({LOADED_AT.name})
            FROM ({history})
            WHERE TimeGenerated <= {at} AND {LOADED_AT.name} IS NULL
        ),
        latest AS MATERIALIZED (
            SELECT {_KEY}, max(TimeGenerated) AS TimeGenerated, arg_max(UpdateState, TimeGenerated) AS UpdateState
            FROM history
            GROUP BY ALL
        )
        SELECT history.*
        FROM history
        SEMI JOIN latest USING ({_KEY}, TimeGenerated, UpdateState)
        WHERE UpdateState = 'Needed'
        UNION ALL BY NAME
        SELECT present.* REPLACE (FirstSeen AS TimeGenerated)
        FROM ({select_sql(UPDATE, snapshots[UPDATE.name])}) AS present
        ANTI JOIN latest USING ({_KEY})
        WHERE FirstSeen <= {at}"""  # noqa: S608 - declared names
