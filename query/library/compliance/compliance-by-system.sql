-- title: Compliance by system
-- group: Compliance
-- help: Enabled machines inside the scope by their system, and how compliant they are; the least compliant comes first.
-- help: Only compliant and non-compliant ones rest on a fresh and whole assessment.
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: System: name and version; of machines that never answered it is not known
-- column: NotJudged: those whose answer is missing, stale or could not tell: neither compliant nor non-compliant
-- column: Percent [%]: compliant ones of all of that system
-- chart: bar x=System y=Percent
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
        max(TimeGenerated) AS LastSeen
    FROM Update
    WHERE UpdateState = 'Needed'
        AND Classification IN ('Critical Updates', 'Security Updates')
        AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
    GROUP BY SourceComputerId
),
judged AS (
    SELECT
        coalesce(nullif(m.OSFullName, ''), nullif(trim(concat(m.OSName, ' ', m.OSVersion)), ''), '(unknown)') AS System,
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
    System,
    count(*) AS Machines,
    count(*) FILTER (Compliance = 'compliant') AS Compliant,
    count(*) FILTER (Compliance = 'non-compliant') AS NonCompliant,
    count(*) FILTER (Compliance NOT IN ('compliant', 'non-compliant')) AS NotJudged,
    round(100.0 * count(*) FILTER (Compliance = 'compliant') / count(*), 1) AS Percent
FROM judged
WHERE Compliance NOT IN ('disabled', 'outside-scope')
GROUP BY System
ORDER BY Percent, System
