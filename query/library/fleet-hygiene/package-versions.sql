-- title: Versions of each package across the fleet
-- group: Fleet hygiene
-- help: Which versions of a package enabled machines have, as far as updates tell: of a machine that misses an update
-- help: of it, the installed version; of others, what was last found installed. Machines that never were offered an
-- help: update of a package, or where it fell away, are in no row.
-- param: product string = '*': a package, a pattern with * and ?
-- param: versions int = 2: only packages of which there are at least so many versions
-- column: Versions: different versions of the package that the fleet has
-- column: Missing [machines]: those with this version that miss an update of the package
-- column: MachineNames: the machines, at most 50 of them
WITH latest AS (
    SELECT
        SourceComputerId,
        arg_max(Computer, TimeGenerated) AS Computer,
        OSType,
        Product,
        ProductArch,
        arg_max(UpdateState, TimeGenerated) AS UpdateState,
        arg_max(
            CASE UpdateState
                WHEN 'Installed' THEN ProductVersion
                ELSE InstalledVersion
            END,
            TimeGenerated
        ) AS Version
    FROM Update
    WHERE OSType <> 'Windows'
        AND Product GLOB $product
    GROUP BY SourceComputerId, OSType, Product, ProductArch
),
counted AS (
    SELECT
        latest.Product,
        latest.Version,
        count(DISTINCT latest.SourceComputerId) AS Machines,
        count(DISTINCT latest.SourceComputerId) FILTER (latest.UpdateState = 'Needed') AS Missing,
        array_to_string(list_sort(list(DISTINCT machine.Computer))[:50], ', ') AS MachineNames
    FROM latest
    JOIN Machine AS machine ON machine.SourceComputerId = latest.SourceComputerId
    WHERE machine.Enabled
        AND latest.UpdateState IN ('Needed', 'Installed')
        AND latest.Version <> ''
    GROUP BY latest.Product, latest.Version
)
SELECT
    Product,
    count(*) OVER (PARTITION BY Product) AS Versions,
    Version,
    Machines,
    Missing,
    MachineNames
FROM counted
QUALIFY Versions >= $versions
ORDER BY Versions DESC, Product, Machines DESC, Version
