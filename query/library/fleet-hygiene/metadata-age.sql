-- title: Age of the package lists
-- group: Fleet hygiene
-- help: How old what each machine knows of its repositories is, the oldest first; what came out since then is not
-- help: offered there.
-- param: days int = 7: only lists older than this, and those of unknown age
-- column: MetadataAt: date of the newest package list, by the repository's own word; empty if unknown
-- column: AgeDays [days]: since that date
-- column: OldestRepository: the repository with the oldest copy; empty where no repository gives a date
-- column: Failing: repositories that could not be used at the last answer
WITH by_machine AS (
    SELECT
        SourceComputerId,
        arg_min(Repository, (MadeAt, Repository)) FILTER (MadeAt IS NOT NULL) AS OldestRepository,
        count(*) FILTER (IsFailing) AS Failing
    FROM Repository
    GROUP BY SourceComputerId
)
SELECT
    machine.Computer,
    machine.PackageManager,
    machine.MetadataAt,
    date_sub('day', machine.MetadataAt, now()) AS AgeDays,
    by_machine.OldestRepository,
    coalesce(by_machine.Failing, 0) AS Failing,
    machine.LastAnswered
FROM Machine AS machine
LEFT JOIN by_machine ON by_machine.SourceComputerId = machine.SourceComputerId
WHERE machine.Enabled
    AND machine.InScope IS NOT FALSE
    AND machine.LastAnswered IS NOT NULL
    AND (machine.MetadataAt IS NULL OR machine.MetadataAt < now() - to_days($days))
ORDER BY machine.MetadataAt NULLS FIRST, machine.Computer
