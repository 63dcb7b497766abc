-- title: Missing updates by class
-- group: Missing updates
-- help: How many updates are missing on how many machines, by class. An update is counted once however many miss it;
-- help: those that somebody hid or that are optional are counted apart.
-- column: Missing: pairs of a machine and an update
-- column: NotInstallable: those of them that an ordinary upgrade would not install
-- column: Oldest: when the first of them was first seen
-- column: SetAside: pairs of a machine and an update that is hidden or optional there, counted nowhere else
WITH needed AS (
    SELECT
        *,
        coalesce(NotInstallableReason, '') IN ('hidden', 'optional') AS IsSetAside
    FROM Update
    WHERE UpdateState = 'Needed'
)
SELECT
    Classification,
    count(DISTINCT (Product, ProductArch, ProductVersion, UpdateID)) FILTER (NOT IsSetAside) AS Updates,
    count(DISTINCT SourceComputerId) FILTER (NOT IsSetAside) AS Machines,
    count(*) FILTER (NOT IsSetAside) AS Missing,
    count(*) FILTER (NOT IsSetAside AND NOT IsInstallable) AS NotInstallable,
    min(FirstSeen) FILTER (NOT IsSetAside) AS Oldest,
    count(*) FILTER (IsSetAside) AS SetAside
FROM needed
GROUP BY Classification
ORDER BY list_position(['Critical Updates', 'Security Updates'], Classification) NULLS LAST, Classification
