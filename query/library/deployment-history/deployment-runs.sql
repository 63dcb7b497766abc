-- title: Deployment runs
-- group: Deployment history
-- help: Runs of deployments with what came of them, the latest first.
-- param: days int = 30: how far back
-- column: Minutes [minutes]: how long the run took; so far, if it is in progress
-- column: WindowMinutes [minutes]: length of the maintenance window
SELECT
    UpdateRunName,
    StartTime,
    arg_max(Status, TimeGenerated) AS Status,
    date_diff('minute', StartTime, coalesce(max(EndTime), now())) AS Minutes,
    arg_max(WindowMinutes, TimeGenerated) AS WindowMinutes,
    arg_max(MachinesTargeted, TimeGenerated) AS Machines,
    arg_max(MachinesSucceeded, TimeGenerated) AS Succeeded,
    arg_max(MachinesFailed, TimeGenerated) AS Failed,
    arg_max(MachinesNotAttempted, TimeGenerated) AS NotAttempted,
    CorrelationId
FROM DeploymentRun
WHERE TimeGenerated >= now() - to_days($days)
GROUP BY UpdateRunName, CorrelationId, StartTime
ORDER BY StartTime DESC, UpdateRunName, CorrelationId
