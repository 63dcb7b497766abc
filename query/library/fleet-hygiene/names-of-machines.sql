-- title: Names that machines have had
-- group: Fleet hygiene
-- help: Whose history stands under which name, by the assessments and by what is enrolled now: first machines that were
-- help: renamed and names that several machines have had. Machines that are retired or removed are among them.
-- column: FirstAssessed: first assessment under this name; empty if there was none yet
-- column: LastAssessed: last assessment under this name; empty if there was none yet
-- column: HasItNow: whether it is the machine's name now
-- column: IsEnrolled: whether the machine is in the fleet now; not if it was retired or removed
-- column: NamesOfMachine: how many names the machine has had
-- column: MachinesOfName: how many machines have had the name
WITH named AS (
    SELECT
        SourceComputerId,
        Computer,
        TimeGenerated
    FROM Assessment
    UNION ALL
    SELECT
        SourceComputerId,
        Computer,
        NULL AS TimeGenerated
    FROM Machine
),
spans AS (
    SELECT
        SourceComputerId,
        Computer,
        min(TimeGenerated) AS FirstAssessed,
        max(TimeGenerated) AS LastAssessed
    FROM named
    GROUP BY SourceComputerId, Computer
),
counted AS (
    SELECT
        SourceComputerId,
        Computer,
        FirstAssessed,
        LastAssessed,
        count(*) OVER (PARTITION BY SourceComputerId) AS NamesOfMachine,
        count(*) OVER (PARTITION BY Computer) AS MachinesOfName
    FROM spans
)
SELECT
    counted.Computer,
    counted.SourceComputerId,
    counted.FirstAssessed,
    counted.LastAssessed,
    coalesce(Machine.Computer = counted.Computer, false) AS HasItNow,
    Machine.SourceComputerId IS NOT NULL AS IsEnrolled,
    counted.NamesOfMachine,
    counted.MachinesOfName
FROM counted
LEFT JOIN Machine ON Machine.SourceComputerId = counted.SourceComputerId
ORDER BY
    greatest(counted.NamesOfMachine, counted.MachinesOfName) DESC,
    counted.Computer,
    counted.FirstAssessed,
    counted.SourceComputerId
