-- title: Missing updates by class, of chosen machines
-- group: Missing updates
-- help: How many updates some machines miss, by class. An update is counted once however many machines miss it.
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: Missing: pairs of a machine and an update
-- column: NotInstallable: those of them that an ordinary upgrade would not install
-- column: Oldest: when the first of them was first seen
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
)
SELECT
    u.Classification,
    count(DISTINCT (u.Product, u.ProductArch, u.ProductVersion, u.UpdateID)) AS Updates,
    count(DISTINCT u.SourceComputerId) AS Machines,
    count(*) AS Missing,
    count(*) FILTER (NOT u.IsInstallable) AS NotInstallable,
    min(u.FirstSeen) AS Oldest
FROM Update AS u
JOIN chosen AS c ON c.SourceComputerId = u.SourceComputerId
WHERE u.UpdateState = 'Needed'
GROUP BY u.Classification
ORDER BY list_position(['Critical Updates', 'Security Updates'], u.Classification) NULLS LAST, u.Classification
