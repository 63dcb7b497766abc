-- title: Missing updates by class, of chosen machines
-- group: Missing updates
-- help: How many updates some machines miss, by class. An update is counted once however many machines miss
-- help: it; those that somebody hid or that are optional are counted apart.
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: Missing: pairs of a machine and an update
-- column: NotInstallable: those of them that an ordinary upgrade would not install
-- column: Oldest: when the first of them was first seen
-- column: SetAside: pairs of a machine and an update that is hidden or optional there, counted nowhere else
-- chart: bar x=Classification y=Missing
WITH named AS (
    SELECT unnest(string_split($machines, ',')) AS Name
),
chosen AS (
    SELECT SourceComputerId
    FROM Machine
    WHERE $machines = '*'
        OR SourceComputerId IN (SELECT Name FROM named)
        OR Computer IN (SELECT Name FROM named)
),
needed AS (
    SELECT
        u.*,
        coalesce(u.NotInstallableReason, '') IN ('hidden', 'optional') AS IsSetAside
    FROM Update AS u
    JOIN chosen AS c ON c.SourceComputerId = u.SourceComputerId
    WHERE u.UpdateState = 'Needed'
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
