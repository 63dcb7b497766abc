-- title: What changed between two instants
-- group: Missing updates
-- help: Updates that came to be needed, were installed or fell away on a machine between two instants: what was so at
-- help: the first is compared with what is so at the second, and what came and went in between is not shown.
-- param: since string = '7 days': the first instant: in UTC, as 2026-10-31 or 2026-10-31T18:00, or how long ago
-- param: until string = '0 days': the second instant, likewise
-- param: machine string = '*': a machine's name, a pattern with * and ?
-- column: Change: needed, other version needed, installed, or fell away
-- column: ChangedAt: the last change before the second instant, as a scan noticed it
-- column: VersionBefore: version that was needed at the first instant; empty if none was
-- column: Version: version that is needed at the second instant, or was installed
WITH asked AS (
    SELECT
        coalesce(
            try_strptime($since, ['%Y-%m-%d', '%Y-%m-%dT%H:%M', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M:%SZ']),
            now() - CAST($since AS INTERVAL)
        ) AS Since,
        coalesce(
            try_strptime($until, ['%Y-%m-%d', '%Y-%m-%dT%H:%M', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M:%SZ']),
            now() - CAST($until AS INTERVAL)
        ) AS Until
),
states AS (
    SELECT
        history.SourceComputerId,
        arg_max(history.Computer, history.TimeGenerated) AS Computer,
        history.UpdateID,
        history.Product,
        history.ProductArch,
        max(history.TimeGenerated) AS ChangedAt,
        arg_max(history.UpdateState, history.TimeGenerated) AS StateAfter,
        arg_max(history.ProductVersion, history.TimeGenerated) AS VersionAfter,
        arg_max(history.Classification, history.TimeGenerated) AS Classification,
        arg_max(history.UpdateState, history.TimeGenerated)
            FILTER (history.TimeGenerated <= asked.Since) AS StateBefore,
        arg_max(history.ProductVersion, history.TimeGenerated)
            FILTER (history.TimeGenerated <= asked.Since) AS VersionBefore
    FROM UpdateHistory AS history
    CROSS JOIN asked
    WHERE history.TimeGenerated <= asked.Until
    GROUP BY history.SourceComputerId, history.UpdateID, history.Product, history.ProductArch
    HAVING max(history.TimeGenerated) > min(asked.Since)
),
compared AS (
    SELECT
        *,
        coalesce(StateBefore, 'none') = 'Needed' AS WasNeeded
    FROM states
)
SELECT
    Computer,
    CASE
        WHEN StateAfter = 'Needed' AND WasNeeded THEN 'other version needed'
        WHEN StateAfter = 'Needed' THEN 'needed'
        WHEN StateAfter = 'Installed' THEN 'installed'
        ELSE 'fell away'
    END AS Change,
    Product,
    ProductArch,
    Classification,
    if(WasNeeded, VersionBefore, NULL) AS VersionBefore,
    VersionAfter AS Version,
    ChangedAt
FROM compared
WHERE Computer GLOB $machine
    AND (
        StateAfter = 'Installed'
        OR (StateAfter = 'Needed' AND (NOT WasNeeded OR VersionAfter <> VersionBefore))
        OR (StateAfter = 'NotNeeded' AND WasNeeded)
    )
ORDER BY Computer, Change, Product, ProductArch, UpdateID, SourceComputerId
