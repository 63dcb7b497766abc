-- title: Updates that failed, by error
-- group: Deployment history
-- help: Updates that failed in runs and what was said, the most frequent first; each machine and update counts once a
-- help: run.
-- param: days int = 30: how far back
-- column: Failures: triples of a run, a machine and an update
-- column: Products: what failed, at most 10 of them
SELECT
    ErrorResult,
    count(DISTINCT (CorrelationId, SourceComputerId, Product, UpdateId)) AS Failures,
    count(DISTINCT SourceComputerId) AS Machines,
    count(DISTINCT CorrelationId) AS Runs,
    array_to_string(list_sort(list(DISTINCT Product))[:10], ', ') AS Products,
    max(TimeGenerated) AS Latest
FROM UpdateRunProgress
WHERE TimeGenerated >= now() - to_days($days)
    AND InstallationStatus IN ('Failed', 'InstallFailed')
GROUP BY ErrorResult
ORDER BY Failures DESC, ErrorResult
