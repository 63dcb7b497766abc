-- title: Success rate of each deployment
-- group: Deployment history
-- help: Of the machines of a deployment's runs, how many were patched as asked; the least successful first. Runs that
-- help: have not ended are not counted.
-- param: days int = 90: how far back
-- column: Runs: runs that ended
-- column: RunsSucceeded: runs that ended as succeeded
-- column: MachineRuns: machines of all of those runs, each as often as it took part
-- column: Succeeded [machine runs]: patched as asked
-- column: Failed [machine runs]: failed, unreachable, or out of time
-- column: NotAttempted [machine runs]: never begun
-- column: Cancelled [machine runs]: ended early by a cancellation
-- column: Percent [%]: succeeded, of all machine runs
-- column: LastRun: when the last of them began
WITH runs AS (
    SELECT
        UpdateRunName,
        CorrelationId,
        arg_max(Status, TimeGenerated) AS Status,
        arg_max(MachinesTargeted, TimeGenerated) AS Targeted,
        arg_max(MachinesSucceeded, TimeGenerated) AS Succeeded,
        arg_max(MachinesFailed, TimeGenerated) AS Failed,
        arg_max(MachinesNotAttempted, TimeGenerated) AS NotAttempted,
        arg_max(MachinesCancelled, TimeGenerated) AS Cancelled,
        min(StartTime) AS StartTime
    FROM DeploymentRun
    WHERE TimeGenerated >= now() - to_days($days)
    GROUP BY UpdateRunName, CorrelationId
)
SELECT
    UpdateRunName,
    count(*) AS Runs,
    count(*) FILTER (Status = 'Succeeded') AS RunsSucceeded,
    sum(Targeted) AS MachineRuns,
    sum(Succeeded) AS Succeeded,
    sum(Failed) AS Failed,
    sum(NotAttempted) AS NotAttempted,
    sum(Cancelled) AS Cancelled,
    round(100.0 * sum(Succeeded) / nullif(sum(Targeted), 0), 1) AS Percent,
    max(StartTime) AS LastRun
FROM runs
WHERE Status IN ('Succeeded', 'Failed', 'Cancelled')
GROUP BY UpdateRunName
ORDER BY Percent NULLS LAST, UpdateRunName
