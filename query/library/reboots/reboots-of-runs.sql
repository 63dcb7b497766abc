-- title: Reboots of each month
-- group: Reboots
-- help: How many machines runs rebooted, how long they were away, and how many came back with another kernel.
-- param: months int = 12: how many months back, this one included
-- column: Month: first day of the month in which the machine's turn ended
-- column: MachineRuns: machines of runs that were begun, each as often as it took part
-- column: Rebooted [machine runs]: those that were rebooted
-- column: NotBack [machine runs]: those of them that did not answer again while the run lasted
-- column: NewKernel [machine runs]: those of them that came back with another kernel
-- column: MedianSeconds [seconds]: half of them were back in that time
-- column: LongestSeconds [seconds]: the one that took longest
-- chart: bar x=Month y=Rebooted
SELECT
    CAST(date_trunc('month', TimeGenerated) AS DATE) AS Month,
    count(*) AS MachineRuns,
    count(*) FILTER (Rebooted) AS Rebooted,
    count(*) FILTER (Rebooted AND RebootSeconds IS NULL) AS NotBack,
    count(*) FILTER (
        Rebooted AND KernelAfter <> '' AND KernelBefore <> '' AND KernelAfter <> KernelBefore
    ) AS NewKernel,
    round(median(RebootSeconds) FILTER (Rebooted), 1) AS MedianSeconds,
    round(max(RebootSeconds) FILTER (Rebooted), 1) AS LongestSeconds
FROM MachineRun
WHERE TimeGenerated >= date_trunc('month', now()) - to_months(CAST($months - 1 AS INTEGER))
    AND Status <> 'NotStarted'
GROUP BY Month
ORDER BY Month
