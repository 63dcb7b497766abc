-- title: Days from first seen to installed
-- group: Ageing and exposure
-- help: How long updates that are installed had been needed on their machine, by the month in which that was found. The
-- help: clock starts with each newer version anew; what is still missing is not in it, so see also the oldest missing
-- help: ones.
-- param: by string one of (class, severity, os) = class: what a row is of, beside its month
-- param: months int = 12: how many months back, this one included
-- column: Part: the class, the severity by feeds, vendor or Microsoft, or the system
-- column: Installed: versions of updates that were found installed on a machine
-- column: Machines: machines on which they were
-- column: MeanDays [days]: mean
-- column: MedianDays [days]: half of them took no longer
-- column: P95Days [days]: 95 of 100 took no longer
-- column: LongestDays [days]: the one that took longest
-- chart: line x=Month y=MeanDays,P95Days
WITH versions AS (
    SELECT
        SourceComputerId,
        arg_max(UpdateState, TimeGenerated) AS UpdateState,
        arg_max(Classification, TimeGenerated) AS Classification,
        arg_max(
            coalesce(nullif(CVESeverity, ''), nullif(PackageSeverity, ''), nullif(MSRCSeverity, ''), 'unknown'),
            TimeGenerated
        ) AS Severity,
        arg_max(OSType, TimeGenerated) AS OSType,
        max(TimeGenerated) AS EndedAt,
        date_diff('second', FirstSeen, max(TimeGenerated)) / 86400.0 AS Days
    FROM UpdateHistory
    WHERE FirstSeen IS NOT NULL
    GROUP BY SourceComputerId, UpdateID, Product, ProductArch, FirstSeen
)
SELECT
    CAST(date_trunc('month', EndedAt) AS DATE) AS Month,
    CASE $by
        WHEN 'severity' THEN lower(Severity)
        WHEN 'os' THEN OSType
        ELSE Classification
    END AS Part,
    count(*) AS Installed,
    count(DISTINCT SourceComputerId) AS Machines,
    round(avg(Days), 1) AS MeanDays,
    round(median(Days), 1) AS MedianDays,
    round(quantile_cont(Days, 0.95), 1) AS P95Days,
    round(max(Days), 1) AS LongestDays
FROM versions
WHERE UpdateState = 'Installed'
    AND EndedAt >= date_trunc('month', now()) - to_months(CAST($months - 1 AS INTEGER))
GROUP BY Month, Part
ORDER BY Month, Part
