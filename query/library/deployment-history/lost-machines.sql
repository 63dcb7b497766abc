-- title: Machines lost in their last run
-- group: Deployment history
-- help: Enabled machines that their last run could not reach any more, or that did not return from its reboot, and that
-- help: have not answered since then; those lost first come first.
-- param: days int = 30: how far back
-- param: only_reboots bool = false: only those that did not return from a reboot
-- column: LostAt: when the run gave up
-- column: AwayHours [hours]: since then
-- column: InReboot: whether it was rebooted and not seen again
-- column: ErrorResult: what the run last saw
WITH turns AS (
    SELECT
        SourceComputerId,
        arg_max(UpdateRunName, (TimeGenerated, CorrelationId)) AS UpdateRunName,
        arg_max(CorrelationId, (TimeGenerated, CorrelationId)) AS CorrelationId,
        arg_max(Status, (TimeGenerated, CorrelationId)) AS Status,
        coalesce(
            arg_max(CAST(Findings AS VARCHAR), (TimeGenerated, CorrelationId)) LIKE '%"never-returned"%', false
        ) AS InReboot,
        arg_max(ErrorResult, (TimeGenerated, CorrelationId)) AS ErrorResult,
        max(TimeGenerated) AS LostAt
    FROM MachineRun
    WHERE TimeGenerated >= now() - to_days($days)
    GROUP BY SourceComputerId
)
SELECT
    machine.Computer,
    turns.UpdateRunName,
    turns.LostAt,
    round(date_diff('minute', turns.LostAt, now()) / 60, 1) AS AwayHours,
    turns.InReboot,
    turns.ErrorResult,
    machine.LastAnswered,
    turns.CorrelationId
FROM turns
JOIN Machine AS machine ON machine.SourceComputerId = turns.SourceComputerId
WHERE machine.Enabled
    AND machine.InScope IS NOT FALSE
    AND (turns.InReboot OR (turns.Status = 'Unreachable' AND NOT $only_reboots))
    AND (machine.LastAnswered IS NULL OR machine.LastAnswered < turns.LostAt)
ORDER BY turns.LostAt, machine.Computer, turns.SourceComputerId
