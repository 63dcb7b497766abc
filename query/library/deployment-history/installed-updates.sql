-- title: Updates installed lately
-- group: Deployment history
-- help: What was found to be installed, by whomever, the latest first. The time is that of the scan that noticed it.
-- param: days int = 7: how far back
-- param: machine string = '*': a machine's name, a pattern with * and ?
-- column: NeededDays [days]: between the machine was first seen to need it and was found to have it
SELECT
    TimeGenerated AS NoticedAt,
    Computer,
    Product,
    ProductVersion,
    InstalledVersion AS PreviousVersion,
    KBID,
    Classification,
    date_sub('day', FirstSeen, TimeGenerated) AS NeededDays
FROM Update
WHERE TimeGenerated >= now() - to_days($days)
    AND UpdateState = 'Installed'
    AND Computer GLOB $machine
ORDER BY TimeGenerated DESC, Computer, Product, ProductArch, UpdateID
