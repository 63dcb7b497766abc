-- title: Days since the fleet first saw each version
-- group: Ageing and exposure
-- help: One row for each version that is still missing somewhere, the one that was offered first at the top.
-- param: days int = 0: seen at least so long ago
-- column: FleetFirstSeen: when any machine of the fleet was first seen to be offered the version
-- column: AgeDays [days]: since then
-- column: Machines: how many still miss it
-- column: Installable: on how many of them an ordinary upgrade would install it now
SELECT
    Product,
    ProductVersion,
    max(Classification) AS Classification,
    min(FleetFirstSeen) AS FleetFirstSeen,
    date_sub('day', min(FleetFirstSeen), now()) AS AgeDays,
    count(DISTINCT SourceComputerId) AS Machines,
    count(DISTINCT SourceComputerId) FILTER (WHERE IsInstallable) AS Installable
FROM Update
WHERE UpdateState = 'Needed'
    AND FleetFirstSeen <= now() - to_days($days)
GROUP BY Product, ProductVersion
ORDER BY FleetFirstSeen, Product, ProductVersion
