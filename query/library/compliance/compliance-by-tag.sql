-- title: Compliance by tag
-- group: Compliance
-- help: Enabled machines inside the scope by the value of a tag, and how compliant they are now; the least compliant
-- help: value comes first.
-- help: Only compliant and non-compliant ones rest on a fresh and whole assessment.
-- param: tag string = 'env': the tag
-- column: Value: value of the tag; machines without it are named as such
-- column: Assessed: compliant and non-compliant machines
-- column: Unknown: machines whose fresh answer could not tell
-- column: Stale: machines whose answer is older than 5 hours, on Windows 14
-- column: Failed: machines whose last assessment failed, unreachable ones too
-- column: NotAssessed: machines that never answered
-- column: Percent [%]: compliant ones of all
-- chart: bar x=Value y=Percent
WITH important AS (
    SELECT
        SourceComputerId,
        max(TimeGenerated) AS LastSeen
    FROM Update
    WHERE UpdateState = 'Needed'
        AND Classification IN ('Critical Updates', 'Security Updates')
        AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
    GROUP BY SourceComputerId
),
judged AS (
    SELECT
        coalesce(CAST(m.Tags AS MAP(VARCHAR, VARCHAR))[$tag], '(untagged)') AS Value,
        CASE
            WHEN m.LastOutcome = 'failed' THEN 'failed'
            WHEN m.LastAnswered IS NULL THEN 'not-assessed'
            WHEN now() - m.LastAnswered > to_hours(if(m.OSType = 'Windows', 14, 5)) THEN 'stale'
            WHEN coalesce(m.CriticalUpdatesMissing, 0) + coalesce(m.SecurityUpdatesMissing, 0) > 0 THEN 'non-compliant'
            WHEN i.LastSeen >= m.LastAnswered THEN 'non-compliant'
            WHEN m.Coverage NOT IN ('complete', 'unclassified') OR m.UnclassifiedUpdatesMissing > 0 THEN 'unknown'
            ELSE 'compliant'
        END AS Verdict
    FROM Machine AS m
    LEFT JOIN important AS i ON i.SourceComputerId = m.SourceComputerId
    WHERE m.Enabled
        AND m.InScope IS NOT FALSE
)
SELECT
    Value,
    count(*) AS Machines,
    count(*) FILTER (Verdict IN ('compliant', 'non-compliant')) AS Assessed,
    count(*) FILTER (Verdict = 'compliant') AS Compliant,
    count(*) FILTER (Verdict = 'non-compliant') AS NonCompliant,
    count(*) FILTER (Verdict = 'unknown') AS Unknown,
    count(*) FILTER (Verdict = 'stale') AS Stale,
    count(*) FILTER (Verdict = 'failed') AS Failed,
    count(*) FILTER (Verdict = 'not-assessed') AS NotAssessed,
    round(100.0 * count(*) FILTER (Verdict = 'compliant') / count(*), 1) AS Percent
FROM judged
GROUP BY Value
ORDER BY Percent, Value
