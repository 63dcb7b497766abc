-- title: Updates of runs of a period, by what became of them
-- group: Deployment history
-- help: The last that runs of a period said of each update on each machine.
-- param: since string = '30 days': from when on, in UTC, as 2026-11-01 or 2026-11-01T18:00, or how long ago
-- param: until string = '0 days': up to and without when, in the same way
-- param: run string = '*': a deployment's name or a run's id, a pattern with * and ?
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: Updates: pairs of a machine run and an update
-- column: Machines: machines that had such an update
-- column: Percent [%]: share of all pairs
-- chart: bar x=InstallationStatus y=Updates
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
results AS (
    SELECT
        CorrelationId,
        SourceComputerId,
        UpdateId,
        Product,
        ProductArch,
        arg_max(InstallationStatus, TimeGenerated) AS InstallationStatus,
        max(TimeGenerated) AS SeenAt
    FROM UpdateRunProgress
    WHERE (UpdateRunName GLOB $run OR CorrelationId GLOB $run)
        AND ($machines = '*' OR SourceComputerId IN (SELECT SourceComputerId FROM chosen))
    GROUP BY CorrelationId, SourceComputerId, UpdateId, Product, ProductArch
)
SELECT
    InstallationStatus,
    count(*) AS Updates,
    count(DISTINCT SourceComputerId) AS Machines,
    round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS Percent
FROM results
WHERE SeenAt >= (SELECT Since FROM period)
    AND SeenAt < (SELECT Until FROM period)
GROUP BY InstallationStatus
ORDER BY Updates DESC, InstallationStatus
