-- title: Machines and what they miss
-- group: Compliance
-- help: One row for each machine: its compliance, what it misses by class, and how old what is known of it is; those
-- help: that miss most that is critical or security come first. Empty counts are unknown, not none.
-- param: machine string = '*': a machine's name, a pattern with * and ?
-- column: Compliance: as the fleet's compliance judges it
-- column: Critical [updates]: missing at the last answer
-- column: Security [updates]: missing at the last answer
-- column: Others [updates]: missing at the last answer
-- column: Unclassified [updates]: missing, of which no class is known
-- column: OldestSecurityDays [days]: since it was first seen to need the oldest critical or security update it misses
-- column: RebootRequired: yes, no or unknown; empty if it never answered
WITH important AS (
    SELECT
        SourceComputerId,
        min(FirstSeen) AS Oldest,
        max(TimeGenerated) AS LastSeen
    FROM Update
    WHERE UpdateState = 'Needed'
        AND Classification IN ('Critical Updates', 'Security Updates')
        AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
    GROUP BY SourceComputerId
)
SELECT
    m.Computer,
    m.OSType,
    m.OSFullName,
    CASE
        WHEN NOT m.Enabled THEN 'disabled'
        WHEN NOT m.InScope THEN 'outside-scope'
        WHEN m.FailureKind IN (
            'address-not-found', 'connection-refused', 'connection-timed-out', 'no-banner', 'not-ssh',
            'host-key-unknown', 'host-key-changed', 'no-common-algorithm', 'login-refused', 'login-timed-out',
            'connection-lost', 'certificate-untrusted', 'certificate-changed', 'tls-failed', 'not-winrm',
            'encryption-required', 'clock-skewed', 'bad-configuration'
        ) THEN 'unreachable'
        WHEN m.LastOutcome = 'failed' THEN 'failed'
        WHEN m.LastAnswered IS NULL THEN 'not-assessed'
        WHEN now() - m.LastAnswered > to_hours(if(m.OSType = 'Windows', 14, 5)) THEN 'stale'
        WHEN coalesce(m.CriticalUpdatesMissing, 0) + coalesce(m.SecurityUpdatesMissing, 0) > 0 THEN 'non-compliant'
        WHEN i.LastSeen >= m.LastAnswered THEN 'non-compliant'
        WHEN m.Coverage NOT IN ('complete', 'unclassified') OR m.UnclassifiedUpdatesMissing > 0 THEN 'unknown'
        ELSE 'compliant'
    END AS Compliance,
    if(m.LastAnswered IS NULL, NULL, m.CriticalUpdatesMissing) AS Critical,
    if(m.LastAnswered IS NULL, NULL, m.SecurityUpdatesMissing) AS Security,
    if(m.LastAnswered IS NULL, NULL, m.OtherUpdatesMissing) AS Others,
    if(m.LastAnswered IS NULL, NULL, m.UnclassifiedUpdatesMissing) AS Unclassified,
    date_sub('day', i.Oldest, now()) AS OldestSecurityDays,
    if(m.LastAnswered IS NULL, NULL, m.RebootRequired) AS RebootRequired,
    m.LastAnswered,
    m.LastAssessed
FROM Machine AS m
LEFT JOIN important AS i ON i.SourceComputerId = m.SourceComputerId
WHERE m.Computer GLOB $machine
ORDER BY coalesce(Critical, 0) + coalesce(Security, 0) DESC, m.Computer, m.SourceComputerId
