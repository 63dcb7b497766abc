-- title: Machines that no deployment reaches
-- group: Deployment history
-- help: Enabled machines that took part in no run lately, and what they miss meanwhile; those that never did come
-- help: first.
-- param: days int = 35: in no run for at least so many days
-- column: LastRun: when its last turn in a run ended; empty if it never had one
-- column: LastDeployment: the deployment of that run
-- column: DaysSince [days]: since then
-- column: Critical [updates]: critical ones that it misses; empty if unknown
-- column: Security [updates]: security ones that it misses; empty if unknown
WITH turns AS (
    SELECT
        SourceComputerId,
        max(TimeGenerated) AS LastRun,
        arg_max(UpdateRunName, TimeGenerated) AS LastDeployment
    FROM MachineRun
    WHERE Status <> 'NotStarted'
    GROUP BY SourceComputerId
)
SELECT
    machine.Computer,
    machine.OSType,
    turns.LastRun,
    turns.LastDeployment,
    date_sub('day', turns.LastRun, now()) AS DaysSince,
    machine.CriticalUpdatesMissing AS Critical,
    machine.SecurityUpdatesMissing AS Security,
    machine.InScope,
    machine.LastAnswered
FROM Machine AS machine
LEFT JOIN turns ON turns.SourceComputerId = machine.SourceComputerId
WHERE machine.Enabled
    AND (turns.LastRun IS NULL OR turns.LastRun < now() - to_days($days))
ORDER BY turns.LastRun NULLS FIRST, machine.Computer, machine.SourceComputerId
