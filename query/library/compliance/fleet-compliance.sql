-- title: Fleet compliance
-- group: Compliance
-- help: Machines by compliance. Only compliant and non-compliant ones rest on a fresh and whole assessment; an answer
-- help: speaks for a Linux machine for 5 hours and for a Windows machine for 14.
-- column: Compliance: the first that holds, of those in the order of Update Management and ours
-- column: Percent [%]: share of all enrolled machines
WITH important AS (
    SELECT
        SourceComputerId,
        max(TimeGenerated) AS LastSeen
    FROM Update
    WHERE UpdateState = 'Needed'
        AND Classification IN ('Critical Updates', 'Security Updates')
        AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
    GROUP BY SourceComputerId
),
judged AS (
    SELECT
        m.OSType,
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
        END AS Compliance
    FROM Machine AS m
    LEFT JOIN important AS i ON i.SourceComputerId = m.SourceComputerId
)
SELECT
    Compliance,
    count(*) AS Machines,
    count(*) FILTER (OSType = 'Linux') AS Linux,
    count(*) FILTER (OSType = 'Windows') AS Windows,
    round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS Percent
FROM judged
GROUP BY Compliance
ORDER BY list_position(
    [
        'non-compliant', 'unknown', 'stale', 'unreachable', 'failed', 'not-assessed', 'compliant', 'disabled',
        'outside-scope'
    ],
    Compliance
)
