-- title: Alerts of each rule
-- group: Alerts
-- help: Of a period, how many alerts of each rule opened and were resolved, and how long those had been open. What was
-- help: open before and what opened come to what was resolved and what is still open. An alert counts under the name and
-- help: the severity that its rule had when it last told something of it.
-- param: since string = '30 days': after when, in UTC, as 2026-11-01 or 2026-11-01T18:00, or how long ago
-- param: until string = '0 days': up to and with when, in the same way
-- param: rule string = '*': name of a rule, a pattern with * and ?
-- column: OpenBefore [alerts]: opened before the period and were open when it began
-- column: Opened [alerts]: opened in the period
-- column: Resolved [alerts]: resolved in the period, whenever they opened
-- column: StillOpen [alerts]: open at the end of the period, whenever they opened
-- column: Acknowledged [alerts]: that somebody took in the period, whenever they opened
-- column: MeanHours [hours]: from opening to the end, of those resolved in the period
-- column: P95Hours [hours]: 95 of 100 of those were resolved within so long
-- chart: bar x=AlertName y=Opened,Resolved,StillOpen
WITH period AS (
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
alerts AS (
    SELECT
        AlertId,
        arg_max(AlertName, Sequence) AS AlertName,
        arg_max(AlertSeverity, Sequence) AS AlertSeverity,
        min(TimeRaised) AS Raised,
        max(TimeGenerated) FILTER (AlertState = 'Resolved') AS Ended,
        count(*) FILTER (
            AlertState = 'Acknowledged'
            AND TimeGenerated > (SELECT Since FROM period)
            AND TimeGenerated <= (SELECT Until FROM period)
        ) AS Takes
    FROM Alert
    GROUP BY AlertId
),
placed AS (
    SELECT
        alerts.AlertName,
        alerts.AlertSeverity,
        alerts.Raised <= period.Since AS IsEarlier,
        alerts.Ended IS NOT NULL AND alerts.Ended <= period.Until AS IsResolved,
        alerts.Takes > 0 AS IsTaken,
        date_diff('second', alerts.Raised, alerts.Ended) / 3600.0 AS Hours
    FROM alerts
    CROSS JOIN period
    WHERE alerts.AlertName GLOB $rule
        AND alerts.Raised <= period.Until
        AND (alerts.Ended IS NULL OR alerts.Ended > period.Since)
)
SELECT
    AlertName,
    AlertSeverity,
    count(*) FILTER (IsEarlier) AS OpenBefore,
    count(*) FILTER (NOT IsEarlier) AS Opened,
    count(*) FILTER (IsResolved) AS Resolved,
    count(*) FILTER (NOT IsResolved) AS StillOpen,
    count(*) FILTER (IsTaken) AS Acknowledged,
    round(avg(Hours) FILTER (IsResolved), 1) AS MeanHours,
    round(quantile_cont(Hours, 0.95) FILTER (IsResolved), 1) AS P95Hours
FROM placed
GROUP BY AlertName, AlertSeverity
ORDER BY
    list_position(['Critical', 'Error', 'Warning', 'Informational'], AlertSeverity) NULLS LAST,
    AlertName
