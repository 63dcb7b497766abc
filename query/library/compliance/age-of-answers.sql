-- title: Age of what is known
-- group: Compliance
-- help: How old the answers are on which all else rests, in one row.
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: Machines: chosen machines, disabled ones too
-- column: Answered [machines]: those that ever answered
-- column: Fresh [machines]: those that answered in the last 5 hours, on Windows 14
-- column: OldestAnswer: the last answer of the machine that has been silent for the longest
-- column: NewestAnswer: the last answer of all
-- column: MedianHours [hours]: half of the answers are no older
WITH named AS (
    SELECT unnest(string_split($machines, ',')) AS Name
),
chosen AS (
    SELECT SourceComputerId
    FROM Machine
    WHERE $machines = '*'
        OR SourceComputerId IN (SELECT Name FROM named)
        OR Computer IN (SELECT Name FROM named)
)
SELECT
    count(*) AS Machines,
    count(m.LastAnswered) AS Answered,
    count(*) FILTER (now() - m.LastAnswered <= to_hours(if(m.OSType = 'Windows', 14, 5))) AS Fresh,
    min(m.LastAnswered) AS OldestAnswer,
    max(m.LastAnswered) AS NewestAnswer,
    round(median(date_diff('second', m.LastAnswered, now())) / 3600.0, 1) AS MedianHours
FROM Machine AS m
JOIN chosen AS c ON c.SourceComputerId = m.SourceComputerId
