-- title: Updates installed outside of Patchdeck
-- group: Deployment history
-- help: Updates that a scan found installed though no run had installed them: by hand, by unattended upgrades, by other
-- help: tools. The time is that of the scan that noticed it. Updates that no scan ever saw missing are not known here.
-- param: days int = 30: how far back
-- param: machine string = '*': a machine's name, a pattern with * and ?
-- column: NoticedAt: when a scan found it installed
-- column: OtherUpdaters: other software that installs updates on the machine; empty if there is none, or not known
WITH installed AS (
    SELECT
        SourceComputerId,
        Computer,
        UpdateID,
        Product,
        ProductArch,
        ProductVersion,
        InstalledVersion,
        KBID,
        Classification,
        FirstSeen,
        TimeGenerated
    FROM UpdateHistory
    WHERE TimeGenerated >= now() - to_days($days)
        AND UpdateState = 'Installed'
        AND Computer GLOB $machine
),
runs AS (
    SELECT
        SourceComputerId,
        UpdateId,
        Product,
        ProductArch,
        TimeGenerated
    FROM UpdateRunProgress
    WHERE InstallationStatus = 'Succeeded'
)
SELECT
    installed.TimeGenerated AS NoticedAt,
    installed.Computer,
    installed.Product,
    installed.ProductArch,
    installed.InstalledVersion AS PreviousVersion,
    installed.ProductVersion AS Version,
    installed.KBID,
    installed.Classification,
    array_to_string(from_json(machine.OtherUpdaters, '["VARCHAR"]'), ', ') AS OtherUpdaters
FROM installed
LEFT JOIN Machine AS machine ON machine.SourceComputerId = installed.SourceComputerId
WHERE NOT EXISTS (
    SELECT 1
    FROM runs
    WHERE runs.SourceComputerId = installed.SourceComputerId
        AND runs.UpdateId = installed.UpdateID
        AND runs.Product = installed.Product
        AND runs.ProductArch = installed.ProductArch
        AND runs.TimeGenerated >= installed.FirstSeen
        AND runs.TimeGenerated <= installed.TimeGenerated + INTERVAL 1 DAY
)
ORDER BY installed.TimeGenerated DESC, installed.Computer, installed.Product, installed.ProductArch, installed.UpdateID
