-- title: Updates needed and installed each day
-- group: Trends
-- help: How many updates came to be needed, were installed, or fell away, each day on all machines; days without any
-- help: too.
-- param: days int = 30: how far back
-- column: Day: a day in UTC
-- column: Withdrawn: no longer needed without having been installed
WITH calendar AS (
    SELECT CAST(unnest(range(current_date - $days + 1, current_date + 1, INTERVAL 1 DAY)) AS DATE) AS Day
),
changes AS (
    SELECT
        Day,
        count(*) FILTER (UpdateState = 'Needed') AS Needed,
        count(*) FILTER (
            UpdateState = 'Needed' AND Classification IN ('Critical Updates', 'Security Updates')
        ) AS NeededSecurity,
        count(*) FILTER (UpdateState = 'Installed') AS Installed,
        count(*) FILTER (UpdateState = 'NotNeeded') AS Withdrawn
    FROM UpdateHistory
    WHERE Day >= current_date - $days + 1
    GROUP BY Day
)
SELECT
    c.Day,
    coalesce(h.Needed, 0) AS Needed,
    coalesce(h.NeededSecurity, 0) AS NeededSecurity,
    coalesce(h.Installed, 0) AS Installed,
    coalesce(h.Withdrawn, 0) AS Withdrawn
FROM calendar AS c
LEFT JOIN changes AS h ON h.Day = c.Day
ORDER BY c.Day
