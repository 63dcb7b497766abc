-- title: Updates past their deadline
-- group: Compliance
-- help: Critical and security updates that enabled machines miss for longer than they may, the latest past first. The
-- help: clock starts when the machine was first seen to need that version; a newer version starts it anew.
-- param: critical_days int = 7: days that a critical update may be missing
-- param: security_days int = 30: days that a security update may be missing
-- column: DueAt: by when it was to be installed
-- column: DaysLate [days]: since then
-- column: IsInstallable: whether an ordinary upgrade would install it now
WITH due AS (
    SELECT
        *,
        FirstSeen + to_days(if(Classification = 'Critical Updates', $critical_days, $security_days)) AS DueAt
    FROM Update
    WHERE UpdateState = 'Needed'
        AND Classification IN ('Critical Updates', 'Security Updates')
        AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
)
SELECT
    due.Computer,
    due.Classification,
    due.Product,
    due.ProductArch,
    due.InstalledVersion,
    due.ProductVersion,
    due.KBID,
    due.FirstSeen,
    due.DueAt,
    date_sub('day', due.DueAt, now()) AS DaysLate,
    due.IsInstallable,
    due.NotInstallableReason,
    machine.LastAnswered
FROM due
JOIN Machine AS machine ON machine.SourceComputerId = due.SourceComputerId
WHERE machine.Enabled
    AND due.DueAt < now()
ORDER BY due.DueAt, due.Computer, due.Product, due.ProductArch, due.UpdateID
