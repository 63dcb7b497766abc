-- title: Windows machines whose definitions are old
-- group: Windows
-- help: Machines that are offered newer definitions (Microsoft Defender), those that lack them the longest first. They
-- help: come several times a day and are in no count of missing updates: a day or two is no worry.
-- param: days int = 0: only those that have lacked one for at least so many days
-- column: LackedDays [days]: since the machine was first seen to lack any newer definitions, without a break
-- column: PublishedDate: when the newest that it is offered was published
-- column: LastAnswered: as of when that holds
WITH spans AS (
    SELECT
        SourceComputerId,
        Product,
        UpdateState,
        TimeGenerated,
        lag(UpdateState) OVER (PARTITION BY SourceComputerId, Product ORDER BY TimeGenerated, UpdateState) AS Before
    FROM UpdateHistory
    WHERE Classification = 'Definition Updates'
),
begun AS (
    SELECT SourceComputerId, Product, max(TimeGenerated) AS Since
    FROM spans
    WHERE UpdateState = 'Needed'
        AND (Before IS NULL OR Before = 'Installed')
    GROUP BY SourceComputerId, Product
)
SELECT
    u.Computer,
    u.KBID,
    u.Title,
    date_sub('day', coalesce(b.Since, u.FirstSeen), now()) AS LackedDays,
    u.PublishedDate,
    m.LastAnswered
FROM Update AS u
JOIN Machine AS m ON m.SourceComputerId = u.SourceComputerId
LEFT JOIN begun AS b ON b.SourceComputerId = u.SourceComputerId AND b.Product = u.Product
WHERE u.UpdateState = 'Needed'
    AND u.Classification = 'Definition Updates'
    AND m.Enabled
    AND date_sub('day', coalesce(b.Since, u.FirstSeen), now()) >= $days
ORDER BY LackedDays DESC, u.Computer, u.UpdateID
