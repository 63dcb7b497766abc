-- title: Machines that lack the fix for a CVE
-- group: Exposure
-- help: By feeds and by the advisories of offered updates; a machine that was never asked since a feed came is not here.
-- param: cve string: the CVE, a pattern with * and ?; upper and lower case are the same
-- column: FixedVersion: first version without it, where known
-- column: IsOffered: whether the machine's repositories offer the fix; empty where versions do not tell
-- column: Severity: the worst word of any feed
-- column: KnownExploited: whether a feed knows it to be exploited; empty where none speaks of that
-- column: LastAnswered: when the machine last said what is installed
WITH rated AS (
    SELECT
        CVE,
        arg_min(
            Severity, list_position(['critical', 'high', 'medium', 'low', 'negligible'], Severity)
        ) FILTER (Severity <> '') AS Severity,
        bool_or(KnownExploited) AS KnownExploited
    FROM Cve
    GROUP BY CVE
)
SELECT
    MissingFix.Computer,
    MissingFix.CVE,
    rated.Severity,
    rated.KnownExploited,
    MissingFix.Product,
    MissingFix.InstalledVersion,
    MissingFix.FixedVersion,
    MissingFix.IsOffered,
    MissingFix.OfferedVersion,
    MissingFix.NotInstallableReason,
    MissingFix.BulletinID,
    MissingFix.Source,
    MissingFix.FirstSeen,
    MissingFix.TimeGenerated AS LastAnswered
FROM MissingFix
LEFT JOIN rated ON rated.CVE = MissingFix.CVE
WHERE MissingFix.CVE GLOB upper(trim($cve))
ORDER BY
    MissingFix.IsOffered DESC NULLS LAST,
    MissingFix.Computer,
    MissingFix.CVE,
    MissingFix.Product,
    MissingFix.ProductArch
