-- title: Machines that missed their last window
-- group: Deployment history
-- help: Machines of which the last run of a deployment did not do what it was to do, for a reason other than a failed
-- help: update: unreachable, out of time, never begun, cancelled. Disabled and removed machines are not shown.
-- param: days int = 90: how far back
-- column: Status: why it missed the last of them: Unreachable, MaintenanceWindowExceeded, NotStarted or Cancelled
-- column: MissedInARow: runs of that deployment in a row that the machine missed
-- column: LastSucceeded: when it last got through one of them; empty if not in that time
WITH turns AS (
    SELECT
        UpdateRunName,
        CorrelationId,
        SourceComputerId,
        arg_max(Status, TimeGenerated) AS Status,
        arg_max(ErrorResult, TimeGenerated) AS ErrorResult,
        max(TimeGenerated) AS EndedAt
    FROM MachineRun
    WHERE TimeGenerated >= now() - to_days($days)
    GROUP BY UpdateRunName, CorrelationId, SourceComputerId
),
begun AS (
    SELECT
        UpdateRunName,
        SourceComputerId,
        max(EndedAt) FILTER (Status IN ('Succeeded', 'Failed')) AS TakenAt,
        max(EndedAt) FILTER (Status = 'Succeeded') AS LastSucceeded
    FROM turns
    GROUP BY UpdateRunName, SourceComputerId
)
SELECT
    machine.Computer,
    turns.UpdateRunName,
    arg_max(turns.Status, turns.EndedAt) AS Status,
    max(turns.EndedAt) AS MissedAt,
    count(*) AS MissedInARow,
    begun.LastSucceeded,
    arg_max(turns.ErrorResult, turns.EndedAt) AS ErrorResult
FROM turns
JOIN begun
    ON begun.UpdateRunName = turns.UpdateRunName
    AND begun.SourceComputerId = turns.SourceComputerId
JOIN Machine AS machine ON machine.SourceComputerId = turns.SourceComputerId
WHERE machine.Enabled
    AND turns.Status IN ('Unreachable', 'MaintenanceWindowExceeded', 'NotStarted', 'Cancelled')
    AND (begun.TakenAt IS NULL OR turns.EndedAt > begun.TakenAt)
GROUP BY machine.Computer, turns.SourceComputerId, turns.UpdateRunName, begun.LastSucceeded
ORDER BY MissedInARow DESC, machine.Computer, turns.UpdateRunName, turns.SourceComputerId
