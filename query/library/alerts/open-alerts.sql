-- title: Alerts that are open
-- group: Alerts
-- help: One row for each alert that was not resolved, the gravest and then the oldest first. Who acknowledged it is told
-- help: until it is told again because it got worse.
-- param: rule string = '*': name of a rule, a pattern with * and ?
-- param: only_unacknowledged bool = false: only those that nobody has taken
-- column: AlertKey: a machine, a deployment or a run; empty for the whole fleet
-- column: AlertDescription: what was found when it was last told or acknowledged
-- column: Value: what was measured then
-- column: OpenHours [hours]: since it opened
-- column: AcknowledgedBy: who has taken it; empty if nobody has
-- column: AcknowledgedAt: when; empty if nobody has
-- column: Note: what they said
WITH newest AS (
    SELECT
        AlertId,
        max(Sequence) AS Sequence
    FROM Alert
    GROUP BY AlertId
)
SELECT
    Alert.AlertSeverity,
    Alert.AlertName,
    Alert.AlertKey,
    Alert.AlertDescription,
    Alert.Value,
    Alert.Threshold,
    Alert.TimeRaised,
    round(date_diff('second', Alert.TimeRaised, now()) / 3600.0, 1) AS OpenHours,
    Alert.AlertState = 'Acknowledged' AS IsAcknowledged,
    CASE WHEN Alert.AlertState = 'Acknowledged' THEN Alert.Caller ELSE '' END AS AcknowledgedBy,
    CASE WHEN Alert.AlertState = 'Acknowledged' THEN Alert.TimeGenerated END AS AcknowledgedAt,
    CASE WHEN Alert.AlertState = 'Acknowledged' THEN Alert.Note ELSE '' END AS Note,
    Alert.AlertId
FROM Alert
JOIN newest ON newest.AlertId = Alert.AlertId AND newest.Sequence = Alert.Sequence
WHERE Alert.AlertState <> 'Resolved'
    AND Alert.AlertName GLOB $rule
    AND (NOT $only_unacknowledged OR Alert.AlertState <> 'Acknowledged')
ORDER BY
    list_position(['Critical', 'Error', 'Warning', 'Informational'], Alert.AlertSeverity) NULLS LAST,
    Alert.TimeRaised,
    Alert.Sequence
