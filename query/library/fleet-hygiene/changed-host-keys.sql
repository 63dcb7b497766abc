-- title: Machines whose host key has changed
-- group: Fleet hygiene
-- help: Enabled machines that showed another host key than the one that is trusted when they were last asked: they were
-- help: installed anew, or something else answers in their place. Nobody logged in.
-- column: LastAssessed: when they showed it
-- column: LastAnswered: when the trusted key was last shown and they answered; empty if never
-- column: FailureText: both keys, and what to do
SELECT
    Computer,
    Address,
    LastAssessed,
    LastAnswered,
    FailureText
FROM Machine
WHERE Enabled
    AND InScope IS NOT FALSE
    AND LastOutcome = 'failed'
    AND FailureKind = 'host-key-changed'
ORDER BY LastAssessed, Computer, SourceComputerId
