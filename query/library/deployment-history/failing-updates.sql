-- title: Updates that keep failing
-- group: Deployment history
-- help: Updates that failed on a machine in each of the last runs that tried them, those that failed most often first.
-- help: One success ends it; runs that left the update out or did not get to it do not count.
-- param: failures int = 2: failed at least so often in a row
-- param: days int = 90: how far back
-- column: Failures: runs in a row that failed with it
-- column: FailingSince: the first of those runs to fail
-- column: LastError: what was said the last time
-- column: StillMissing: whether the machine misses an update of that name now
WITH tries AS (
    SELECT
        SourceComputerId,
        UpdateId,
        Product,
        ProductArch,
        CorrelationId,
        arg_max(Computer, TimeGenerated) AS Computer,
        arg_max(InstallationStatus, TimeGenerated) AS Status,
        arg_max(ErrorResult, TimeGenerated) AS ErrorResult,
        max(TimeGenerated) AS EndedAt
    FROM UpdateRunProgress
    WHERE TimeGenerated >= now() - to_days($days)
    GROUP BY SourceComputerId, UpdateId, Product, ProductArch, CorrelationId
),
successes AS (
    SELECT
        SourceComputerId,
        UpdateId,
        Product,
        ProductArch,
        max(EndedAt) AS SucceededAt
    FROM tries
    WHERE Status = 'Succeeded'
    GROUP BY SourceComputerId, UpdateId, Product, ProductArch
)
SELECT
    arg_max(tries.Computer, tries.EndedAt) AS Computer,
    tries.Product,
    tries.ProductArch,
    count(*) AS Failures,
    min(tries.EndedAt) AS FailingSince,
    max(tries.EndedAt) AS LastFailure,
    arg_max(tries.ErrorResult, tries.EndedAt) AS LastError,
    EXISTS (
        SELECT 1
        FROM Update AS needed
        WHERE needed.UpdateState = 'Needed'
            AND needed.SourceComputerId = tries.SourceComputerId
            AND needed.UpdateID = tries.UpdateId
            AND needed.Product = tries.Product
            AND needed.ProductArch = tries.ProductArch
    ) AS StillMissing
FROM tries
LEFT JOIN successes
    ON successes.SourceComputerId = tries.SourceComputerId
    AND successes.UpdateId = tries.UpdateId
    AND successes.Product = tries.Product
    AND successes.ProductArch = tries.ProductArch
WHERE tries.Status IN ('Failed', 'InstallFailed')
    AND (successes.SucceededAt IS NULL OR tries.EndedAt > successes.SucceededAt)
GROUP BY tries.SourceComputerId, tries.UpdateId, tries.Product, tries.ProductArch
HAVING count(*) >= $failures
ORDER BY Failures DESC, FailingSince, Computer, tries.Product, tries.ProductArch, tries.UpdateId
