-- title: How much room disks lack
-- group: Fleet hygiene
-- help: The folder of each machine that lacks most room for updates, the worst first; negative where there is room
-- help: enough. Not of machines that are disabled or outside the scope. Machines of whose disks nothing is known come last.
-- param: mebibytes int = 2048: free room that is wanted, on /boot a fifth of it
-- column: Path: the folder
-- column: ShortMiB [MiB]: room that is lacking there, negative where there is more than is wanted; empty if unknown
-- column: FreeMiB [MiB]: free at the last answer
WITH disks AS (
    SELECT
        SourceComputerId,
        unnest(from_json(Disks, '[{"path": "VARCHAR", "free": "BIGINT", "total": "BIGINT"}]')) AS disk
    FROM Machine
),
lacks AS (
    SELECT
        SourceComputerId,
        disk.path AS Path,
        disk.free / 1048576.0 AS FreeMiB,
        CAST($mebibytes AS DOUBLE) / if(disk.path = '/boot', 5, 1) - disk.free / 1048576.0 AS ShortMiB
    FROM disks
),
worst AS (
    SELECT
        SourceComputerId,
        arg_max(Path, (ShortMiB, Path)) AS Path,
        arg_max(FreeMiB, (ShortMiB, Path)) AS FreeMiB,
        max(ShortMiB) AS ShortMiB
    FROM lacks
    GROUP BY SourceComputerId
)
SELECT
    machine.Computer,
    worst.Path,
    round(worst.ShortMiB, 1) AS ShortMiB,
    round(worst.FreeMiB, 1) AS FreeMiB,
    machine.LastAnswered
FROM Machine AS machine
LEFT JOIN worst ON worst.SourceComputerId = machine.SourceComputerId
WHERE machine.Enabled
    AND machine.InScope IS NOT FALSE
ORDER BY worst.ShortMiB DESC NULLS LAST, machine.Computer, machine.SourceComputerId
