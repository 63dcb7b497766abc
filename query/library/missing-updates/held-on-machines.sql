-- title: Updates held on chosen machines
-- group: Missing updates
-- help: Missing updates that somebody decided to hold, lock, pin or exclude on a machine itself, those first seen the
-- help: longest ago first.
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: NotInstallableReason: held, version-locked, excluded, pinned or dependency-excluded
-- column: MissingDays [days]: since the machine was first seen to need this version
-- column: NotInstallableDetail: the evidence, as the machine gave it
WITH named AS (
    SELECT unnest(string_split($machines, ',')) AS Name
),
chosen AS (
    SELECT SourceComputerId
    FROM Machine
    WHERE $machines = '*'
        OR SourceComputerId IN (SELECT Name FROM named)
        OR Computer IN (SELECT Name FROM named)
)
SELECT
    u.Computer,
    u.Product,
    u.ProductArch,
    u.InstalledVersion,
    u.ProductVersion,
    u.Classification,
    u.NotInstallableReason,
    date_sub('day', u.FirstSeen, now()) AS MissingDays,
    u.NotInstallableDetail
FROM Update AS u
JOIN chosen AS c ON c.SourceComputerId = u.SourceComputerId
WHERE u.UpdateState = 'Needed'
    AND u.NotInstallableReason IN ('held', 'version-locked', 'excluded', 'pinned', 'dependency-excluded')
ORDER BY u.FirstSeen NULLS FIRST, u.Computer, u.Product, u.ProductArch, u.UpdateID
