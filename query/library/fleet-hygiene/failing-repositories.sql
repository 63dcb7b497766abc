-- title: Repositories that fail
-- group: Fleet hygiene
-- help: Repositories that enabled machines could not use at their last answer, those that fail most machines first.
-- help: What such a repository offers is not known, so nothing of it counts as missing.
-- column: FailingOn [machines]: those on which it failed
-- column: Machines: enabled machines that use it
-- column: NewestCopy: date of the newest copy in the fleet, by the repository's own word; empty if unknown
-- column: MachineNames: the machines on which it failed, at most 50 of them
SELECT
    repository.PackageManager,
    repository.Repository,
    count(DISTINCT repository.SourceComputerId) FILTER (repository.IsFailing) AS FailingOn,
    count(DISTINCT repository.SourceComputerId) AS Machines,
    max(repository.MadeAt) AS NewestCopy,
    array_to_string(
        list_sort(list(DISTINCT machine.Computer) FILTER (repository.IsFailing))[:50], ', '
    ) AS MachineNames
FROM Repository AS repository
JOIN Machine AS machine ON machine.SourceComputerId = repository.SourceComputerId
WHERE machine.Enabled
    AND machine.InScope IS NOT FALSE
GROUP BY repository.PackageManager, repository.Repository
HAVING count(*) FILTER (repository.IsFailing) > 0
ORDER BY FailingOn DESC, repository.PackageManager, repository.Repository
