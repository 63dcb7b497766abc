-- title: Machines silent for long
-- group: Compliance
-- help: Enabled machines inside the scope that have not answered for some hours, those that are silent for longest
-- help: first. One that never answered counts from when it was added.
-- param: hours int = 24: silent for at least so long
-- column: SilentHours [hours]: since the last answer, or since it was added
SELECT
    Computer,
    round(date_diff('minute', coalesce(LastAnswered, AddedAt), now()) / 60, 1) AS SilentHours,
    FailureKind,
    FailureText,
    LastAnswered,
    LastAssessed,
    AddedAt
FROM Machine
WHERE Enabled
    AND InScope IS NOT FALSE
    AND coalesce(LastAnswered, AddedAt) < now() - to_hours($hours)
ORDER BY SilentHours DESC, Computer, SourceComputerId
