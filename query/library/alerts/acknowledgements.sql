-- title: Who took which alert, and how soon
-- group: Alerts
-- help: One row each time that somebody acknowledged an alert, the newest first.
-- param: days int = 90: how far back
-- param: by string = '*': who did, a pattern with * and ?
-- column: Caller: who acknowledged it
-- column: AlertKey: a machine, a deployment or a run; empty for the whole fleet
-- column: Minutes [minutes]: from when it opened until then
-- column: IsFirst: whether nobody had taken it before
-- column: Note: what they said
-- column: ResolvedAt: when it was resolved since; empty while it is open
WITH taken AS (
    SELECT
        AlertId,
        min(Sequence) AS First
    FROM Alert
    WHERE AlertState = 'Acknowledged'
    GROUP BY AlertId
),
ended AS (
    SELECT
        AlertId,
        max(TimeGenerated) AS ResolvedAt
    FROM Alert
    WHERE AlertState = 'Resolved'
    GROUP BY AlertId
)
SELECT
    Alert.TimeGenerated,
    Alert.Caller,
    Alert.AlertSeverity,
    Alert.AlertName,
    Alert.AlertKey,
    round(date_diff('second', Alert.TimeRaised, Alert.TimeGenerated) / 60.0, 1) AS Minutes,
    taken.First = Alert.Sequence AS IsFirst,
    Alert.Note,
    ended.ResolvedAt,
    Alert.AlertId
FROM Alert
JOIN taken ON taken.AlertId = Alert.AlertId
LEFT JOIN ended ON ended.AlertId = Alert.AlertId
WHERE Alert.AlertState = 'Acknowledged'
    AND Alert.TimeGenerated >= now() - to_days(CAST($days AS INTEGER))
    AND Alert.Caller GLOB $by
ORDER BY Alert.Sequence DESC
