-- title: A KB on every Windows machine
-- group: Windows
-- help: Of each enabled Windows machine whether it needs an article, has it, or whether nothing here ever spoke of it:
-- help: then it was installed before Patchdeck came, or the machine is not one that it is for.
-- param: kb string: the article, with or without KB
-- column: State: Needed, Installed, NotNeeded, or empty where nothing spoke of it
-- column: Since: when that state was noticed
-- column: LastAnswered: as of when that holds
WITH spoken AS (
    SELECT
        SourceComputerId,
        arg_max(UpdateState, (UpdateState = 'Needed', TimeGenerated)) AS State,
        arg_max(Title, (UpdateState = 'Needed', TimeGenerated)) AS Title,
        arg_max(NotInstallableReason, (UpdateState = 'Needed', TimeGenerated)) AS NotInstallableReason,
        arg_max(
            CASE WHEN UpdateState = 'Needed' THEN coalesce(FirstSeen, TimeGenerated) ELSE TimeGenerated END,
            (UpdateState = 'Needed', TimeGenerated)
        ) AS Since
    FROM Update
    WHERE list_contains(string_split(KBID, ';'), CASE WHEN upper($kb) LIKE 'KB%' THEN substr(upper($kb), 3) ELSE upper($kb) END)
    GROUP BY SourceComputerId
)
SELECT
    m.Computer,
    coalesce(s.State, '') AS State,
    coalesce(s.Title, '') AS Title,
    coalesce(s.NotInstallableReason, '') AS NotInstallableReason,
    s.Since,
    m.LastAnswered
FROM Machine AS m
LEFT JOIN spoken AS s ON s.SourceComputerId = m.SourceComputerId
WHERE m.Enabled
    AND m.OSType = 'Windows'
ORDER BY State DESC, m.Computer
