-- title: All that was done to a machine, deployment or anything else
-- group: Audit
-- help: Entries of the audit by what they were done to, by the name that it had at that time, oldest first.
-- param: target string = '*': its name, a pattern with * and ?
-- column: Before: what it was, JSON; empty where there was nothing
-- column: After: what it is since, JSON; empty where nothing is left
SELECT
    Target,
    TimeGenerated,
    OperationName,
    Caller,
    Before,
    After,
    Sequence
FROM Audit
WHERE Target GLOB $target
ORDER BY
    Target,
    Sequence,
    Hash
