-- title: Compliance of chosen machines, day by day
-- group: Trends
-- help: Of the machines that were enrolled on a day, how many answered and how many of those lacked nothing critical or
-- help: security, by the last answer of the day. Whoever did not answer is not compliant. Machines that are not
-- help: enrolled any more, are disabled, or are outside of the scope, are not counted.
-- param: days int = 30: how far back
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: Machines: chosen machines that were enrolled, enabled and inside the scope as they are now
-- column: Answered: those that gave an answer on that day
-- column: NonCompliant: those whose answer lacked a critical or security update
-- column: Unknown: those whose answer could not tell
-- column: Percent [%]: compliant ones of all machines
-- chart: line x=Day y=Percent
WITH calendar AS (
    SELECT CAST(unnest(range(current_date - $days + 1, current_date + 1, INTERVAL 1 DAY)) AS DATE) AS Day
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
machines AS (
    SELECT
        m.SourceComputerId,
        CAST(m.AddedAt AS DATE) AS FirstDay
    FROM Machine AS m
    JOIN chosen AS c ON c.SourceComputerId = m.SourceComputerId
    WHERE m.Enabled
        AND m.InScope IS NOT FALSE
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
        CASE
            WHEN answers.Day IS NULL THEN 'silent'
            WHEN coalesce(answers.Critical, 0) + coalesce(answers.Security, 0) > 0 THEN 'non-compliant'
            WHEN answers.Coverage NOT IN ('complete', 'unclassified') OR answers.Unclassified > 0 THEN 'unknown'
            ELSE 'compliant'
        END AS Verdict
    FROM calendar
    JOIN machines ON calendar.Day >= machines.FirstDay
    LEFT JOIN answers ON answers.SourceComputerId = machines.SourceComputerId AND answers.Day = calendar.Day
)
SELECT
    Day,
    count(*) AS Machines,
    count(*) FILTER (Verdict <> 'silent') AS Answered,
    count(*) FILTER (Verdict = 'compliant') AS Compliant,
    count(*) FILTER (Verdict = 'non-compliant') AS NonCompliant,
    count(*) FILTER (Verdict = 'unknown') AS Unknown,
    round(100.0 * count(*) FILTER (Verdict = 'compliant') / count(*), 1) AS Percent
FROM judged
GROUP BY Day
ORDER BY Day
