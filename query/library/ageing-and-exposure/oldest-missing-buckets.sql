-- title: Machines by age of their oldest missing security update
-- group: Ageing and exposure
-- help: Enabled machines by how long ago the oldest critical or security update that they miss was first seen on them.
-- help: A machine that misses none is apart from one of which that is not known, and from one that never answered.
-- column: Bucket: Recent, then steps of 30 days up to 180, then Older; none missing, unknown, never answered
-- column: Percent [%]: share of the enabled machines
-- column: MachineNames: the machines, at most 50 of them
-- chart: bar x=Bucket y=Machines
WITH oldest AS (
    SELECT
        SourceComputerId,
        date_sub('day', min(FirstSeen), now()) AS Days
    FROM Update
    WHERE UpdateState = 'Needed'
        AND Classification IN ('Critical Updates', 'Security Updates')
        AND coalesce(NotInstallableReason, '') NOT IN ('hidden', 'optional')
    GROUP BY SourceComputerId
),
machines AS (
    SELECT
        machine.Computer,
        CASE
            WHEN machine.LastAnswered IS NULL THEN 'never answered'
            WHEN oldest.Days < 30 THEN 'Recent'
            WHEN oldest.Days < 210 THEN format('{} days ago', oldest.Days // 30 * 30)
            WHEN oldest.Days IS NOT NULL THEN 'Older'
            WHEN machine.Coverage NOT IN ('complete', 'unclassified') THEN 'unknown'
            WHEN machine.UnclassifiedUpdatesMissing > 0 THEN 'unknown'
            ELSE 'none missing'
        END AS Bucket,
        CASE
            WHEN oldest.Days IS NOT NULL THEN least(oldest.Days // 30, 7)
            WHEN machine.LastAnswered IS NULL THEN 10
            WHEN machine.Coverage NOT IN ('complete', 'unclassified') OR machine.UnclassifiedUpdatesMissing > 0 THEN 9
            ELSE 8
        END AS Place
    FROM Machine AS machine
    LEFT JOIN oldest ON oldest.SourceComputerId = machine.SourceComputerId
    WHERE machine.Enabled
)
SELECT
    Bucket,
    count(*) AS Machines,
    round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS Percent,
    array_to_string(list_sort(list(Computer))[:50], ', ') AS MachineNames
FROM machines
GROUP BY Bucket
ORDER BY min(Place), Bucket
