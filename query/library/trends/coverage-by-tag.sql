-- title: Patch coverage by tag, each month
-- group: Trends
-- help: Of the enabled machines with each value of a tag, how many a run reached in a month, and how many it patched as
-- help: asked at least once. Tags, and whether a machine is enabled, are those of today; a machine counts from the
-- help: month in which it was enrolled.
-- param: tag string = 'env': the tag
-- param: months int = 6: how many months back, this one included
-- column: Month: first day of the month
-- column: Value: value of the tag; machines without it are named as such
-- column: Machines: machines with that value that were enrolled by the end of the month
-- column: Reached [machines]: those that a run began with
-- column: Patched [machines]: those that at least one run patched as asked
-- column: Percent [%]: patched ones of all
-- chart: line x=Month y=Percent
WITH calendar AS (
    SELECT CAST(
        unnest(range(
            date_trunc('month', now()) - to_months(CAST($months - 1 AS INTEGER)),
            date_trunc('month', now()) + INTERVAL 1 MONTH,
            INTERVAL 1 MONTH
        )) AS DATE
    ) AS Month
),
machines AS (
    SELECT
        SourceComputerId,
        coalesce(CAST(Tags AS MAP(VARCHAR, VARCHAR))[$tag], '(untagged)') AS Value,
        AddedAt
    FROM Machine
    WHERE Enabled
),
turns AS (
    SELECT
        SourceComputerId,
        CAST(date_trunc('month', TimeGenerated) AS DATE) AS Month,
        bool_or(Status = 'Succeeded') AS IsPatched
    FROM MachineRun
    WHERE TimeGenerated >= date_trunc('month', now()) - to_months(CAST($months - 1 AS INTEGER))
        AND Status <> 'NotStarted'
    GROUP BY SourceComputerId, Month
)
SELECT
    calendar.Month,
    machines.Value,
    count(*) AS Machines,
    count(turns.SourceComputerId) AS Reached,
    count(*) FILTER (turns.IsPatched) AS Patched,
    round(100.0 * count(*) FILTER (turns.IsPatched) / count(*), 1) AS Percent
FROM calendar
JOIN machines ON machines.AddedAt < calendar.Month + INTERVAL 1 MONTH
LEFT JOIN turns ON turns.SourceComputerId = machines.SourceComputerId AND turns.Month = calendar.Month
GROUP BY calendar.Month, machines.Value
ORDER BY calendar.Month, machines.Value
