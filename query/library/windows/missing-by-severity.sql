-- title: Missing Windows updates by severity
-- group: Windows
-- help: What Windows machines miss by the severity that the MSRC gives, definitions and what is set aside left out. It
-- help: gives none to most updates that are not for security: those are Unspecified, which is not low.
-- column: Updates: different ones
-- column: Machines: those that miss one of them
-- column: NotInstallable [updates on machines]: how often one would not be installed now
-- column: Oldest: when the first of them was first seen to be needed
-- chart: bar x=MSRCSeverity y=Machines
SELECT
    MSRCSeverity,
    Classification,
    count(DISTINCT UpdateID) AS Updates,
    count(DISTINCT SourceComputerId) AS Machines,
    count(*) FILTER (NOT IsInstallable) AS NotInstallable,
    min(FirstSeen) AS Oldest
FROM Update
WHERE UpdateState = 'Needed'
    AND OSType = 'Windows'
    AND Classification <> 'Definition Updates'
    AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
GROUP BY MSRCSeverity, Classification
ORDER BY
    list_position(['Critical', 'Important', 'Moderate', 'Low', 'Unspecified'], MSRCSeverity) NULLS LAST,
    Classification
