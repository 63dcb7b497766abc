-- title: Machines that lack the fix for a CVE
-- group: Ageing and exposure
-- help: By feeds and by the advisories of offered updates. Below those that lack it, how many enabled machines are not
-- help: known to, and why; whoever was not asked since a feed that speaks of the CVE came is unknown, not safe.
-- param: cve string: the CVE, a pattern with * and ?; upper and lower case are the same
-- column: Answer: lacks the fix, lacks no known fix, or unknown; an assessment asks the feeds that name fixes for the release
-- column: Machines: machines of which that is the answer
-- column: Computer: the machine; empty in rows that count machines
-- column: FixedVersion: first version without it, where known
-- column: IsOffered: whether the machine's repositories offer the fix; empty where versions do not tell
-- column: Severity: the worst word of any feed
-- column: KnownExploited: whether a feed knows it to be exploited; empty where none speaks of that
-- column: LastAnswered: when the machine last said what is installed; the oldest of those that are counted
-- column: MachineNames: those that are counted, at most 50 of them
WITH rated AS (
    SELECT
        CVE,
        arg_min(
            Severity, list_position(['critical', 'high', 'medium', 'low', 'negligible'], Severity)
        ) FILTER (Severity <> '') AS Severity,
        bool_or(KnownExploited) AS KnownExploited
    FROM Cve
    GROUP BY CVE
),
lacked AS (
    SELECT *
    FROM MissingFix
    WHERE CVE GLOB upper(trim($cve))
),
spoken AS (
    SELECT
        Feed,
        max(TimeGenerated) AS ReadAt
    FROM Cve
    WHERE CVE GLOB upper(trim($cve))
    GROUP BY Feed
),
asked AS (
    SELECT
        SourceComputerId,
        arg_max(FixSources, TimeGenerated) AS FixSources
    FROM UpdateSummary
    GROUP BY SourceComputerId
),
told AS (
    SELECT
        m.SourceComputerId,
        count(*) AS Feeds,
        max(spoken.ReadAt) AS ReadAt
    FROM Machine AS m
    JOIN asked ON asked.SourceComputerId = m.SourceComputerId
    JOIN spoken ON list_contains(string_split(asked.FixSources, ';'), spoken.Feed)
    GROUP BY m.SourceComputerId
),
others AS (
    SELECT
        CASE
            WHEN m.LastAnswered IS NULL THEN 'unknown: never answered'
            WHEN told.Feeds IS NULL AND NOT EXISTS (SELECT 1 FROM spoken) THEN 'unknown: no feed speaks of it'
            WHEN told.Feeds IS NULL THEN 'unknown: no such feed asked'
            WHEN told.ReadAt > m.LastAnswered THEN 'unknown: answered before the feed'
            ELSE 'lacks no known fix'
        END AS Answer,
        m.Computer,
        m.LastAnswered
    FROM Machine AS m
    LEFT JOIN told ON told.SourceComputerId = m.SourceComputerId
    WHERE m.Enabled
        AND m.SourceComputerId NOT IN (SELECT SourceComputerId FROM lacked)
)
SELECT
    'lacks the fix' AS Answer,
    (SELECT count(DISTINCT SourceComputerId) FROM lacked) AS Machines,
    lacked.Computer,
    lacked.CVE,
    rated.Severity,
    rated.KnownExploited,
    lacked.Product,
    lacked.ProductArch,
    lacked.InstalledVersion,
    lacked.FixedVersion,
    lacked.IsOffered,
    lacked.OfferedVersion,
    lacked.NotInstallableReason,
    lacked.BulletinID,
    lacked.Source,
    lacked.FirstSeen,
    lacked.TimeGenerated AS LastAnswered,
    NULL AS MachineNames
FROM lacked
LEFT JOIN rated ON rated.CVE = lacked.CVE
UNION ALL BY NAME
SELECT
    Answer,
    count(*) AS Machines,
    min(LastAnswered) AS LastAnswered,
    array_to_string(list_sort(list(Computer))[:50], ', ') AS MachineNames
FROM others
GROUP BY Answer
ORDER BY
    Answer LIKE 'unknown%',
    Answer = 'lacks no known fix',
    IsOffered DESC NULLS LAST,
    Computer,
    CVE,
    Product,
    ProductArch,
    Answer
