-- title: Windows machines without a KB
-- group: Windows
-- help: Enabled Windows machines of which nothing says that an article is installed, those that need it first. What was
-- help: installed before Patchdeck first saw the machine is not known here; the build tells of cumulative updates.
-- param: kb string: the article, with or without KB
-- param: system string = '*': full name of the system, a pattern with * and ?
-- column: Kernel: the build that runs
-- column: IsNeeded: whether the agent offers it there
WITH spoken AS (
    SELECT
        SourceComputerId,
        bool_or(UpdateState = 'Installed') AS IsInstalled,
        bool_or(UpdateState = 'Needed') AS IsNeeded
    FROM Update
    WHERE list_contains(string_split(KBID, ';'), CASE WHEN upper($kb) LIKE 'KB%' THEN substr(upper($kb), 3) ELSE upper($kb) END)
    GROUP BY SourceComputerId
)
SELECT
    m.Computer,
    m.OSFullName,
    m.Kernel,
    coalesce(s.IsNeeded, false) AS IsNeeded,
    m.LastAnswered
FROM Machine AS m
LEFT JOIN spoken AS s ON s.SourceComputerId = m.SourceComputerId
WHERE m.Enabled
    AND m.OSType = 'Windows'
    AND m.OSFullName GLOB $system
    AND (coalesce(s.IsNeeded, false) OR NOT coalesce(s.IsInstalled, false))
ORDER BY IsNeeded DESC, m.OSFullName, m.Computer
