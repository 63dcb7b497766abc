-- title: What missing Windows updates say of restarts
-- group: Windows
-- help: Of each machine how many of its installable updates always restart it, may ask for it, or never do; definitions
-- help: and what is set aside left out.
-- column: Always: updates that always restart it
-- column: Maybe: updates that may ask for it
-- column: Never: updates that never do
-- column: NotSaid: updates that do not say
-- column: RebootRequired: whether it waits for a restart already: yes, no or unknown
SELECT
    u.Computer,
    count(*) FILTER (u.RebootBehavior = 'AlwaysRequiresReboot') AS Always,
    count(*) FILTER (u.RebootBehavior = 'CanRequestReboot') AS Maybe,
    count(*) FILTER (u.RebootBehavior = 'NeverReboots') AS Never,
    count(*) FILTER (coalesce(u.RebootBehavior, '') = '') AS NotSaid,
    m.RebootRequired
FROM Update AS u
JOIN Machine AS m ON m.SourceComputerId = u.SourceComputerId
WHERE u.UpdateState = 'Needed'
    AND u.OSType = 'Windows'
    AND u.IsInstallable
    AND u.Classification <> 'Definition Updates'
    AND m.Enabled
GROUP BY u.Computer, u.SourceComputerId, m.RebootRequired
ORDER BY Always DESC, Maybe DESC, u.Computer
