-- title: Runs that failed, and why
-- group: Deployment history
-- help: Runs of deployments that ended as failed, the latest first.
-- param: days int = 30: how far back
-- param: only_budget bool = false: only those that used up their failure budget, so that no other machine was begun
-- column: EndedAt: when the run ended
-- column: Failed [machines]: those that failed, unreachable ones included
-- column: NotAttempted [machines]: those that were not begun
-- column: BudgetExhausted: whether it used up its failure budget
-- column: Note: why it ended as it did
WITH runs AS (
    SELECT
        UpdateRunName,
        CorrelationId,
        max(TimeGenerated) AS EndedAt,
        arg_max(Status, TimeGenerated) AS Status,
        arg_max(MachinesFailed, TimeGenerated) AS Failed,
        arg_max(MachinesTargeted, TimeGenerated) AS Machines,
        arg_max(MachinesNotAttempted, TimeGenerated) AS NotAttempted,
        arg_max(coalesce(Note, ''), TimeGenerated) AS Note
    FROM DeploymentRun
    WHERE TimeGenerated >= now() - to_days($days)
    GROUP BY UpdateRunName, CorrelationId
)
SELECT
    UpdateRunName,
    EndedAt,
    Failed,
    Machines,
    NotAttempted,
    Note LIKE '%failure budget is exhausted%' AS BudgetExhausted,
    Note,
    CorrelationId
FROM runs
WHERE Status = 'Failed'
    AND (NOT $only_budget OR Note LIKE '%failure budget is exhausted%')
ORDER BY EndedAt DESC, UpdateRunName, CorrelationId
