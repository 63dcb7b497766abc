-- title: Machines that are left out
-- group: Fleet hygiene
-- help: Machines that nothing is done to, though they are enrolled: disabled, or outside of the scope; with what was
-- help: known of them last.
-- param: machines string = '*': ids or names of machines, separated by commas; * for all
-- column: LeftOut: disabled or outside-scope
-- column: Critical [updates]: missing at the last answer; empty if it never answered
-- column: Security [updates]: missing at the last answer; empty if it never answered
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
    m.Computer,
    if(NOT m.Enabled, 'disabled', 'outside-scope') AS LeftOut,
    coalesce(nullif(m.OSFullName, ''), m.OSType) AS System,
    if(m.LastAnswered IS NULL, NULL, m.CriticalUpdatesMissing) AS Critical,
    if(m.LastAnswered IS NULL, NULL, m.SecurityUpdatesMissing) AS Security,
    m.LastAnswered
FROM Machine AS m
JOIN chosen AS c ON c.SourceComputerId = m.SourceComputerId
WHERE NOT m.Enabled
    OR NOT m.InScope
ORDER BY LeftOut, m.Computer, m.SourceComputerId
