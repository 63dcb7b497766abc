-- title: Progress of runs by machine
-- group: Deployment history
-- help: For each machine of each run, how many of its updates stand where: the last step of each counts. The latest run
-- help: comes first, and in it the machines with failures.
-- param: run string = '*': the name of a deployment, a pattern with * and ?
-- param: machine string = '*': a machine's name, a pattern with * and ?
-- param: days int = 30: how far back
-- column: Updates: updates of the machine's plan, those that were left out too
-- column: Failed [updates]: Failed or InstallFailed
-- column: Waiting [updates]: NotStarted or InProgress
-- column: WindowExceeded [updates]: not begun, since the maintenance window was over
-- column: NotIncluded [updates]: left out by class, or not installable
-- column: Excluded [updates]: left out by a rule, a hold or a lock
-- column: OnRetry [updates]: succeeded ones that took more than one attempt
-- column: FirstError: what was said of the first failed one, by name
WITH outcomes AS (
    SELECT
        UpdateRunName,
        CorrelationId,
        SourceComputerId,
        Computer,
        Product,
        arg_max(InstallationStatus, TimeGenerated) AS Status,
        arg_max(SucceededOnRetry, TimeGenerated) AS SucceededOnRetry,
        arg_max(ErrorResult, TimeGenerated) AS ErrorResult,
        min(TimeGenerated) AS FirstStep,
        max(TimeGenerated) AS LastStep
    FROM UpdateRunProgress
    WHERE TimeGenerated >= now() - to_days($days)
        AND UpdateRunName GLOB $run
        AND Computer GLOB $machine
    GROUP BY UpdateRunName, CorrelationId, SourceComputerId, Computer, UpdateId, Product, ProductArch, ProductVersion
)
SELECT
    UpdateRunName,
    Computer,
    count(*) AS Updates,
    count(*) FILTER (Status = 'Succeeded') AS Succeeded,
    count(*) FILTER (Status IN ('Failed', 'InstallFailed')) AS Failed,
    count(*) FILTER (Status IN ('NotStarted', 'InProgress')) AS Waiting,
    count(*) FILTER (Status = 'MaintenanceWindowExceeded') AS WindowExceeded,
    count(*) FILTER (Status = 'NotIncluded') AS NotIncluded,
    count(*) FILTER (Status = 'Excluded') AS Excluded,
    count(*) FILTER (Status = 'Succeeded' AND SucceededOnRetry) AS OnRetry,
    arg_min(ErrorResult, Product) FILTER (Status IN ('Failed', 'InstallFailed')) AS FirstError,
    max(LastStep) AS LastStep,
    CorrelationId
FROM outcomes
GROUP BY UpdateRunName, CorrelationId, SourceComputerId, Computer
ORDER BY
    min(min(FirstStep)) OVER (PARTITION BY CorrelationId) DESC,
    CorrelationId,
    Failed DESC,
    Computer
