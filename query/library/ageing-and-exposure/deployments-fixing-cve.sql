-- title: Which deployments would fix a CVE
-- group: Ageing and exposure
-- help: Of the machines that miss an update which mends the CVE, those that each deployment would bring it to. Judged
-- help: by the deployment's last run: its machines, and its classes and masks, for definitions are in no table; so one
-- help: that was changed or added since, or whose groups changed, is not known here. Exclusions with a date, the
-- help: minimum age and masks with a version are left to the preview. The last row has the machines that no such run
-- help: took in.
-- param: cve string = '*': the CVE, a pattern with * and ?; upper and lower case are the same
-- column: UpdateRunName: the deployment; empty in the row of machines that no deployment took in
-- column: LastRun: when its last run began
-- column: Lacking [machines]: enabled machines that miss an update which mends the CVE, in all
-- column: Reached [machines]: those of them that the last run took in
-- column: WouldFix [machines]: those of them that it would bring all such updates that they miss
-- column: LeftOutByRules [machines]: those on which its classes or masks leave one out
-- column: NotInstallable [machines]: those on which it asks for all, but an ordinary upgrade would not install one
-- column: MachineNames: those that it would fix, at most 50 of them; in the last row those that nothing reaches
WITH lacked AS (
    SELECT
        u.SourceComputerId,
        u.Computer,
        u.Product,
        u.KBID,
        u.Classification,
        u.IsInstallable
    FROM Update AS u
    JOIN Machine AS m ON m.SourceComputerId = u.SourceComputerId
    WHERE u.UpdateState = 'Needed'
        AND m.Enabled
        AND len(list_filter(string_split(u.CVENumbers, ';'), lambda cve: cve GLOB upper(trim($cve)))) > 0
),
runs AS (
    SELECT
        UpdateRunName,
        arg_max(CorrelationId, (StartTime, TimeGenerated)) AS CorrelationId,
        arg_max(Settings, (StartTime, TimeGenerated)) AS Settings,
        max(StartTime) AS LastRun
    FROM DeploymentRun
    GROUP BY UpdateRunName
),
rules AS (
    SELECT
        UpdateRunName,
        CorrelationId,
        LastRun,
        from_json(Settings -> 'classifications', '["VARCHAR"]') AS Classes,
        coalesce(from_json(Settings -> 'include', '["VARCHAR"]'), []) AS Included,
        coalesce(from_json(Settings -> 'exclude', '["VARCHAR"]'), []) AS Excluded
    FROM runs
),
reached AS (
    SELECT DISTINCT
        rules.UpdateRunName,
        machine_run.SourceComputerId
    FROM MachineRun AS machine_run
    JOIN rules ON rules.CorrelationId = machine_run.CorrelationId
),
judged AS (
    SELECT
        reached.UpdateRunName,
        lacked.SourceComputerId,
        lacked.Computer,
        bool_and(
            (
                list_contains(rules.Classes, lacked.Classification)
                OR len(list_filter(
                    rules.Included,
                    lambda mask: lacked.Product GLOB mask OR (lacked.KBID <> '' AND lacked.KBID = ltrim(mask, 'KBkb'))
                )) > 0
            )
            AND len(list_filter(
                rules.Excluded,
                lambda mask: lacked.Product GLOB mask OR (lacked.KBID <> '' AND lacked.KBID = ltrim(mask, 'KBkb'))
            )) = 0
        ) AS IsAskedFor,
        bool_and(lacked.IsInstallable) AS IsInstallable
    FROM lacked
    JOIN reached ON reached.SourceComputerId = lacked.SourceComputerId
    JOIN rules ON rules.UpdateRunName = reached.UpdateRunName
    GROUP BY reached.UpdateRunName, lacked.SourceComputerId, lacked.Computer
)
SELECT
    rules.UpdateRunName,
    rules.LastRun,
    (SELECT count(DISTINCT SourceComputerId) FROM lacked) AS Lacking,
    count(*) AS Reached,
    count(*) FILTER (judged.IsAskedFor AND judged.IsInstallable) AS WouldFix,
    count(*) FILTER (NOT judged.IsAskedFor) AS LeftOutByRules,
    count(*) FILTER (judged.IsAskedFor AND NOT judged.IsInstallable) AS NotInstallable,
    array_to_string(
        list_sort(list(judged.Computer) FILTER (judged.IsAskedFor AND judged.IsInstallable))[:50], ', '
    ) AS MachineNames
FROM judged
JOIN rules ON rules.UpdateRunName = judged.UpdateRunName
GROUP BY rules.UpdateRunName, rules.LastRun
UNION ALL
SELECT
    NULL AS UpdateRunName,
    NULL AS LastRun,
    count(DISTINCT SourceComputerId) AS Lacking,
    0 AS Reached,
    0 AS WouldFix,
    0 AS LeftOutByRules,
    0 AS NotInstallable,
    array_to_string(
        list_sort(
            list(DISTINCT Computer) FILTER (SourceComputerId NOT IN (SELECT SourceComputerId FROM reached))
        )[:50],
        ', '
    ) AS MachineNames
FROM lacked
ORDER BY UpdateRunName NULLS LAST
