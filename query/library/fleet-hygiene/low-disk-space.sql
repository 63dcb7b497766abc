-- title: Disks with little room for updates
-- group: Fleet hygiene
-- help: Folders in which updates are unpacked and kernels lie, on enabled machines, with less room than is asked for;
-- help: those of one file system have the same room.
-- param: mebibytes int = 2048: less free than this, on /boot a fifth of it
-- column: FreeBytes [bytes]: free at the last answer
-- column: TotalBytes [bytes]: of the file system
-- column: FreePercent [%]: free of the total
WITH disks AS (
    SELECT
        Computer,
        SourceComputerId,
        LastAnswered,
        unnest(from_json(Disks, '[{"path": "VARCHAR", "free": "BIGINT", "total": "BIGINT"}]')) AS disk
    FROM Machine
    WHERE Enabled
)
SELECT
    Computer,
    disk.path AS Path,
    disk.free AS FreeBytes,
    disk.total AS TotalBytes,
    round(100.0 * disk.free / nullif(disk.total, 0), 1) AS FreePercent,
    LastAnswered
FROM disks
WHERE disk.free < CAST($mebibytes AS BIGINT) * 1048576 / if(disk.path = '/boot', 5, 1)
ORDER BY FreeBytes, Computer, Path, SourceComputerId
