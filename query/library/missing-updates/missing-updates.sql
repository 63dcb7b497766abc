-- title: Missing updates and the machines that miss them
-- group: Missing updates
-- help: One row for each update, those that most machines miss first.
-- param: class string = '*': a class of updates, a pattern with * and ?
-- column: MachineNames: the machines, at most 50 of them
-- column: NotInstallable [machines]: those on which an ordinary upgrade would not install it
-- column: FirstSeen: when the first machine was first seen to need it
-- column: Title: what Windows calls it; empty for packages
SELECT
    Product,
    ProductVersion,
    ProductArch,
    KBID,
    Classification,
    count(DISTINCT SourceComputerId) AS Machines,
    array_to_string(list_sort(list(DISTINCT Computer))[:50], ', ') AS MachineNames,
    count(DISTINCT SourceComputerId) FILTER (NOT IsInstallable) AS NotInstallable,
    min(FirstSeen) AS FirstSeen,
    min(Title) FILTER (UpdateID <> '') AS Title
FROM Update
WHERE UpdateState = 'Needed'
    AND Classification GLOB $class
GROUP BY Product, ProductVersion, ProductArch, UpdateID, KBID, Classification
ORDER BY Machines DESC, Product, ProductVersion, ProductArch, UpdateID, KBID, Classification
