-- title: Chosen machines that no run reached
-- group: Deployment history
-- help: Enabled machines inside the scope that took part in no run lately, and what they miss meanwhile; those that
-- help: never did come first.
-- param: days int = 35: in no run for at least so many days
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: LastRun: when its last turn in a run ended; empty if it never had one
-- column: SinceDays [days]: since then
-- column: Critical [updates]: critical ones that it misses; empty if unknown
-- column: Security [updates]: security ones that it misses; empty if unknown
WITH named AS (
    SELECT unnest(string_split($machines, ',')) AS Name
),
chosen AS (
    SELECT SourceComputerId
    FROM Machine
    WHERE $machines = '*'
        OR SourceComputerId IN (SELECT Name FROM named)
        OR Computer IN (SELECT Name FROM named)
),
turns AS (
    SELECT
        SourceComputerId,
        max(TimeGenerated) AS LastRun,
        arg_max(UpdateRunName, TimeGenerated) AS LastDeployment
    FROM MachineRun
    WHERE Status <> 'NotStarted'
    GROUP BY SourceComputerId
)
SELECT
    m.Computer,
    coalesce(nullif(m.OSFullName, ''), m.OSType) AS System,
    turns.LastRun,
    turns.LastDeployment,
    date_sub('day', turns.LastRun, now()) AS SinceDays,
    if(m.LastAnswered IS NULL, NULL, m.CriticalUpdatesMissing) AS Critical,
    if(m.LastAnswered IS NULL, NULL, m.SecurityUpdatesMissing) AS Security
FROM Machine AS m
JOIN chosen AS c ON c.SourceComputerId = m.SourceComputerId
LEFT JOIN turns ON turns.SourceComputerId = m.SourceComputerId
WHERE m.Enabled
    AND m.InScope IS NOT FALSE
    AND (turns.LastRun IS NULL OR turns.LastRun < now() - to_days($days))
ORDER BY turns.LastRun NULLS FIRST, m.Computer, m.SourceComputerId
