-- title: Missing updates of each day
-- group: Trends
-- help: How many updates were missing on the machines that answered on a day, by each machine's last answer of that
-- help: day. Fewer machines that answer make the sums smaller, so they stand beside them.
-- param: days int = 30: how far back
-- column: Machines: machines that answered on that day
-- column: Critical [updates]: critical ones, over all of them
-- column: Security [updates]: security ones, of those that could tell
-- column: Others [updates]: others
-- column: CouldNotTell [machines]: those that could not say how many security updates they miss
-- column: PerMachine [updates]: critical and security ones a machine, of those that could tell; empty if none could
-- chart: line x=Day y=Critical,Security
WITH calendar AS (
    SELECT CAST(unnest(range(current_date - $days + 1, current_date + 1, INTERVAL 1 DAY)) AS DATE) AS Day
),
answers AS (
    SELECT
        SourceComputerId,
        Day,
        arg_max_null(CriticalUpdatesMissing, TimeGenerated) AS Critical,
        arg_max_null(SecurityUpdatesMissing, TimeGenerated) AS Security,
        arg_max_null(OtherUpdatesMissing, TimeGenerated) AS Others
    FROM UpdateSummary
    WHERE Day >= current_date - $days + 1
    GROUP BY SourceComputerId, Day
)
SELECT
    calendar.Day,
    count(answers.SourceComputerId) AS Machines,
    coalesce(sum(answers.Critical), 0) AS Critical,
    coalesce(sum(answers.Security), 0) AS Security,
    coalesce(sum(answers.Others), 0) AS Others,
    count(*) FILTER (answers.SourceComputerId IS NOT NULL AND answers.Security IS NULL) AS CouldNotTell,
    round(avg(answers.Critical + answers.Security), 2) AS PerMachine
FROM calendar
LEFT JOIN answers ON answers.Day = calendar.Day
GROUP BY calendar.Day
ORDER BY calendar.Day
