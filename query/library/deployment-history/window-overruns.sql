-- title: Overruns of maintenance windows
-- group: Deployment history
-- help: Machines whose turn in a run ended after the window had closed, and those that had no time left for all of
-- help: their updates; the longest overrun first.
-- param: days int = 90: how far back
-- column: OverrunMinutes [minutes]: between the close of the window and the end of the turn; 0 if it ended in time
-- column: UpdatesNotAttempted: updates for which no time was left
-- column: InstallSeconds [seconds]: time spent installing
-- column: RebootSeconds [seconds]: until the machine was back; empty without a reboot
WITH runs AS (
    SELECT
        CorrelationId,
        arg_max(WindowCloses, TimeGenerated) AS WindowCloses
    FROM DeploymentRun
    WHERE TimeGenerated >= now() - to_days($days)
    GROUP BY CorrelationId
)
SELECT
    machine_run.UpdateRunName,
    machine_run.Computer,
    machine_run.Status,
    runs.WindowCloses,
    machine_run.EndTime,
    greatest(round(date_diff('second', runs.WindowCloses, machine_run.EndTime) / 60.0, 1), 0) AS OverrunMinutes,
    machine_run.UpdatesNotAttempted,
    machine_run.InstallSeconds,
    machine_run.RebootSeconds,
    machine_run.CorrelationId
FROM MachineRun AS machine_run
JOIN runs ON runs.CorrelationId = machine_run.CorrelationId
WHERE machine_run.TimeGenerated >= now() - to_days($days)
    AND (machine_run.EndTime > runs.WindowCloses OR machine_run.Status = 'MaintenanceWindowExceeded')
ORDER BY OverrunMinutes DESC, machine_run.EndTime DESC, machine_run.Computer, machine_run.CorrelationId
