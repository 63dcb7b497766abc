-- title: Runs by outcome, each month
-- group: Trends
-- help: How runs ended, and how many machines they reached, by the month in which they began.
-- param: run string = '*': the name of a deployment, a pattern with * and ?
-- param: months int = 12: how many months back, this one included
-- column: Month: first day of the month
-- column: Unfinished [runs]: waiting, in progress or paused, by the last word in the table
-- column: MachineRuns: machines of those runs, each as often as it took part
-- column: MachinesSucceeded [machine runs]: patched as asked
-- column: Percent [%]: of the machine runs, those that succeeded
-- chart: bar x=Month y=Succeeded,Failed,Cancelled
WITH runs AS (
    SELECT
        CorrelationId,
        min(StartTime) AS StartTime,
        arg_max(Status, TimeGenerated) AS Status,
        arg_max(MachinesTargeted, TimeGenerated) AS Targeted,
        arg_max(MachinesSucceeded, TimeGenerated) AS MachinesSucceeded
    FROM DeploymentRun
    WHERE TimeGenerated >= date_trunc('month', now()) - to_months(CAST($months - 1 AS INTEGER))
        AND UpdateRunName GLOB $run
    GROUP BY CorrelationId
)
SELECT
    CAST(date_trunc('month', StartTime) AS DATE) AS Month,
    count(*) AS Runs,
    count(*) FILTER (Status = 'Succeeded') AS Succeeded,
    count(*) FILTER (Status = 'Failed') AS Failed,
    count(*) FILTER (Status = 'Cancelled') AS Cancelled,
    count(*) FILTER (Status IN ('Waiting', 'InProgress', 'Paused')) AS Unfinished,
    coalesce(sum(Targeted), 0) AS MachineRuns,
    coalesce(sum(MachinesSucceeded), 0) AS MachinesSucceeded,
    round(100.0 * sum(MachinesSucceeded) / nullif(sum(Targeted), 0), 1) AS Percent
FROM runs
WHERE StartTime >= date_trunc('month', now()) - to_months(CAST($months - 1 AS INTEGER))
GROUP BY Month
ORDER BY Month
