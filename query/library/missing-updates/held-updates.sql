-- title: Updates held back, and since when
-- group: Missing updates
-- help: Missing updates that somebody decided to hold, lock, pin or exclude on enabled machines, those held the longest
-- help: first; the time is that of the scan that first saw this reason, whatever version was offered since.
-- param: class string = '*': a class of updates, a pattern with * and ?
-- column: NotInstallableReason: held, version-locked, excluded, pinned or dependency-excluded
-- column: HeldSince: since when that reason has stood without a break; empty if the history was not kept so long
-- column: HeldDays [days]: since then
-- column: NotInstallableDetail: the evidence, as the machine gave it
WITH held AS (
    SELECT *
    FROM Update
    WHERE UpdateState = 'Needed'
        AND NotInstallableReason IN ('held', 'version-locked', 'excluded', 'pinned', 'dependency-excluded')
        AND Classification GLOB $class
),
others AS (
    SELECT
        held.SourceComputerId,
        held.UpdateID,
        held.Product,
        held.ProductArch,
        max(history.TimeGenerated) AS LastOther
    FROM held
    JOIN UpdateHistory AS history
        ON history.SourceComputerId = held.SourceComputerId
        AND history.UpdateID = held.UpdateID
        AND history.Product = held.Product
        AND history.ProductArch = held.ProductArch
    WHERE history.UpdateState <> 'Needed'
        OR history.NotInstallableReason <> held.NotInstallableReason
    GROUP BY held.SourceComputerId, held.UpdateID, held.Product, held.ProductArch
),
since AS (
    SELECT
        held.SourceComputerId,
        held.UpdateID,
        held.Product,
        held.ProductArch,
        min(history.TimeGenerated) AS HeldSince
    FROM held
    JOIN UpdateHistory AS history
        ON history.SourceComputerId = held.SourceComputerId
        AND history.UpdateID = held.UpdateID
        AND history.Product = held.Product
        AND history.ProductArch = held.ProductArch
    LEFT JOIN others
        ON others.SourceComputerId = held.SourceComputerId
        AND others.UpdateID = held.UpdateID
        AND others.Product = held.Product
        AND others.ProductArch = held.ProductArch
    WHERE others.LastOther IS NULL
        OR history.TimeGenerated > others.LastOther
    GROUP BY held.SourceComputerId, held.UpdateID, held.Product, held.ProductArch
)
SELECT
    held.Computer,
    held.Product,
    held.ProductArch,
    held.InstalledVersion,
    held.ProductVersion,
    held.Classification,
    held.NotInstallableReason,
    since.HeldSince,
    date_sub('day', since.HeldSince, now()) AS HeldDays,
    held.FirstSeen,
    held.NotInstallableDetail
FROM held
JOIN Machine AS machine ON machine.SourceComputerId = held.SourceComputerId
LEFT JOIN since
    ON since.SourceComputerId = held.SourceComputerId
    AND since.UpdateID = held.UpdateID
    AND since.Product = held.Product
    AND since.ProductArch = held.ProductArch
WHERE machine.Enabled
ORDER BY since.HeldSince NULLS FIRST, held.Computer, held.Product, held.ProductArch, held.UpdateID
