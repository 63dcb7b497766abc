-- title: Updates of runs of a period
-- group: Deployment history
-- help: One row for each update on each machine of each run of a period, with the last that was said of it; what the
-- help: rules left out is not among them.
-- param: since string = '30 days': from when on, in UTC, as 2026-11-01 or 2026-11-01T18:00, or how long ago
-- param: until string = '0 days': up to and without when, in the same way
-- param: run string = '*': a deployment's name or a run's id, a pattern with * and ?
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: SeenAt: when that was said
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
        arg_max(UpdateRunName, TimeGenerated) AS UpdateRunName,
        arg_max(Computer, TimeGenerated) AS Computer,
        arg_max(KBID, TimeGenerated) AS KBID,
        arg_max(Classification, TimeGenerated) AS Classification,
        arg_max(InstallationStatus, TimeGenerated) AS InstallationStatus,
        arg_max(ErrorResult, TimeGenerated) AS ErrorResult,
        arg_max(InstalledVersion, TimeGenerated) AS InstalledVersion,
        arg_max(ProductVersion, TimeGenerated) AS ProductVersion,
        max(TimeGenerated) AS SeenAt
    FROM UpdateRunProgress
    WHERE (UpdateRunName GLOB $run OR CorrelationId GLOB $run)
        AND ($machines = '*' OR SourceComputerId IN (SELECT SourceComputerId FROM chosen))
    GROUP BY CorrelationId, SourceComputerId, UpdateId, Product, ProductArch
)
SELECT
    UpdateRunName,
    CorrelationId,
    Computer,
    Product,
    ProductArch,
    KBID,
    InstalledVersion,
    ProductVersion,
    Classification,
    InstallationStatus,
    ErrorResult,
    SeenAt
FROM results
WHERE SeenAt >= (SELECT Since FROM period)
    AND SeenAt < (SELECT Until FROM period)
    AND InstallationStatus NOT IN ('NotIncluded', 'Excluded')
ORDER BY InstallationStatus = 'Succeeded', Computer, Product, ProductArch, UpdateId, CorrelationId, SourceComputerId
