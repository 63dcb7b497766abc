-- title: Machines that were not booted for long
-- group: Reboots
-- help: Enabled machines by the time since their last boot, the longest first; those of which it is not known come
-- help: last.
-- param: days int = 60: up for at least so many days
-- column: UpDays [days]: since the machine was booted; empty if unknown
-- column: RebootRequired: yes, no or unknown
SELECT
    Computer,
    OSType,
    BootedAt,
    date_sub('day', BootedAt, now()) AS UpDays,
    RebootRequired,
    RebootReason,
    Kernel,
    LastAnswered
FROM Machine
WHERE Enabled
    AND LastAnswered IS NOT NULL
    AND (BootedAt IS NULL OR BootedAt <= now() - to_days($days))
ORDER BY BootedAt NULLS LAST, Computer, SourceComputerId
