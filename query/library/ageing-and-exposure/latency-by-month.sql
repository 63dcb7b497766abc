-- title: Patch latency by month
-- group: Ageing and exposure
-- help: Versions of updates that machines were first seen to need within a period, and what became of them since: a
-- help: version counts as installed when it, or a newer one, was found installed.
-- help: A row is of those first needed in a month.
-- param: since string = '90 days': from when on, in UTC, as 2026-08-01 or 2026-08-01T18:00, or how long ago
-- param: until string = '0 days': up to and without when, in the same way
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: Month: first day of the month in which they were first needed
-- column: Needed: pairs of a machine and a version of an update that it was first seen to need in the period
-- column: Installed: those that were found installed, or a newer version, since
-- column: Missing: those that are missing until now
-- column: FellAway: those that were not needed any more without having been installed
-- column: Unknown: those of machines that are not enrolled any more, of which nothing more is known
-- column: InstalledPercent [%]: installed, of all but those that fell away
-- column: MedianDays [days]: half of the installed ones took no longer
-- column: P90Days [days]: 90 of 100 installed ones took no longer
-- chart: line x=Month y=MedianDays,P90Days
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
versions AS (
    SELECT
        SourceComputerId,
        UpdateID,
        Product,
        ProductArch,
        FirstSeen,
        arg_max(Computer, TimeGenerated) AS Computer,
        arg_max(Classification, TimeGenerated) AS Classification,
        arg_max(ProductVersion, TimeGenerated) AS ProductVersion,
        max(TimeGenerated) AS LastNeeded
    FROM UpdateHistory
    WHERE UpdateState = 'Needed'
        AND FirstSeen >= (SELECT Since FROM period)
        AND FirstSeen < (SELECT Until FROM period)
        AND ($machines = '*' OR SourceComputerId IN (SELECT SourceComputerId FROM chosen))
    GROUP BY SourceComputerId, UpdateID, Product, ProductArch, FirstSeen
),
ends AS (
    SELECT
        SourceComputerId,
        UpdateID,
        Product,
        ProductArch,
        UpdateState,
        TimeGenerated
    FROM UpdateHistory
    WHERE UpdateState <> 'Needed'
),
followed AS (
    SELECT
        versions.*,
        CASE
            WHEN ends.UpdateState = 'Installed' THEN 'installed'
            WHEN ends.UpdateState IS NOT NULL THEN 'fell away'
            WHEN versions.SourceComputerId IN (SELECT SourceComputerId FROM Machine) THEN 'missing'
            ELSE 'unknown'
        END AS Ending,
        date_diff('second', versions.FirstSeen, coalesce(ends.TimeGenerated, now())) / 86400.0 AS Days
    FROM versions
    ASOF LEFT JOIN ends
        ON ends.SourceComputerId = versions.SourceComputerId
        AND ends.UpdateID = versions.UpdateID
        AND ends.Product = versions.Product
        AND ends.ProductArch = versions.ProductArch
        AND ends.TimeGenerated >= versions.LastNeeded
)
SELECT
    CAST(date_trunc('month', FirstSeen) AS DATE) AS Month,
    count(*) AS Needed,
    count(*) FILTER (Ending = 'installed') AS Installed,
    count(*) FILTER (Ending = 'missing') AS Missing,
    count(*) FILTER (Ending = 'fell away') AS FellAway,
    count(*) FILTER (Ending = 'unknown') AS Unknown,
    round(100.0 * count(*) FILTER (Ending = 'installed') / nullif(count(*) FILTER (Ending <> 'fell away'), 0), 1)
        AS InstalledPercent,
    round(median(Days) FILTER (Ending = 'installed'), 1) AS MedianDays,
    round(quantile_cont(Days, 0.9) FILTER (Ending = 'installed'), 1) AS P90Days
FROM followed
GROUP BY Month
ORDER BY Month
