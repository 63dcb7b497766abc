-- title: Machines, their compliance, and why
-- group: Compliance
-- help: One row for each of some machines: its compliance, what it rests on, and what it misses; those that miss most
-- help: that is critical or security come first. Empty counts are unknown, not none.
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: Compliance: as the fleet's compliance judges it
-- column: Because: what the judgement rests on
-- column: Critical [updates]: missing at the last answer
-- column: Security [updates]: missing at the last answer
-- column: Others [updates]: missing at the last answer
-- column: Unclassified [updates]: missing, of which no class is known
-- column: OldestSecurityDays [days]: since it was first seen to need the oldest critical or security update it misses
-- column: RebootRequired: yes, no or unknown; empty if it never answered
WITH named AS (
    SELECT unnest(string_split($machines, ',')) AS Name
),
chosen AS (
    SELECT SourceComputerId
    FROM Machine
    WHERE $machines = '*'
        OR SourceComputerId IN (SELECT Name FROM named)
        OR Computer IN (SELECT Name FROM named)
),
important AS (
    SELECT
        SourceComputerId,
        min(FirstSeen) AS Oldest,
        max(TimeGenerated) AS LastSeen
    FROM Update
    WHERE UpdateState = 'Needed'
        AND Classification IN ('Critical Updates', 'Security Updates')
        AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
    GROUP BY SourceComputerId
),
judged AS (
    SELECT
        m.*,
        i.Oldest,
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
    JOIN chosen AS c ON c.SourceComputerId = m.SourceComputerId
    LEFT JOIN important AS i ON i.SourceComputerId = m.SourceComputerId
)
SELECT
    Computer,
    coalesce(nullif(OSFullName, ''), OSType) AS System,
    Compliance,
    CASE Compliance
        WHEN 'disabled' THEN 'disabled: not assessed and not patched'
        WHEN 'outside-scope' THEN 'outside of the scope: never touched'
        WHEN 'unreachable' THEN coalesce(nullif(FailureText, ''), FailureKind)
        WHEN 'failed' THEN coalesce(nullif(FailureText, ''), FailureKind)
        WHEN 'not-assessed' THEN 'never answered'
        WHEN 'stale' THEN concat('last answer ', date_diff('hour', LastAnswered, now()), ' hours ago')
        WHEN 'unknown' THEN concat('could not see every update: coverage ', Coverage)
        WHEN 'non-compliant' THEN 'critical or security updates missing'
        ELSE 'nothing critical or security missing'
    END AS Because,
    if(LastAnswered IS NULL, NULL, CriticalUpdatesMissing) AS Critical,
    if(LastAnswered IS NULL, NULL, SecurityUpdatesMissing) AS Security,
    if(LastAnswered IS NULL, NULL, OtherUpdatesMissing) AS Others,
    if(LastAnswered IS NULL, NULL, UnclassifiedUpdatesMissing) AS Unclassified,
    date_sub('day', Oldest, now()) AS OldestSecurityDays,
    if(LastAnswered IS NULL, NULL, RebootRequired) AS RebootRequired,
    LastAnswered
FROM judged
ORDER BY coalesce(Critical, 0) + coalesce(Security, 0) DESC, Computer, SourceComputerId
