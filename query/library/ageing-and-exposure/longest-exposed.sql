-- title: Machines exposed the longest
-- group: Ageing and exposure
-- help: Machines by the oldest critical or high CVE, or known exploited one, whose fix they lack and are offered.
-- param: days int = 30: offered and lacking for at least so many days
-- column: OldestCve: the CVE that they lack the fix of the longest
-- column: Days [days]: since the machine was first seen to lack it
-- column: Fixes: fixes of such CVEs that the machine lacks and is offered
WITH grave AS (
    SELECT DISTINCT CVE
    FROM Cve
    WHERE Severity IN ('critical', 'high')
        OR KnownExploited
)
SELECT
    Computer,
    arg_min(CVE, (FirstSeen, CVE)) AS OldestCve,
    arg_min(Product, (FirstSeen, CVE, Product)) AS Product,
    min(FirstSeen) AS FirstSeen,
    date_sub('day', min(FirstSeen), now()) AS Days,
    count(*) AS Fixes
FROM MissingFix
SEMI JOIN grave ON grave.CVE = MissingFix.CVE
WHERE IsOffered
GROUP BY SourceComputerId, Computer
HAVING min(FirstSeen) <= now() - to_days($days)
ORDER BY FirstSeen, Computer
