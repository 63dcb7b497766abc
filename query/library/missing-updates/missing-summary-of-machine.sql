-- title: Missing updates of one machine, counted
-- group: Missing updates
-- help: How many updates a machine misses by class, and since when it answers so. Empty counts are unknown, not none:
-- help: it never answered, or could not tell.
-- param: machine string = '*': a machine's name, a pattern with * and ?
-- column: Total [updates]: missing in all at the last answer
-- column: Critical [updates]: critical ones
-- column: Security [updates]: security ones
-- column: Others [updates]: all others of a known class
-- column: Unclassified [updates]: those of which no class is known
-- column: NotInstallable [updates]: those of all that an ordinary upgrade would not install
-- column: Coverage: how whole the answer was; empty if there was none
SELECT
    Computer,
    OSType,
    if(
        Coverage IN ('complete', 'unclassified'),
        CriticalUpdatesMissing
            + coalesce(SecurityUpdatesMissing, 0)
            + OtherUpdatesMissing
            + coalesce(UnclassifiedUpdatesMissing, 0),
        NULL
    ) AS Total,
    CriticalUpdatesMissing AS Critical,
    SecurityUpdatesMissing AS Security,
    OtherUpdatesMissing AS Others,
    UnclassifiedUpdatesMissing AS Unclassified,
    NotInstallableMissing AS NotInstallable,
    Coverage,
    LastAnswered
FROM Machine
WHERE Computer GLOB $machine
ORDER BY Computer, SourceComputerId
