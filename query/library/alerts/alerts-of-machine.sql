-- title: Alerts about a machine
-- group: Alerts
-- help: What opened about a machine, the newest first: alerts of rules that are split by machine, also with other columns,
-- help: under the name that it had then. Machines that were removed are among them. What is about several machines at
-- help: once is not.
-- param: machine string: a machine's name, a pattern with * and ?
-- param: days int = 365: how far back; what is still open is told however old it is
-- column: AlertState: what was last told: Opened, Repeated, Acknowledged or Resolved
-- column: AlertDescription: what was last found
-- column: ResolvedAt: empty while it is open
-- column: OpenHours [hours]: from when it opened until it was resolved, or until now
-- column: AcknowledgedBy: who last took it; empty if nobody did
WITH named AS (
    SELECT
        SourceComputerId,
        Computer
    FROM Assessment
    WHERE Computer GLOB $machine
    UNION
    SELECT
        SourceComputerId,
        Computer
    FROM Machine
    WHERE Computer GLOB $machine
),
called AS (
    SELECT
        Computer AS Word,
        Computer
    FROM named
    UNION
    SELECT
        SourceComputerId AS Word,
        max(Computer) AS Computer
    FROM named
    GROUP BY SourceComputerId
),
alerts AS (
    SELECT
        AlertId,
        arg_max(AlertName, Sequence) AS AlertName,
        arg_max(AlertSeverity, Sequence) AS AlertSeverity,
        arg_max(AlertState, Sequence) AS AlertState,
        arg_max(AlertKey, Sequence) AS AlertKey,
        arg_max(RuleKind, Sequence) AS RuleKind,
        arg_max(AlertDescription, Sequence) AS AlertDescription,
        min(TimeRaised) AS TimeRaised,
        max(TimeGenerated) FILTER (AlertState = 'Resolved') AS ResolvedAt,
        arg_max(Caller, Sequence) FILTER (AlertState = 'Acknowledged') AS AcknowledgedBy
    FROM Alert
    GROUP BY AlertId
),
words AS (
    SELECT
        AlertId,
        ' / ' || AlertKey || ' / ' AS Parts,
        unnest(string_split(AlertKey, ' ')) AS Word
    FROM alerts
    WHERE RuleKind <> 'DeploymentRuns'
),
about AS (
    SELECT
        words.AlertId,
        max(called.Computer) AS Computer
    FROM words
    JOIN called ON called.Word = words.Word
    WHERE contains(words.Parts, ' / ' || words.Word || ' / ')
    GROUP BY words.AlertId
)
SELECT
    about.Computer,
    alerts.AlertSeverity,
    alerts.AlertName,
    alerts.AlertState,
    alerts.AlertKey,
    alerts.AlertDescription,
    alerts.TimeRaised,
    alerts.ResolvedAt,
    round(date_diff('second', alerts.TimeRaised, coalesce(alerts.ResolvedAt, now())) / 3600.0, 1) AS OpenHours,
    coalesce(alerts.AcknowledgedBy, '') AS AcknowledgedBy,
    alerts.AlertId
FROM alerts
JOIN about ON about.AlertId = alerts.AlertId
WHERE alerts.ResolvedAt IS NULL
    OR alerts.ResolvedAt >= now() - to_days(CAST($days AS INTEGER))
ORDER BY
    alerts.TimeRaised DESC,
    about.Computer,
    alerts.AlertName,
    alerts.AlertId
