-- title: Where deeds came from, new addresses first
-- group: Audit
-- help: Addresses of the SSH sessions in which people acted, those that were first seen last at the top.
-- param: days int = 365: how far back
-- column: CallerIpAddress: empty for who acted without SSH: at the console, by the service
-- column: FirstSeen: first deed from there that the table still has
-- column: Callers: who acted from there, by name
WITH seen AS (
    SELECT
        CallerIpAddress,
        min(TimeGenerated) AS FirstSeen
    FROM Audit
    GROUP BY CallerIpAddress
)
SELECT
    Audit.CallerIpAddress,
    any_value(seen.FirstSeen) AS FirstSeen,
    max(Audit.TimeGenerated) AS LastSeen,
    count(*) AS Deeds,
    array_to_string(list_sort(list(DISTINCT Audit.Caller)), ', ') AS Callers
FROM Audit
JOIN seen ON seen.CallerIpAddress = Audit.CallerIpAddress
WHERE Audit.TimeGenerated >= now() - to_days(CAST($days AS INTEGER))
GROUP BY Audit.CallerIpAddress
ORDER BY
    FirstSeen DESC,
    Audit.CallerIpAddress
