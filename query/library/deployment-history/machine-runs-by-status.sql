-- title: Machine runs of a period by status
-- group: Deployment history
-- help: What became of machines in runs of a period, each machine as often as it took part.
-- param: since string = '30 days': from when on, in UTC, as 2026-11-01 or 2026-11-01T18:00, or how long ago
-- param: until string = '0 days': up to and without when, in the same way
-- param: run string = '*': a deployment's name or a run's id, a pattern with * and ?
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: MachineRuns: turns of machines in runs
-- column: Machines: machines that had such a turn
-- column: Percent [%]: share of all turns
-- chart: bar x=Status y=MachineRuns
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
        arg_max(Status, TimeGenerated) AS Status,
        arg_max(StartTime, TimeGenerated) AS StartTime,
        arg_max_null(UpdatesSucceeded, TimeGenerated) AS UpdatesSucceeded,
        arg_max_null(UpdatesFailed, TimeGenerated) AS UpdatesFailed,
        max(TimeGenerated) AS SeenAt
    FROM MachineRun
    WHERE (UpdateRunName GLOB $run OR CorrelationId GLOB $run)
        AND ($machines = '*' OR SourceComputerId IN (SELECT SourceComputerId FROM chosen))
    GROUP BY CorrelationId, SourceComputerId
)
SELECT
    Status,
    count(*) AS MachineRuns,
    count(DISTINCT SourceComputerId) AS Machines,
    coalesce(sum(UpdatesSucceeded), 0) AS UpdatesSucceeded,
    coalesce(sum(UpdatesFailed), 0) AS UpdatesFailed,
    round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS Percent
FROM turns
WHERE coalesce(StartTime, SeenAt) >= (SELECT Since FROM period)
    AND coalesce(StartTime, SeenAt) < (SELECT Until FROM period)
GROUP BY Status
ORDER BY list_position(
    ['Succeeded', 'Failed', 'MaintenanceWindowExceeded', 'Unreachable', 'Cancelled', 'NotStarted', 'InProgress'],
    Status
)
    NULLS LAST, Status
