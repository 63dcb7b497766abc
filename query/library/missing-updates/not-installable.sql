-- title: Updates that cannot be installed, and why
-- group: Missing updates
-- help: Missing updates that an ordinary upgrade would leave out, by reason.
-- param: machine string = '*': a machine's name, a pattern with * and ?
-- column: NotInstallableDetail: the evidence, as the machine gave it
SELECT
    NotInstallableReason,
    Computer,
    Product,
    InstalledVersion,
    ProductVersion,
    Classification,
    NotInstallableDetail,
    FirstSeen,
    KBID,
    Title
FROM Update
WHERE UpdateState = 'Needed'
    AND NOT IsInstallable
    AND Computer GLOB $machine
ORDER BY NotInstallableReason, Computer, Product, ProductArch, UpdateID
