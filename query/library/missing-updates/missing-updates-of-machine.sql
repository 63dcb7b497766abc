-- title: Missing updates of one machine
-- group: Missing updates
-- help: What a machine misses, critical and security updates first, and whether each can be installed.
-- param: machine string: a machine's name, a pattern with * and ?
-- column: SizeBytes [bytes]: of the download; empty if unknown
SELECT
    Computer,
    Product,
    InstalledVersion,
    ProductVersion,
    ProductArch,
    KBID,
    Classification,
    IsInstallable,
    NotInstallableReason,
    FirstSeen,
    SizeBytes,
    PackageRepository,
    Title,
    MSRCSeverity,
    RebootBehavior,
    ApprovalSource
FROM Update
WHERE UpdateState = 'Needed'
    AND Computer GLOB $machine
ORDER BY
    Computer,
    list_position(['Critical Updates', 'Security Updates'], Classification) NULLS LAST,
    Product,
    ProductArch,
    UpdateID
