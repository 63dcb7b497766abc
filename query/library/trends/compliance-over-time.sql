-- title: Compliance of each day
-- group: Trends
-- help: Of the machines that were enrolled on a day, how many answered and how many of those lacked nothing critical or
-- help: security, by the last answer of the day. Whoever did not answer is not compliant. Machines that were removed or
-- help: disabled since count while they were assessed. Tags are those of today: no table keeps those of before.
-- param: days int = 30: how far back
-- param: by string one of (fleet, os, tag) = fleet: one row a day, or one for each system or each value of a tag
-- param: tag string = 'env': the tag, where that is asked for
-- column: Part: the fleet, the system, or the value of the tag; untagged and removed machines are named as such
-- column: Machines: machines that were enrolled
-- column: Answered: those that gave an answer on that day
-- column: NonCompliant: those whose answer lacked a critical or security update
-- column: Unknown: those whose answer could not tell
-- column: Percent [%]: compliant ones of all machines
-- chart: line x=Day y=Percent
WITH calendar AS (
    SELECT CAST(unnest(range(current_date - $days + 1, current_date + 1, INTERVAL 1 DAY)) AS DATE) AS Day
),
seen AS (
    SELECT
        SourceComputerId,
        arg_max(OSType, TimeGenerated) FILTER (OSType <> '') AS OSType,
        min(Day) AS FirstDay,
        max(Day) AS LastDay
    FROM Assessment
    WHERE Day >= current_date - $days + 1
    GROUP BY SourceComputerId
),
machines AS (
    SELECT
        machine.SourceComputerId,
        machine.OSType,
        coalesce(CAST(machine.Tags AS MAP(VARCHAR, VARCHAR))[$tag], '(untagged)') AS TagValue,
        CAST(machine.AddedAt AS DATE) AS FirstDay,
        if(machine.Enabled, current_date, seen.LastDay) AS LastDay
    FROM Machine AS machine
    LEFT JOIN seen ON seen.SourceComputerId = machine.SourceComputerId
    UNION ALL
    SELECT
        SourceComputerId,
        OSType,
        '(removed)' AS TagValue,
        FirstDay,
        LastDay
    FROM seen
    WHERE SourceComputerId NOT IN (SELECT SourceComputerId FROM Machine)
),
answers AS (
    SELECT
        SourceComputerId,
        Day,
        arg_max(Coverage, TimeGenerated) AS Coverage,
        arg_max_null(CriticalUpdatesMissing, TimeGenerated) AS Critical,
        arg_max_null(SecurityUpdatesMissing, TimeGenerated) AS Security,
        arg_max_null(UnclassifiedUpdatesMissing, TimeGenerated) AS Unclassified
    FROM Assessment
    WHERE Day >= current_date - $days + 1
        AND Outcome <> 'failed'
    GROUP BY SourceComputerId, Day
),
judged AS (
    SELECT
        calendar.Day,
        CASE $by
            WHEN 'os' THEN coalesce(nullif(machines.OSType, ''), '(unknown)')
            WHEN 'tag' THEN machines.TagValue
            ELSE 'fleet'
        END AS Part,
        CASE
            WHEN answers.Day IS NULL THEN 'silent'
            WHEN coalesce(answers.Critical, 0) + coalesce(answers.Security, 0) > 0 THEN 'non-compliant'
            WHEN answers.Coverage NOT IN ('complete', 'unclassified') OR answers.Unclassified > 0 THEN 'unknown'
            ELSE 'compliant'
        END AS Verdict
    FROM calendar
    JOIN machines ON calendar.Day BETWEEN machines.FirstDay AND machines.LastDay
    LEFT JOIN answers ON answers.SourceComputerId = machines.SourceComputerId AND answers.Day = calendar.Day
)
SELECT
    Day,
    Part,
    count(*) AS Machines,
    count(*) FILTER (Verdict <> 'silent') AS Answered,
    count(*) FILTER (Verdict = 'compliant') AS Compliant,
    count(*) FILTER (Verdict = 'non-compliant') AS NonCompliant,
    count(*) FILTER (Verdict = 'unknown') AS Unknown,
    round(100.0 * count(*) FILTER (Verdict = 'compliant') / count(*), 1) AS Percent
FROM judged
GROUP BY Day, Part
ORDER BY Day, Part
