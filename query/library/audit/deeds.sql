-- title: Who did what, the newest first
-- group: Audit
-- help: Entries of the audit. In a pattern, * stands for anything: '*alice*' is also found where alice had become root.
-- param: days int = 90: how far back
-- param: by string = '*': who did it, a pattern with * and ?
-- param: action string = '*': what was done, a pattern: machine.*, deployment.add
-- column: Caller: user; in brackets who logged in and became that user
-- column: CallerIpAddress: where their SSH session came from; empty where it was none
SELECT
    TimeGenerated,
    Caller,
    CallerIpAddress,
    OperationName,
    Target,
    Command,
    Sequence
FROM Audit
WHERE TimeGenerated >= now() - to_days(CAST($days AS INTEGER))
    AND Caller GLOB $by
    AND OperationName GLOB $action
ORDER BY
    Sequence DESC,
    Hash
