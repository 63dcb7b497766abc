-- title: Duplicate identities
-- group: Fleet hygiene
-- help: Machines that share what should be unique: clones, or one machine that was enrolled twice.
-- column: Mark: what they share: MachineId (/etc/machine-id) or VMUUID (of the firmware)
-- column: MachineNames: the machines, at most 50 of them
WITH marks AS (
    SELECT
        Computer,
        'MachineId' AS Mark,
        MachineId AS Identity
    FROM Machine
    UNION ALL
    SELECT
        Computer,
        'VMUUID' AS Mark,
        VMUUID AS Identity
    FROM Machine
)
SELECT
    Mark,
    Identity,
    count(*) AS Machines,
    array_to_string(list_sort(list(Computer))[:50], ', ') AS MachineNames
FROM marks
WHERE Identity <> ''
GROUP BY Mark, Identity
HAVING count(*) > 1
ORDER BY Machines DESC, Mark, Identity
