-- title: Failed assessments by kind
-- group: Fleet hygiene
-- help: What stopped assessments lately, the most frequent first.
-- param: days int = 7: how far back
-- column: StillFailing [machines]: those whose last assessment failed in this way
-- column: LatestText: what the latest of them said
SELECT
    a.FailureKind,
    count(*) AS Assessments,
    count(DISTINCT a.SourceComputerId) AS Machines,
    count(DISTINCT m.SourceComputerId) AS StillFailing,
    max(a.TimeGenerated) AS Latest,
    arg_max(a.Computer, (a.TimeGenerated, a.Computer)) AS LatestComputer,
    arg_max(a.FailureText, (a.TimeGenerated, a.Computer)) AS LatestText
FROM Assessment AS a
LEFT JOIN Machine AS m
    ON m.SourceComputerId = a.SourceComputerId
    AND m.LastOutcome = 'failed'
    AND m.FailureKind = a.FailureKind
WHERE a.TimeGenerated >= now() - to_days($days)
    AND a.Outcome = 'failed'
GROUP BY a.FailureKind
ORDER BY Assessments DESC, a.FailureKind
