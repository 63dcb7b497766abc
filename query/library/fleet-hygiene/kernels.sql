-- title: Kernels that run, by version
-- group: Fleet hygiene
-- help: The running kernels of enabled machines by system, and on how many of them a reboot waits; on Windows the
-- help: build.
-- param: machine string = '*': a machine's name, a pattern with * and ?
-- column: Kernel: the running one; empty if unknown
-- column: RebootRequired [machines]: those that must be rebooted
-- column: RebootUnknown [machines]: those that could not tell whether they must
-- column: LongestUp [days]: since the first of them was booted; empty if unknown
-- column: MachineNames: the machines, at most 50 of them
SELECT
    OSName,
    OSVersion,
    Architecture,
    Kernel,
    count(*) AS Machines,
    count(*) FILTER (RebootRequired = 'yes') AS RebootRequired,
    count(*) FILTER (RebootRequired = 'unknown') AS RebootUnknown,
    date_sub('day', min(BootedAt), now()) AS LongestUp,
    array_to_string(list_sort(list(Computer))[:50], ', ') AS MachineNames
FROM Machine
WHERE Enabled
    AND LastAnswered IS NOT NULL
    AND Computer GLOB $machine
GROUP BY OSName, OSVersion, Architecture, Kernel
ORDER BY OSName, OSVersion, Architecture, Machines DESC, Kernel
