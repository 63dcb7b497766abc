-- title: Windows updates that are set aside or need somebody
-- group: Windows
-- help: Updates that are offered and that no deployment installs unless told to: hidden by a person, optional ones and
-- help: previews, drivers, upgrades, those whose licence nobody accepted, those that ask questions.
-- param: reason string = '*': hidden, optional, needs-licence or needs-person, a pattern with * and ?
-- column: MachineNames: the machines, at most 50 of them
-- column: FirstSeen: when the first machine was first offered it
SELECT
    NotInstallableReason,
    KBID,
    Title,
    Classification,
    count(DISTINCT SourceComputerId) AS Machines,
    array_to_string(list_sort(list(DISTINCT Computer))[:50], ', ') AS MachineNames,
    min(FirstSeen) AS FirstSeen
FROM Update
WHERE UpdateState = 'Needed'
    AND OSType = 'Windows'
    AND NotInstallableReason IN ('hidden', 'optional', 'needs-licence', 'needs-person')
    AND NotInstallableReason GLOB $reason
GROUP BY NotInstallableReason, KBID, Title, UpdateID, Classification
ORDER BY NotInstallableReason, Machines DESC, Title, UpdateID
