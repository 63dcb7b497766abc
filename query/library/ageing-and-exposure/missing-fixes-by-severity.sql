-- title: Missing fixes by severity
-- group: Ageing and exposure
-- help: Of the fixes that machines lack, how many there are of each severity; unknown where no feed rates the CVE.
-- column: Cves: CVEs
-- column: Machines: machines that lack at least one of them
-- column: Fixes: fixes over all machines
-- column: Offered [fixes]: those that the machines' repositories offer
-- column: KnownExploited [CVEs]: those that a feed knows to be exploited
WITH rated AS (
    SELECT
        CVE,
        min(list_position(['critical', 'high', 'medium', 'low', 'negligible'], Severity))
            FILTER (Severity <> '') AS Rank,
        coalesce(bool_or(KnownExploited), false) AS IsExploited
    FROM Cve
    GROUP BY CVE
),
lacked AS (
    SELECT
        MissingFix.CVE,
        SourceComputerId,
        IsOffered,
        coalesce(rated.Rank, 6) AS Rank,
        coalesce(rated.IsExploited, false) AS IsExploited
    FROM MissingFix
    LEFT JOIN rated ON rated.CVE = MissingFix.CVE
)
SELECT
    ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'][Rank] AS Severity,
    count(DISTINCT CVE) AS Cves,
    count(DISTINCT SourceComputerId) AS Machines,
    count(*) AS Fixes,
    count(*) FILTER (IsOffered) AS Offered,
    count(DISTINCT CVE) FILTER (IsExploited) AS KnownExploited
FROM lacked
GROUP BY Rank
ORDER BY Rank
