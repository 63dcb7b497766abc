-- title: Missing updates by class
-- group: Missing updates
-- help: How many updates are missing on how many machines, by class. An update is counted once however many miss it.
-- column: Missing: pairs of a machine and an update
-- column: NotInstallable: those of them that an ordinary upgrade would not install
-- column: Oldest: when the first of them was first seen
SELECT
    Classification,
    count(DISTINCT (Product, ProductArch, ProductVersion, UpdateID)) AS Updates,
    count(DISTINCT SourceComputerId) AS Machines,
    count(*) AS Missing,
    count(*) FILTER (NOT IsInstallable) AS NotInstallable,
    min(FirstSeen) AS Oldest
FROM Update
WHERE UpdateState = 'Needed'
GROUP BY Classification
ORDER BY list_position(['Critical Updates', 'Security Updates'], Classification) NULLS LAST, Classification
