-- title: Runs of a period
-- group: Deployment history
-- help: Runs that began within a period and had one of some machines in them, with what came of them, the first one
-- help: first. Counts are of all machines of the run.
-- param: since string = '30 days': from when on, in UTC, as 2026-11-01 or 2026-11-01T18:00, or how long ago
-- param: until string = '0 days': up to and without when, in the same way
-- param: run string = '*': a deployment's name or a run's id, a pattern with * and ?
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: Status: how the run ended; InProgress where it has not
-- column: Minutes [minutes]: how long the run took; so far, if it is in progress
-- column: Machines: machines of the run
-- column: Failed: machines on which something failed, unreachable ones too
-- column: NotAttempted: machines that were not begun
-- column: PlanHash: hash of the frozen plan
WITH period AS (
    SELECT
        coalesce(
            try_strptime($since, ['%Y-%m-%d', '%Y-%m-%dT%H:%M', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M:%SZ']),
            now() - CAST($since AS INTERVAL)
        ) AS Since,
        coalesce(
            try_strptime($until, ['%Y-%m-%d', '%Y-%m-%dT%H:%M', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M:%SZ']),
            now() - CAST($until AS INTERVAL)
        ) AS Until
),
named AS (
    SELECT unnest(string_split($machines, ',')) AS Name
),
chosen AS (
    SELECT SourceComputerId
    FROM Machine
    WHERE $machines = '*'
        OR SourceComputerId IN (SELECT Name FROM named)
        OR Computer IN (SELECT Name FROM named)
),
touched AS (
    SELECT DISTINCT CorrelationId
    FROM MachineRun
    WHERE SourceComputerId IN (SELECT SourceComputerId FROM chosen)
)
SELECT
    UpdateRunName,
    CorrelationId,
    StartTime,
    arg_max(Status, TimeGenerated) AS Status,
    date_diff('minute', StartTime, coalesce(max(EndTime), now())) AS Minutes,
    arg_max(MachinesTargeted, TimeGenerated) AS Machines,
    arg_max(MachinesSucceeded, TimeGenerated) AS Succeeded,
    arg_max(MachinesFailed, TimeGenerated) AS Failed,
    arg_max(MachinesNotAttempted, TimeGenerated) AS NotAttempted,
    arg_max(Requester, TimeGenerated) AS Requester,
    arg_max(PlanHash, TimeGenerated) AS PlanHash,
    arg_max(Note, TimeGenerated) AS Note
FROM DeploymentRun
WHERE StartTime >= (SELECT Since FROM period)
    AND StartTime < (SELECT Until FROM period)
    AND (UpdateRunName GLOB $run OR CorrelationId GLOB $run)
    AND ($machines = '*' OR CorrelationId IN (SELECT CorrelationId FROM touched))
GROUP BY UpdateRunName, CorrelationId, StartTime
ORDER BY StartTime, UpdateRunName, CorrelationId
