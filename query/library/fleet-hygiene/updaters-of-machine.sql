-- title: Who else patches this machine
-- group: Fleet hygiene
-- help: For each enabled machine, the other software that installs updates on it, when that last ran, and how many
-- help: updates came from outside of Patchdeck lately. A machine that could not tell is apart from one that has none.
-- param: machine string = '*': a machine's name, a pattern with * and ?
-- param: days int = 30: how far back installed updates are looked at
-- column: Updater: as it is called on the machine; (none) or (unknown)
-- column: LastRan: when it last ran; empty if unknown
-- column: Outside [updates]: installed on the machine, in that time, by no run of Patchdeck
-- column: Installed [updates]: installed on the machine in that time, by whomever
WITH installed AS (
    SELECT
        history.SourceComputerId,
        NOT EXISTS (
            SELECT 1
            FROM UpdateRunProgress AS progress
            WHERE progress.InstallationStatus = 'Succeeded'
                AND progress.SourceComputerId = history.SourceComputerId
                AND progress.UpdateId = history.UpdateID
                AND progress.Product = history.Product
                AND progress.ProductArch = history.ProductArch
                AND progress.TimeGenerated >= history.FirstSeen
                AND progress.TimeGenerated <= history.TimeGenerated + INTERVAL 1 DAY
        ) AS IsOutside
    FROM UpdateHistory AS history
    WHERE history.TimeGenerated >= now() - to_days($days)
        AND history.UpdateState = 'Installed'
),
counted AS (
    SELECT
        SourceComputerId,
        count(*) AS Installed,
        count(*) FILTER (IsOutside) AS Outside
    FROM installed
    GROUP BY SourceComputerId
),
updaters AS (
    SELECT
        SourceComputerId,
        Computer,
        OtherUpdaterRuns,
        unnest(
            CASE
                WHEN OtherUpdaters IS NULL THEN ['(unknown)']
                WHEN json_array_length(OtherUpdaters) = 0 THEN ['(none)']
                ELSE from_json(OtherUpdaters, '["VARCHAR"]')
            END
        ) AS Updater
    FROM Machine
    WHERE Enabled
        AND Computer GLOB $machine
)
SELECT
    updaters.Computer,
    updaters.Updater,
    try_cast(CAST(updaters.OtherUpdaterRuns AS MAP(VARCHAR, VARCHAR))[updaters.Updater] AS TIMESTAMP) AS LastRan,
    coalesce(counted.Outside, 0) AS Outside,
    coalesce(counted.Installed, 0) AS Installed
FROM updaters
LEFT JOIN counted ON counted.SourceComputerId = updaters.SourceComputerId
ORDER BY Outside DESC, updaters.Computer, updaters.Updater, updaters.SourceComputerId
