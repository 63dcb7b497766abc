-- title: Patch latency in steps of days
-- group: Ageing and exposure
-- help: Versions of updates that machines were first seen to need within a period, and what became of them since: a
-- help: version counts as installed when it, or a newer one, was found installed.
-- param: since string = '90 days': from when on, in UTC, as 2026-08-01 or 2026-08-01T18:00, or how long ago
-- param: until string = '0 days': up to and without when, in the same way
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: Took: days until they were found installed; those that are missing until now stand apart
-- column: Versions: pairs of a machine and a version of an update; those that fell away are not counted
-- column: Critical: those of critical updates
-- column: Security: those of security updates
-- column: Others: those of all other classes
-- column: Percent [%]: share of all that are counted
-- chart: bar x=Took y=Versions
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
),
stepped AS (
    SELECT
        Classification,
        CASE
            WHEN Ending = 'missing' THEN 'missing until now'
            WHEN Ending = 'unknown' THEN 'unknown'
            WHEN Days <= 1 THEN 'up to 1 day'
            WHEN Days <= 3 THEN 'up to 3 days'
            WHEN Days <= 7 THEN 'up to 7 days'
            WHEN Days <= 14 THEN 'up to 14 days'
            WHEN Days <= 30 THEN 'up to 30 days'
            WHEN Days <= 60 THEN 'up to 60 days'
            ELSE 'more than 60 days'
        END AS Took
    FROM followed
    WHERE Ending <> 'fell away'
)
SELECT
    Took,
    count(*) AS Versions,
    count(*) FILTER (Classification = 'Critical Updates') AS Critical,
    count(*) FILTER (Classification = 'Security Updates') AS Security,
    count(*) FILTER (Classification NOT IN ('Critical Updates', 'Security Updates')) AS Others,
    round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS Percent
FROM stepped
GROUP BY Took
ORDER BY list_position(
    [
        'up to 1 day', 'up to 3 days', 'up to 7 days', 'up to 14 days', 'up to 30 days', 'up to 60 days',
        'more than 60 days', 'missing until now', 'unknown'
    ],
    Took
)
