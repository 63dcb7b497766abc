-- title: Deeds of each person
-- group: Audit
-- help: How often who did what, and from how many addresses; service and schedules are persons of their own.
-- param: days int = 365: how far back
-- column: Deeds: entries of the audit
-- column: Targets: different things that it was done to
-- column: Addresses: different addresses of SSH sessions
SELECT
    Caller,
    OperationName,
    count(*) AS Deeds,
    count(DISTINCT Target) AS Targets,
    count(DISTINCT nullif(CallerIpAddress, '')) AS Addresses,
    min(TimeGenerated) AS First,
    max(TimeGenerated) AS Latest
FROM Audit
WHERE TimeGenerated >= now() - to_days(CAST($days AS INTEGER))
GROUP BY Caller, OperationName
ORDER BY
    Caller,
    Deeds DESC,
    OperationName
