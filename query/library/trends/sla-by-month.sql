-- title: Deadlines kept, by month
-- group: Trends
-- help: Of the critical and security updates whose deadline fell into a month, how many machines had them, or a newer
-- help: version, by then. What fell away before its deadline without having been installed is not counted. Machines
-- help: that were removed or disabled since are counted.
-- param: critical_days int = 7: days that a critical update may be missing
-- param: security_days int = 30: days that a security update may be missing
-- param: months int = 12: how many months back, this one included
-- column: Month: first day of the month; of this month, the deadlines that are over
-- column: Due: pairs of a machine and a version of an update whose deadline fell into the month
-- column: InTime: those that were found installed by then
-- column: Late: those that were found installed later
-- column: Missing: those that were not found installed until now, missing or fallen away since
-- column: Percent [%]: in time, of all that were due
-- chart: line x=Month y=Percent
WITH versions AS (
    SELECT
        SourceComputerId,
        UpdateID,
        Product,
        ProductArch,
        FirstSeen,
        arg_max(Classification, TimeGenerated) AS Classification,
        max(TimeGenerated) AS LastNeeded
    FROM UpdateHistory
    WHERE UpdateState = 'Needed'
        AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
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
due AS (
    SELECT
        versions.Classification,
        versions.FirstSeen
            + to_days(if(versions.Classification = 'Critical Updates', $critical_days, $security_days)) AS DueAt,
        ends.UpdateState AS EndState,
        ends.TimeGenerated AS EndedAt
    FROM versions
    ASOF LEFT JOIN ends
        ON ends.SourceComputerId = versions.SourceComputerId
        AND ends.UpdateID = versions.UpdateID
        AND ends.Product = versions.Product
        AND ends.ProductArch = versions.ProductArch
        AND ends.TimeGenerated >= versions.LastNeeded
    WHERE versions.Classification IN ('Critical Updates', 'Security Updates')
)
SELECT
    CAST(date_trunc('month', DueAt) AS DATE) AS Month,
    Classification,
    count(*) AS Due,
    count(*) FILTER (EndState = 'Installed' AND EndedAt <= DueAt) AS InTime,
    count(*) FILTER (EndState = 'Installed' AND EndedAt > DueAt) AS Late,
    count(*) FILTER (coalesce(EndState, 'Needed') <> 'Installed') AS Missing,
    round(100.0 * count(*) FILTER (EndState = 'Installed' AND EndedAt <= DueAt) / count(*), 1) AS Percent
FROM due
WHERE DueAt < now()
    AND DueAt >= date_trunc('month', now()) - to_months(CAST($months - 1 AS INTEGER))
    AND NOT coalesce(EndState = 'NotNeeded' AND EndedAt <= DueAt, false)
GROUP BY Month, Classification
ORDER BY Month, Classification
