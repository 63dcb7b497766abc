-- title: Machines not assessed lately
-- group: Compliance
-- help: Enabled machines inside the scope that have not answered for some hours, or never; those that never did come
-- help: first.
-- param: hours int = 24: without an answer for at least so long
-- column: HoursSince [hours]: since the last answer; empty if there was none
SELECT
    Computer,
    OSType,
    LastAnswered,
    round(date_diff('minute', LastAnswered, now()) / 60, 1) AS HoursSince,
    LastAssessed,
    LastOutcome,
    FailureKind,
    FailureText
FROM Machine
WHERE Enabled
    AND InScope IS NOT FALSE
    AND (LastAnswered IS NULL OR LastAnswered < now() - to_hours($hours))
ORDER BY LastAnswered NULLS FIRST, Computer
