-- title: Services to restart
-- group: Reboots
-- help: Services that still run what an update replaced; a restart of each, or a reboot, brings the fix into effect.
-- column: Service: as it is called on the machines; empty in the last row
-- column: Machines: machines with it; in the last row those that could not tell, since only root can see it
-- column: MachineNames: the machines, at most 50 of them
WITH answered AS (
    SELECT
        Computer,
        ServicesToRestart
    FROM Machine
    WHERE Enabled
        AND LastAnswered IS NOT NULL
),
services AS (
    SELECT
        Computer,
        unnest(from_json(ServicesToRestart, '["VARCHAR"]')) AS Service
    FROM answered
    UNION ALL
    SELECT
        Computer,
        NULL AS Service
    FROM answered
    WHERE ServicesToRestart IS NULL
)
SELECT
    Service,
    count(DISTINCT Computer) AS Machines,
    array_to_string(list_sort(list(DISTINCT Computer))[:50], ', ') AS MachineNames
FROM services
GROUP BY Service
ORDER BY Service IS NULL, Machines DESC, Service
