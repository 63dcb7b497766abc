-- title: Security updates that have been missing for long
-- group: Ageing and exposure
-- help: One row for each machine and update, the oldest first. Not of machines that are disabled or outside the scope.
-- param: days int = 30: missing for at least so long
-- column: MissingDays [days]: since the machine was first seen to need it
SELECT
    Computer,
    Product,
    InstalledVersion,
    ProductVersion,
    KBID,
    Classification,
    FirstSeen,
    date_sub('day', FirstSeen, now()) AS MissingDays,
    IsInstallable,
    NotInstallableReason
FROM Update
WHERE UpdateState = 'Needed'
    AND Classification IN ('Critical Updates', 'Security Updates')
    AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
    AND FirstSeen <= now() - to_days($days)
    AND coalesce(SourceComputerId, '') NOT IN (SELECT SourceComputerId FROM Machine WHERE NOT Enabled OR NOT InScope)
ORDER BY FirstSeen, Computer, Product, UpdateID
