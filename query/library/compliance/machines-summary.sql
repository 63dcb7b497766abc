-- title: Machines by what they need
-- group: Compliance
-- help: The fleet in one row a system: how many machines need something, and of how many that is not known. A machine
-- help: that needs updates of two classes counts in both.
-- column: OSType: Linux, Windows, or unknown until a first answer
-- column: Machines: enabled machines inside the scope
-- column: Assessed: those of them with a fresh answer, of the last 5 hours, on Windows 14
-- column: NeedCritical [machines]: fresh ones that miss a critical update
-- column: NeedSecurity [machines]: fresh ones that miss a security update
-- column: NeedOthers [machines]: fresh ones that miss any other update, definitions apart
-- column: NeedNothing [machines]: fresh ones that saw every update and miss none
-- column: NeedUnknown [machines]: fresh ones that are known to miss none, but could not see every update
-- column: NotAssessed [machines]: those without a fresh answer
-- column: Disabled [machines]: disabled ones, counted nowhere else
-- column: OutsideScope [machines]: enabled ones that the scope leaves out, counted nowhere else
WITH needs AS (
    SELECT
        SourceComputerId,
        bool_or(Classification = 'Critical Updates') AS Critical,
        bool_or(Classification = 'Security Updates') AS Security,
        bool_or(Classification NOT IN ('Critical Updates', 'Security Updates')) AS Others
    FROM Update
    WHERE UpdateState = 'Needed'
        AND Classification <> 'Definition Updates'
        AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
    GROUP BY SourceComputerId
),
machines AS (
    SELECT
        coalesce(nullif(m.OSType, ''), 'unknown') AS OSType,
        m.Enabled,
        m.Enabled AND m.InScope IS NOT FALSE AS IsMeant,
        m.Coverage,
        m.Enabled
            AND m.InScope IS NOT FALSE
            AND m.LastOutcome <> 'failed'
            AND m.LastAnswered IS NOT NULL
            AND now() - m.LastAnswered <= to_hours(if(m.OSType = 'Windows', 14, 5)) AS IsFresh,
        needs.Critical,
        needs.Security,
        needs.Others
    FROM Machine AS m
    LEFT JOIN needs ON needs.SourceComputerId = m.SourceComputerId
)
SELECT
    OSType,
    count(*) FILTER (IsMeant) AS Machines,
    count(*) FILTER (IsFresh) AS Assessed,
    count(*) FILTER (IsFresh AND Critical) AS NeedCritical,
    count(*) FILTER (IsFresh AND Security) AS NeedSecurity,
    count(*) FILTER (IsFresh AND Others) AS NeedOthers,
    count(*) FILTER (IsFresh AND Critical IS NULL AND Coverage IN ('complete', 'unclassified')) AS NeedNothing,
    count(*) FILTER (IsFresh AND Critical IS NULL AND Coverage NOT IN ('complete', 'unclassified')) AS NeedUnknown,
    count(*) FILTER (IsMeant AND NOT IsFresh) AS NotAssessed,
    count(*) FILTER (NOT Enabled) AS Disabled,
    count(*) FILTER (Enabled AND NOT IsMeant) AS OutsideScope
FROM machines
GROUP BY OSType
ORDER BY OSType
