-- title: What runs did on each machine
-- group: Deployment history
-- help: One row for each machine of each run, failures first, with where the time went.
-- param: run string = '*': the name of a deployment, a pattern with * and ?
-- param: days int = 30: how far back
-- column: AssessSeconds [seconds]: time spent assessing
-- column: InstallSeconds [seconds]: time spent installing
-- column: RebootSeconds [seconds]: until the machine was back; empty without a reboot
SELECT
    UpdateRunName,
    StartTime,
    Computer,
    Status,
    UpdatesSucceeded,
    UpdatesFailed,
    UpdatesNotAttempted,
    Rebooted,
    AssessSeconds,
    InstallSeconds,
    RebootSeconds,
    ErrorResult
FROM MachineRun
WHERE TimeGenerated >= now() - to_days($days)
    AND UpdateRunName GLOB $run
ORDER BY Status = 'Succeeded', StartTime DESC, Computer, CorrelationId
