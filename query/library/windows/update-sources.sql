-- title: Where Windows machines get updates from
-- group: Windows
-- help: Enabled Windows machines by update source, WSUS and its group; empty where a machine never said it. A WSUS that
-- help: nobody keeps up makes machines look compliant: see the findings update-source-stale.
-- column: UpdateSource: Windows Update, Microsoft Update or WSUS
-- column: Stale: machines whose source was found to stand still
-- column: MachineNames: the machines, at most 50 of them
SELECT
    UpdateSource,
    WSUSServer,
    WSUSGroup,
    count(*) AS Machines,
    count(*) FILTER (contains(CAST(Findings AS VARCHAR), '"update-source-stale"')) AS Stale,
    array_to_string(list_sort(list(Computer))[:50], ', ') AS MachineNames
FROM Machine
WHERE Enabled
    AND OSType = 'Windows'
GROUP BY UpdateSource, WSUSServer, WSUSGroup
ORDER BY Machines DESC, UpdateSource, WSUSServer, WSUSGroup
