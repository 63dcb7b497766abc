-- title: Runs, and who asked for them
-- group: Audit
-- help: Each run that was asked for, with what came of it as far as it was stored; the newest first.
-- param: days int = 90: how far back
-- param: by string = '*': who asked, a pattern with * and ?; schedule for those that the service made
-- column: Deployment: its name when the run was made
-- column: Status: by the last word in the table; empty where nothing was stored of it yet
WITH ended AS (
    SELECT
        CorrelationId,
        arg_max(Status, TimeGenerated) AS Status,
        arg_max(MachinesTargeted, TimeGenerated) AS MachinesTargeted
    FROM DeploymentRun
    GROUP BY CorrelationId
)
SELECT
    Audit.TimeGenerated,
    json_extract_string(Audit.After, '$.deployment') AS Deployment,
    Audit.Caller,
    Audit.CallerIpAddress,
    coalesce(ended.Status, '') AS Status,
    ended.MachinesTargeted,
    Audit.Target AS RunId
FROM Audit
LEFT JOIN ended ON ended.CorrelationId = Audit.Target
WHERE Audit.OperationName = 'run.make'
    AND Audit.TimeGenerated >= now() - to_days(CAST($days AS INTEGER))
    AND Audit.Caller GLOB $by
ORDER BY
    Audit.Sequence DESC,
    Audit.Hash
