-- title: Oldest missing security update of each machine
-- group: Ageing and exposure
-- help: How far behind each machine is, the farthest first; machines that miss no security update are not shown.
-- column: OldestInDays [days]: since the machine was first seen to need it
-- column: Bucket: Recent, then steps of 30 days up to 180, then Older, as in Update Management
WITH oldest AS (
    SELECT
        Computer,
        count(*) AS SecurityUpdates,
        min(FirstSeen) AS FirstSeen,
        arg_min(Product, (FirstSeen, Product)) AS Product,
        date_sub('day', min(FirstSeen), now()) AS OldestInDays
    FROM Update
    WHERE UpdateState = 'Needed'
        AND Classification = 'Security Updates'
        AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
    GROUP BY Computer
)
SELECT
    Computer,
    SecurityUpdates,
    Product,
    FirstSeen,
    OldestInDays,
    CASE
        WHEN OldestInDays < 30 THEN 'Recent'
        WHEN OldestInDays < 210 THEN format('{} days ago', OldestInDays // 30 * 30)
        ELSE 'Older'
    END AS Bucket
FROM oldest
ORDER BY FirstSeen, Computer
