-- title: Machines that report
-- group: Fleet hygiene
-- help: Machines that answered lately, by their heartbeats.
-- param: hours int = 12: how far back
-- column: Answers: heartbeats in that time
-- column: Category: how the machine is reached
SELECT
    Computer,
    OSType,
    arg_max(OSName, TimeGenerated) AS OSName,
    arg_max(Category, TimeGenerated) AS Category,
    arg_max(ComputerIP, TimeGenerated) AS ComputerIP,
    max(TimeGenerated) AS LastSeen,
    count(*) AS Answers
FROM Heartbeat
WHERE TimeGenerated >= now() - to_hours($hours)
GROUP BY Computer, OSType
ORDER BY Computer, OSType
