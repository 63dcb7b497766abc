-- title: Updates installed each month
-- group: Trends
-- help: What scans found installed, by class and by who installed it: a run of Patchdeck, or anybody else.
-- param: months int = 12: how many months back, this one included
-- column: Month: first day of the month in which a scan found it
-- column: Installed: pairs of a machine and an update
-- column: ByRuns: those that a run had installed
-- column: ByOthers: those that no run had installed
-- column: Machines: machines on which they were found
-- chart: bar x=Month y=ByRuns,ByOthers
WITH installed AS (
    SELECT
        history.TimeGenerated,
        history.SourceComputerId,
        history.Classification,
        EXISTS (
            SELECT 1
            FROM UpdateRunProgress AS progress
            WHERE progress.InstallationStatus = 'Succeeded'
                AND progress.SourceComputerId = history.SourceComputerId
                AND progress.UpdateId = history.UpdateID
                AND progress.Product = history.Product
                AND progress.ProductArch = history.ProductArch
                AND progress.TimeGenerated >= history.FirstSeen
                AND progress.TimeGenerated <= history.TimeGenerated + INTERVAL 1 DAY
        ) AS IsByRun
    FROM UpdateHistory AS history
    WHERE history.TimeGenerated >= date_trunc('month', now()) - to_months(CAST($months - 1 AS INTEGER))
        AND history.UpdateState = 'Installed'
)
SELECT
    CAST(date_trunc('month', TimeGenerated) AS DATE) AS Month,
    Classification,
    count(*) AS Installed,
    count(*) FILTER (IsByRun) AS ByRuns,
    count(*) FILTER (NOT IsByRun) AS ByOthers,
    count(DISTINCT SourceComputerId) AS Machines
FROM installed
GROUP BY Month, Classification
ORDER BY Month, Classification
