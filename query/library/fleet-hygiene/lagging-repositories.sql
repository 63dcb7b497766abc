-- title: Repositories that lag behind the fleet's
-- group: Fleet hygiene
-- help: Machines whose copy of a repository is older than the newest one that any machine has: their mirror or their
-- help: cache lags.
-- param: hours int = 24: how much older it must be
-- column: MadeAt: date of the machine's copy, by the repository's own word
-- column: NewestMadeAt: date of the newest copy in the fleet
-- column: BehindHours [hours]: between the two
-- column: FetchedAt: when the machine fetched its copy; empty if unknown
-- column: UsedBy: machines that use the repository
WITH newest AS (
    SELECT
        PackageManager,
        Repository,
        max(MadeAt) AS NewestMadeAt,
        count(DISTINCT SourceComputerId) AS UsedBy
    FROM Repository
    GROUP BY PackageManager, Repository
)
SELECT
    copy.Computer,
    copy.Repository,
    copy.MadeAt,
    newest.NewestMadeAt,
    date_diff('minute', copy.MadeAt, newest.NewestMadeAt) // 60 AS BehindHours,
    copy.FetchedAt,
    copy.IsFailing,
    newest.UsedBy
FROM Repository AS copy
JOIN newest ON newest.PackageManager = copy.PackageManager AND newest.Repository = copy.Repository
JOIN Machine AS machine ON machine.SourceComputerId = copy.SourceComputerId
WHERE machine.Enabled
    AND copy.MadeAt < newest.NewestMadeAt - to_hours($hours)
ORDER BY BehindHours DESC, copy.Computer, copy.Repository
