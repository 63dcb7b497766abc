-- title: Reboots that took long
-- group: Reboots
-- help: Reboots of runs after which the machine took long to answer again, the slowest first, against what is usual for
-- help: it.
-- param: seconds int = 300: at least so long
-- param: days int = 90: how far back
-- column: RebootSeconds [seconds]: until the machine answered again; empty if it did not while the run lasted
-- column: UsualSeconds [seconds]: median of the machine's reboots in that time
-- column: Reboots: reboots of the machine in that time that it came back from
WITH reboots AS (
    SELECT
        UpdateRunName,
        CorrelationId,
        SourceComputerId,
        Computer,
        EndTime,
        Status,
        RebootSeconds,
        KernelBefore,
        KernelAfter,
        median(RebootSeconds) OVER (PARTITION BY SourceComputerId) AS UsualSeconds,
        count(RebootSeconds) OVER (PARTITION BY SourceComputerId) AS Reboots
    FROM MachineRun
    WHERE TimeGenerated >= now() - to_days($days)
        AND Rebooted
)
SELECT
    Computer,
    UpdateRunName,
    EndTime,
    Status,
    RebootSeconds,
    round(UsualSeconds, 1) AS UsualSeconds,
    Reboots,
    KernelBefore,
    KernelAfter,
    CorrelationId
FROM reboots
WHERE RebootSeconds IS NULL
    OR RebootSeconds >= $seconds
ORDER BY RebootSeconds DESC NULLS FIRST, Computer, CorrelationId
