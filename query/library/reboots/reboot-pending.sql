-- title: Reboots pending, and why
-- group: Reboots
-- help: Machines that must be rebooted, and those of which it is not known; the longest up first.
-- column: RebootRequired: yes or unknown
-- column: UpDays [days]: since the machine was booted
SELECT
    Computer,
    OSType,
    RebootRequired,
    RebootReason,
    BootedAt,
    date_sub('day', BootedAt, now()) AS UpDays,
    Kernel,
    LastAnswered
FROM Machine
WHERE Enabled
    AND LastAnswered IS NOT NULL
    AND RebootRequired IN ('yes', 'unknown')
ORDER BY list_position(['yes', 'unknown'], RebootRequired), BootedAt NULLS LAST, Computer
