-- title: Reboots pending, and since when
-- group: Reboots
-- help: Enabled machines that must be rebooted, by how long every answer has said so, the longest first. Answers that
-- help: cannot tell are passed over. Where the answers that are looked at all say so, it may have been pending for longer.
-- param: at_least_days int = 0: pending for at least so many days
-- param: days int = 180: how far back answers are looked at
-- column: PendingSince: the first of the answers in a row that say so
-- column: PendingDays [days]: since then
-- column: IsOlder: whether it may have been pending for longer than the answers that were looked at
-- column: UpDays [days]: since the machine was booted
WITH answers AS (
    SELECT
        SourceComputerId,
        TimeGenerated,
        RestartPending
    FROM UpdateSummary
    WHERE TimeGenerated >= now() - to_days($days)
        AND RestartPending IS NOT NULL
),
others AS (
    SELECT
        SourceComputerId,
        max(TimeGenerated) AS LastOther
    FROM answers
    WHERE NOT RestartPending
    GROUP BY SourceComputerId
),
pending AS (
    SELECT
        answers.SourceComputerId,
        min(answers.TimeGenerated) AS PendingSince,
        others.LastOther IS NULL AS IsOlder
    FROM answers
    LEFT JOIN others ON others.SourceComputerId = answers.SourceComputerId
    WHERE others.LastOther IS NULL
        OR answers.TimeGenerated > others.LastOther
    GROUP BY answers.SourceComputerId, others.LastOther
)
SELECT
    machine.Computer,
    machine.OSType,
    pending.PendingSince,
    date_sub('day', pending.PendingSince, now()) AS PendingDays,
    pending.IsOlder,
    machine.RebootReason,
    date_sub('day', machine.BootedAt, now()) AS UpDays,
    machine.LastAnswered
FROM pending
JOIN Machine AS machine ON machine.SourceComputerId = pending.SourceComputerId
WHERE machine.Enabled
    AND machine.InScope IS NOT FALSE
    AND pending.PendingSince <= now() - to_days($at_least_days)
ORDER BY pending.PendingSince, machine.Computer, machine.SourceComputerId
