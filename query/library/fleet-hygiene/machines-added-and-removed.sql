-- title: Machines added and removed
-- group: Fleet hygiene
-- help: Machines that were enrolled lately, and those that were assessed lately and are enrolled no more. When a
-- help: machine was removed is in no table: the time is that of its last assessment. A machine that was enrolled anew
-- help: is both.
-- param: days int = 30: how far back
-- column: Change: added or removed
-- column: ChangedAt: when it was enrolled, or last assessed before it was removed
-- column: LastAnswered: when it last answered; empty if it never did, or not in that time
WITH gone AS (
    SELECT
        SourceComputerId,
        arg_max(Computer, TimeGenerated) AS Computer,
        arg_max(OSType, TimeGenerated) FILTER (OSType <> '') AS OSType,
        max(TimeGenerated) AS ChangedAt,
        max(TimeGenerated) FILTER (Outcome <> 'failed') AS LastAnswered
    FROM Assessment
    WHERE TimeGenerated >= now() - to_days($days)
        AND SourceComputerId NOT IN (SELECT SourceComputerId FROM Machine)
    GROUP BY SourceComputerId
)
SELECT
    'added' AS Change,
    Computer,
    OSType,
    AddedAt AS ChangedAt,
    LastAnswered,
    SourceComputerId
FROM Machine
WHERE AddedAt >= now() - to_days($days)
UNION ALL
SELECT
    'removed' AS Change,
    Computer,
    OSType,
    ChangedAt,
    LastAnswered,
    SourceComputerId
FROM gone
ORDER BY ChangedAt DESC, Change, Computer, SourceComputerId
