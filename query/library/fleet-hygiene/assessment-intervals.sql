-- title: How often machines are assessed
-- group: Fleet hygiene
-- help: For each enabled machine, the time between the assessments that it answered, and the longest time without one,
-- help: up to now; the longest first. Of a machine with fewer than two answers the mean is not known.
-- param: days int = 30: how far back
-- column: Answers: assessments that it answered
-- column: Failed [assessments]: those that failed
-- column: MeanHours [hours]: mean time between two answers
-- column: LongestHours [hours]: longest time without one, from its enrolment or the beginning of that time up to now
WITH answers AS (
    SELECT
        SourceComputerId,
        TimeGenerated,
        lag(TimeGenerated) OVER (PARTITION BY SourceComputerId ORDER BY TimeGenerated) AS Previous
    FROM Assessment
    WHERE TimeGenerated BETWEEN now() - to_days($days) AND now()
        AND Outcome <> 'failed'
),
gaps AS (
    SELECT
        SourceComputerId,
        count(*) AS Answers,
        min(TimeGenerated) AS FirstAnswer,
        max(TimeGenerated) AS LastAnswer,
        avg(date_diff('second', Previous, TimeGenerated)) / 3600.0 AS MeanHours,
        max(date_diff('second', Previous, TimeGenerated)) AS LongestSeconds
    FROM answers
    GROUP BY SourceComputerId
),
failures AS (
    SELECT
        SourceComputerId,
        count(*) AS Failed
    FROM Assessment
    WHERE TimeGenerated BETWEEN now() - to_days($days) AND now()
        AND Outcome = 'failed'
    GROUP BY SourceComputerId
),
machines AS (
    SELECT
        *,
        greatest(AddedAt, now() - to_days($days)) AS Since
    FROM Machine
    WHERE Enabled
        AND AddedAt <= now()
)
SELECT
    machines.Computer,
    coalesce(gaps.Answers, 0) AS Answers,
    coalesce(failures.Failed, 0) AS Failed,
    round(gaps.MeanHours, 1) AS MeanHours,
    round(
        greatest(
            gaps.LongestSeconds,
            date_diff('second', machines.Since, coalesce(gaps.FirstAnswer, now())),
            date_diff('second', coalesce(gaps.LastAnswer, machines.Since), now())
        ) / 3600.0,
        1
    ) AS LongestHours,
    machines.LastAnswered
FROM machines
LEFT JOIN gaps ON gaps.SourceComputerId = machines.SourceComputerId
LEFT JOIN failures ON failures.SourceComputerId = machines.SourceComputerId
ORDER BY LongestHours DESC, machines.Computer, machines.SourceComputerId
