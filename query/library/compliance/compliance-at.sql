-- title: Compliance at a date
-- group: Compliance
-- help: Machines by compliance as it stood at an instant, judged as the fleet's compliance is judged now. Machines that
-- help: were removed or disabled since count from their first to their last assessment: when that was done is in no
-- help: table.
-- param: at string = '7 days': an instant in UTC, as 2026-10-31 or 2026-10-31T18:00, or how long ago, as 7 days
-- column: Moment: the instant in UTC
-- column: Percent [%]: share of all machines that were enrolled then
-- chart: bar x=Compliance y=Machines
WITH asked AS (
    SELECT
        coalesce(
            try_strptime($at, ['%Y-%m-%d', '%Y-%m-%dT%H:%M', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M:%SZ']),
            now() - CAST($at AS INTERVAL)
        ) AS Moment
),
seen AS (
    SELECT
        SourceComputerId,
        arg_max(OSType, TimeGenerated) FILTER (OSType <> '') AS OSType,
        min(TimeGenerated) AS FirstAssessed,
        max(TimeGenerated) AS LastAssessed
    FROM Assessment
    GROUP BY SourceComputerId
),
enrolled AS (
    SELECT
        machine.SourceComputerId,
        machine.OSType
    FROM Machine AS machine
    CROSS JOIN asked
    LEFT JOIN seen ON seen.SourceComputerId = machine.SourceComputerId
    WHERE machine.AddedAt <= asked.Moment
        AND (machine.Enabled OR seen.LastAssessed >= asked.Moment)
    UNION ALL
    SELECT
        seen.SourceComputerId,
        seen.OSType
    FROM seen
    CROSS JOIN asked
    WHERE asked.Moment BETWEEN seen.FirstAssessed AND seen.LastAssessed
        AND seen.SourceComputerId NOT IN (SELECT SourceComputerId FROM Machine)
),
attempts AS (
    SELECT
        SourceComputerId,
        max(TimeGenerated) AS AttemptedAt,
        arg_max(Outcome, TimeGenerated) AS Outcome,
        arg_max(FailureKind, TimeGenerated) AS FailureKind,
        arg_max(Coverage, TimeGenerated) AS Coverage,
        arg_max_null(CriticalUpdatesMissing, TimeGenerated) AS Critical,
        arg_max_null(SecurityUpdatesMissing, TimeGenerated) AS Security,
        arg_max_null(UnclassifiedUpdatesMissing, TimeGenerated) AS Unclassified
    FROM Assessment
    WHERE TimeGenerated <= (SELECT Moment FROM asked)
    GROUP BY SourceComputerId
),
states AS (
    SELECT
        SourceComputerId,
        arg_max(UpdateState, TimeGenerated) AS UpdateState,
        arg_max(Classification, TimeGenerated) AS Classification,
        arg_max(NotInstallableReason, TimeGenerated) AS NotInstallableReason
    FROM UpdateHistory
    WHERE TimeGenerated <= (SELECT Moment FROM asked)
    GROUP BY SourceComputerId, UpdateID, Product, ProductArch
),
important AS (
    SELECT DISTINCT SourceComputerId
    FROM states
    WHERE UpdateState = 'Needed'
        AND Classification IN ('Critical Updates', 'Security Updates')
        AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
),
judged AS (
    SELECT
        asked.Moment,
        enrolled.OSType,
        CASE
            WHEN attempts.FailureKind IN (
                'address-not-found', 'connection-refused', 'connection-timed-out', 'no-banner', 'not-ssh',
                'host-key-unknown', 'host-key-changed', 'no-common-algorithm', 'login-refused', 'login-timed-out',
                'connection-lost', 'certificate-untrusted', 'certificate-changed', 'tls-failed', 'not-winrm',
                'encryption-required', 'clock-skewed', 'bad-configuration'
            ) THEN 'unreachable'
            WHEN attempts.Outcome = 'failed' THEN 'failed'
            WHEN attempts.AttemptedAt IS NULL THEN 'not-assessed'
            WHEN asked.Moment - attempts.AttemptedAt > to_hours(if(enrolled.OSType = 'Windows', 14, 5)) THEN 'stale'
            WHEN coalesce(attempts.Critical, 0) + coalesce(attempts.Security, 0) > 0 THEN 'non-compliant'
            WHEN attempts.Coverage <> 'unknown' AND important.SourceComputerId IS NOT NULL THEN 'non-compliant'
            WHEN attempts.Coverage NOT IN ('complete', 'unclassified') OR attempts.Unclassified > 0 THEN 'unknown'
            ELSE 'compliant'
        END AS Compliance
    FROM enrolled
    CROSS JOIN asked
    LEFT JOIN attempts ON attempts.SourceComputerId = enrolled.SourceComputerId
    LEFT JOIN important ON important.SourceComputerId = enrolled.SourceComputerId
)
SELECT
    Moment,
    Compliance,
    count(*) AS Machines,
    count(*) FILTER (OSType = 'Linux') AS Linux,
    count(*) FILTER (OSType = 'Windows') AS Windows,
    round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS Percent
FROM judged
GROUP BY Moment, Compliance
ORDER BY list_position(
    ['non-compliant', 'unknown', 'stale', 'unreachable', 'failed', 'not-assessed', 'compliant'], Compliance
)
