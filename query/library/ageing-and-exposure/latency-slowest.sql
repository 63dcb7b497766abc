-- title: Updates that took longest, or are missing still
-- group: Ageing and exposure
-- help: Versions of updates that machines were first seen to need within a period, and what became of them since: a
-- help: version counts as installed when it, or a newer one, was found installed.
-- help: Those that took longest come first.
-- param: since string = '90 days': from when on, in UTC, as 2026-08-01 or 2026-08-01T18:00, or how long ago
-- param: until string = '0 days': up to and without when, in the same way
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- param: most int = 100: at most so many rows
-- column: Ending: installed, missing, or unknown where the machine is not enrolled any more
-- column: LatencyDays [days]: until it was found installed; until now where it was not
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
    Computer,
    Product,
    ProductArch,
    ProductVersion,
    Classification,
    FirstSeen,
    Ending,
    round(Days, 1) AS LatencyDays
FROM followed
WHERE Ending <> 'fell away'
ORDER BY Days DESC, Computer, Product, ProductArch, UpdateID, FirstSeen, SourceComputerId
LIMIT $most
