-- title: Machine runs of a period
-- group: Deployment history
-- help: One row for each machine of each run of a period, those that did not succeed first.
-- param: since string = '30 days': from when on, in UTC, as 2026-11-01 or 2026-11-01T18:00, or how long ago
-- param: until string = '0 days': up to and without when, in the same way
-- param: run string = '*': a deployment's name or a run's id, a pattern with * and ?
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
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
turns AS (
    SELECT
        CorrelationId,
        SourceComputerId,
        arg_max(UpdateRunName, TimeGenerated) AS UpdateRunName,
        arg_max(Computer, TimeGenerated) AS Computer,
        arg_max(Status, TimeGenerated) AS Status,
        arg_max(StartTime, TimeGenerated) AS StartTime,
        arg_max(EndTime, TimeGenerated) AS EndTime,
        arg_max_null(UpdatesSucceeded, TimeGenerated) AS UpdatesSucceeded,
        arg_max_null(UpdatesFailed, TimeGenerated) AS UpdatesFailed,
        arg_max_null(UpdatesNotAttempted, TimeGenerated) AS UpdatesNotAttempted,
        arg_max(Rebooted, TimeGenerated) AS Rebooted,
        arg_max(ErrorResult, TimeGenerated) AS ErrorResult,
        max(TimeGenerated) AS SeenAt
    FROM MachineRun
    WHERE (UpdateRunName GLOB $run OR CorrelationId GLOB $run)
        AND ($machines = '*' OR SourceComputerId IN (SELECT SourceComputerId FROM chosen))
    GROUP BY CorrelationId, SourceComputerId
)
SELECT
    UpdateRunName,
    CorrelationId,
    Computer,
    Status,
    StartTime,
    EndTime,
    UpdatesSucceeded,
    UpdatesFailed,
    UpdatesNotAttempted,
    Rebooted,
    ErrorResult
FROM turns
WHERE coalesce(StartTime, SeenAt) >= (SELECT Since FROM period)
    AND coalesce(StartTime, SeenAt) < (SELECT Until FROM period)
ORDER BY Status = 'Succeeded', coalesce(StartTime, SeenAt), UpdateRunName, CorrelationId, Computer
