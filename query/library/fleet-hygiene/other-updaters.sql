-- title: Who else patches these machines
-- group: Fleet hygiene
-- help: Other software that installs updates on machines, and may take the lock or reboot them in a maintenance window.
-- column: Updater: as it is called on the machine
-- column: LastRan: when it last ran on any of them; empty if unknown
-- column: MachineNames: the machines, at most 50 of them
WITH updaters AS (
    SELECT
        Computer,
        OtherUpdaterRuns,
        unnest(from_json(OtherUpdaters, '["VARCHAR"]')) AS Updater
    FROM Machine
    WHERE Enabled
)
SELECT
    Updater,
    count(DISTINCT Computer) AS Machines,
    max(try_cast(json_extract_string(OtherUpdaterRuns, Updater) AS TIMESTAMP)) AS LastRan,
    array_to_string(list_sort(list(DISTINCT Computer))[:50], ', ') AS MachineNames
FROM updaters
GROUP BY Updater
ORDER BY Machines DESC, Updater
